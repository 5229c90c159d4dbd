"""Lessons of the page `/learn`: each is a function from a picture and parameters to numbers and pictures."""
