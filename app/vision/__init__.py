"""Everything that touches pictures: sources, detection, tracking, models, drawing and encoding."""
