"""A browser whose camera is a file."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from playwright.sync_api import Browser, BrowserType

from tests.e2e.conftest import BROWSER_ARGUMENTS
from tests.support.processes.network_camera import encode_jpeg

# At which Chromium plays an MJPEG file as a camera, in a loop.
FAKE_CAMERA_FPS = 30


def write_mjpeg(file: Path, pictures: Iterable) -> Path:
    """Write pictures, BGR uint8 (height, width, 3), as a film of JPEGs."""
    file.write_bytes(b"".join(map(encode_jpeg, pictures)))
    return file


def launch_with_camera(chromium: BrowserType, executable: str | None, film: Path) -> Browser:
    """A browser that uses the film as its camera, without asking."""
    arguments = [
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={film}",
    ]
    return chromium.launch(executable_path=executable, args=[*BROWSER_ARGUMENTS, *arguments])
