"""Child processes of the server: how one is started, and the supervision of vision processes."""
