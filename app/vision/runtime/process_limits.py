"""Limits of processes that hold faces: memory, and no core dumps."""

from __future__ import annotations

import sys
from contextlib import suppress

from app.settings import Settings

# Exit code of the vision process if it reaches its memory limit; BSD's EX_OSERR.
EXIT_OUT_OF_MEMORY = 71
# Models, libraries and a 4K decoder with its reference frames; 0.4 GB were measured.
BASE_BYTES = 1_000_000_000
# An image of a folder is held twice while its colours are converted, each time with four bytes per pixel.
BYTES_PER_IMAGE_PIXEL = 8
# All copies of a frame, most of them while the demo scene is prepared; 82 were measured.
BYTES_PER_FRAME_PIXEL = 100
# `cv2.Error.StsNoMem`; this module is imported where OpenCV is not.
OPENCV_OUT_OF_MEMORY = -4


def memory_limit_bytes(settings: Settings) -> int:
    """Most memory that the vision process may allocate with these settings."""
    image_bytes = settings.max_megapixels * 1e6 * BYTES_PER_IMAGE_PIXEL
    return round(BASE_BYTES + image_bytes + settings.max_side**2 * BYTES_PER_FRAME_PIXEL)


def limit_memory(limit_bytes: int) -> None:
    """Let allocations above the limit fail, on Linux; other systems do not enforce such a limit."""
    if not sys.platform.startswith("linux"):
        return
    import resource

    # Unlike RLIMIT_AS this does not count the files of libraries, which differ between computers.
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    limit = limit_bytes if hard == resource.RLIM_INFINITY else min(limit_bytes, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))


def forbid_core_dumps() -> None:
    """Write no image of the memory to disk after a crash, since it may hold faces."""
    with suppress(ImportError):  # Windows writes none by itself
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def is_out_of_memory(error: BaseException) -> bool:
    """Whether Python or OpenCV could not allocate memory."""
    return isinstance(error, MemoryError) or getattr(error, "code", None) == OPENCV_OUT_OF_MEMORY
