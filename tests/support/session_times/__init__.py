"""Times of the session page in headless Chromium: to its first chart, to a zoom, and between frames while panning."""
