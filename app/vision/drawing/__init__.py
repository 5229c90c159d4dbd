"""Annotated images: label chips, face blur, JPEG and video encoding."""
