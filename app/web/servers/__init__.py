"""The web servers that can run the app: eventlet's, and gunicorn's with threads. Import only the one in use."""
