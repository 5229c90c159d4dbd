"""Files that hold a session, and sessions from such files."""
