"""Image sources: webcam, stream, video file, image folder and demo, and the camera thread that reads them."""
