"""The vision process: the frame pipeline and the loop around it."""
