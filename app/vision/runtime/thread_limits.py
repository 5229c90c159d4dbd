"""Number of compute threads of the vision process, for all libraries."""

from __future__ import annotations

# Networks and images are so small that a second thread hardly helps, and it would take the core on which the camera
# thread decodes and the web process sends. FFmpeg delays a stream by one frame per additional decoder thread.
THREADS = 1

# Read by NumPy's, SciPy's and OpenCV's linear algebra and by OpenCV's FFmpeg when they are loaded.
THREAD_ENVIRONMENT = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "OPENCV_FFMPEG_THREADS"), str(THREADS))
