"""A web node: cameras of other processes in the web app."""
