"""A browser that gives its camera: its link and pass, its connection, and the frames that it sends."""
