"""Live state of the server: newest frame, viewers, counters and what the vision process reported."""
