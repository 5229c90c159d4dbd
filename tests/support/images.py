"""Image files that are slow or large to decode."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image

START_OF_SCAN, END_OF_IMAGE = b"\xff\xda", b"\xff\xd9"


def write_slow_jpeg(path: Path, scans: int, side: int = 8000) -> None:
    """A progressive JPEG with the same last scan again and again: a few bytes that each pass over the whole image."""
    content = io.BytesIO()
    Image.new("L", (side, side), 90).save(content, "JPEG", progressive=True)
    whole = content.getvalue().removesuffix(END_OF_IMAGE)
    path.write_bytes(whole + scans * whole[whole.rindex(START_OF_SCAN) :] + END_OF_IMAGE)


def write_large(path: Path, side: int, **options: object) -> None:
    """A gray image with a bright middle."""
    image = Image.new("L", (side, side), 90)
    image.paste(200, (side // 4, side // 4, 3 * side // 4, 3 * side // 4))
    image.save(path, **options)
