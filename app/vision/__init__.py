"""Everything that touches images: capture, detection, tracking, inference, drawing, and the vision process."""
