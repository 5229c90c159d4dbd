"""Child processes of the server: single pictures, and jobs."""
