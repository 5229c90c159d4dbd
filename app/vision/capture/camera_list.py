"""List the cameras that a viewer may choose from."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import cv2

from app.settings import without_credentials
from app.vision.capture.frame_source import source_kind

PROBED = range(5)


def list_cameras(configured: str, find_webcams: Callable[[], dict[str, str]] | None = None) -> list[dict[str, str]]:
    """Every choice as `{"source", "name"}`: webcams, the configured source if it is something else, the demo."""
    webcams = (find_webcams or _webcams)()
    cameras = [{"source": source, "name": name} for source, name in webcams.items()]
    if source_kind(configured) in ("file", "folder", "stream"):
        shown = without_credentials(configured)
        cameras.append({"source": shown, "name": shown if "://" in shown else Path(shown).name})
    return [*cameras, {"source": "demo", "name": "Demo scene"}]


def _webcams() -> dict[str, str]:
    if sys.platform.startswith("linux"):
        return linux_webcams(Path("/sys/class/video4linux"))
    return {str(index): f"Webcam {index}" for index in PROBED if _opens(index)}


def linux_webcams(devices: Path) -> dict[str, str]:
    """Names by index, as the kernel lists them; the second and later nodes of a device carry no pictures."""
    found: dict[str, str] = {}
    for device in sorted(devices.glob("video*"), key=lambda path: (len(path.name), path.name)):
        try:
            name = (device / "name").read_text().strip()
            first = (device / "index").read_text().strip() == "0"
        except OSError:
            continue
        if first:
            found[device.name.removeprefix("video")] = name or f"Webcam {device.name}"
    return found


def _opens(index: int) -> bool:
    capture = cv2.VideoCapture(index)
    try:
        return capture.isOpened()
    finally:
        capture.release()
