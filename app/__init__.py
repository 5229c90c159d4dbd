"""Real-time facial analysis in the browser: the server and the vision process."""

__version__ = "0.1.0"
