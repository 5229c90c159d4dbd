"""HTTP routes and Socket.IO events."""
