"""List the sources that a viewer can choose from."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import cv2

from app.source_names import without_credentials
from app.vision.capture.frame_source import source_kind, source_name

# Webcam indices that are probed where the system does not list devices; probing a missing one takes time.
PROBED_INDICES = range(5)


def list_cameras(configured: str, find_webcams: Callable[[], dict[str, str]] | None = None) -> list[dict[str, str]]:
    """List `{"source", "name"}` of all webcams, of the configured source if it is another one, browser and demo.

    Args:
        configured: Source of the settings.
        find_webcams: Returns names by source; tests inject their own.
    """
    webcams = (find_webcams or _webcams)()
    cameras = [{"source": source, "name": name} for source, name in webcams.items()]
    if source_kind(configured) in ("file", "folder", "stream"):
        shown = without_credentials(configured)
        cameras.append({"source": shown, "name": shown if "://" in shown else Path(shown).name})
    return [*cameras, *({"source": kind, "name": source_name(kind, kind)} for kind in ("browser", "demo"))]


def _webcams() -> dict[str, str]:
    if sys.platform.startswith("linux"):
        return linux_webcams(Path("/sys/class/video4linux"))
    return {str(index): f"Webcam {index}" for index in PROBED_INDICES if _opens(index)}


def linux_webcams(devices: Path) -> dict[str, str]:
    """Webcam names by index as the kernel lists them; only the first node of a device delivers frames."""
    names: dict[str, str] = {}
    for device in sorted(devices.glob("video*"), key=lambda path: (len(path.name), path.name)):
        try:
            name = (device / "name").read_text().strip()
            first = (device / "index").read_text().strip() == "0"
        except OSError:
            continue
        if first:
            names[device.name.removeprefix("video")] = name or f"Webcam {device.name}"
    return names


def _opens(index: int) -> bool:
    capture = cv2.VideoCapture(index)
    try:
        return capture.isOpened()
    finally:
        capture.release()
