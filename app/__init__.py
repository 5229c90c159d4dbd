"""Real-time facial analysis in the browser: the server and the vision process."""
