"""The landmark network and landmark-based tracking between detections."""
