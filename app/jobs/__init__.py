"""Pictures and files that clients send: the processes that analyse them, and jobs that survive a restart."""
