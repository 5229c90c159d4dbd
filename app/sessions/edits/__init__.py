"""What people add to a recorded session: names, tags, markers, and who is who. Rows are never changed."""
