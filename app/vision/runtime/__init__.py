"""The process itself: native log output, thread limits and the stall timer."""
