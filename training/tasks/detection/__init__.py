"""Training of the face detector: crops of whole scenes, targets by cell, losses."""
