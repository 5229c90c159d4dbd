"""How many threads the vision process computes with: chosen here, once, for every library."""

from __future__ import annotations

# The networks and pictures are so small that a second thread gains them next to nothing, and it would take the core on
# which the camera's thread decodes and the web process sends. FFmpeg holds a picture back for every further thread that
# decodes: a stream would be seen later, and later still on a computer with more cores.
THREADS = 1

# What NumPy's, SciPy's and OpenCV's linear algebra and OpenCV's FFmpeg go by, if they find it when they are loaded.
ENVIRONMENT = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "OPENCV_FFMPEG_THREADS"), str(THREADS))
