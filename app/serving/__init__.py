"""Start a server from its parts: with the cameras of this computer (`run`), or as a web node (`web`)."""
