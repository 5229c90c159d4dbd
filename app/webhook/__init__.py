"""Events for another program: markers, and rules on what is in view. Off unless a webhook is configured."""
