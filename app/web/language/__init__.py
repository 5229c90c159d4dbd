"""The language of each request."""
