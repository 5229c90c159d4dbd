"""Browsers whose camera is a film, and the delay from such a camera to the live page."""
