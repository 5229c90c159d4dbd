"""Page object of the live page."""

from __future__ import annotations

import base64
import re
from urllib.parse import parse_qs, urlsplit

import cv2
import numpy as np
from playwright.sync_api import Page, expect

from tests.e2e.server import wait_until

# Pixels of two frames of the same scene differ by less, although both are compressed as JPEG.
MAX_JPEG_NOISE_LEVELS = 24

READ_FRAME_SCRIPT = """() => {
    const video = document.getElementById("video");
    const canvas = new OffscreenCanvas(video.naturalWidth, video.naturalHeight);
    canvas.getContext("2d").drawImage(video, 0, 0);
    return canvas.convertToBlob().then((blob) => new Promise((resolve) => {
        const reader = new FileReader();
        reader.onload = () => resolve(reader.result);
        reader.readAsDataURL(blob);
    }));
}"""


class Dashboard:
    """Actions and readings on a browser page that shows `/`."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.video = page.locator("#video")

    def wait_for(self, state: str) -> None:
        """Wait until the badge shows `state`."""
        expect(self.page.locator("#badge .badge__label")).to_have_text(state)

    def wait_for_video(self) -> None:
        self.wait_for("Live")
        self.wait_for_condition("document.getElementById('video').naturalWidth > 0")

    def wait_for_condition(self, expression: str) -> None:
        """Wait until the JavaScript `expression` is true; the security policy forbids `page.wait_for_function`."""
        wait_until(lambda: self.page.evaluate(expression), what=expression)

    def requested_overlays(self) -> list[str]:
        """Layers in the URL of the video stream."""
        query = parse_qs(urlsplit(self.video.get_attribute("src") or "").query)
        return query["show"][0].split(",") if "show" in query else []

    def expect_overlays(self, show: str) -> None:
        """Wait until the stream shows exactly these layers, such as `boxes,age`."""
        expect(self.video).to_have_attribute("src", re.compile(rf"^/video_feed\?show={re.escape(show)}&"))

    def pixels(self) -> np.ndarray:
        """Current frame of the page: RGB uint8, shape (height, width, 3)."""
        data = np.frombuffer(base64.b64decode(self.page.evaluate(READ_FRAME_SCRIPT).split(",")[1]), np.uint8)
        return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR)[..., ::-1])

    def toggle(self, word: str) -> None:
        """Press the toggle of an overlay, in the menu if it is there."""
        self.open_menu_of(word)
        self.page.locator(f"[data-show={word}]").click()

    def open_menu_of(self, word: str) -> None:
        """Open the menu if it holds the toggle and is closed."""
        if self.page.locator(f"#more:not([data-open]) [data-show={word}]").count():
            self.page.locator("#more [data-discloses]").click()

    def wait_for_change(self, before: np.ndarray) -> np.ndarray:
        """Current frame once it differs from `before`."""
        for _ in range(40):
            self.page.wait_for_timeout(100)
            now = self.pixels()
            if count_changed_pixels(before, now):
                self.page.wait_for_timeout(300)  # for frames that no longer have the old overlays
                return self.pixels()
        raise AssertionError("the video did not change for 4 s")

    def start_session(self, name: str) -> None:
        self.page.locator("#session-name").fill(name)
        self.page.locator("#session-button").click()
        expect(self.page.locator("#recording")).to_be_visible()

    def stop_session(self) -> None:
        self.page.locator("#recording-stop").click()
        expect(self.page.locator("#session-saved")).to_be_visible()

    def bar_fractions(self) -> list[float]:
        rows = self.page.locator("#bars .bar").all()
        return [float(row.evaluate("row => row.style.getPropertyValue('--share')")) for row in rows]

    def histogram_seconds(self) -> int:
        """Person-seconds of the running session in the live histogram."""
        values = self.page.locator("#session-figures:not([hidden]) #histogram .column__value").all_text_contents()
        return sum(map(int, values))


def count_changed_pixels(first: np.ndarray, second: np.ndarray) -> int:
    """Number of pixels of two RGB uint8 frames (height, width, 3) that differ by more than `MAX_JPEG_NOISE_LEVELS`."""
    difference_levels = np.abs(first.astype(int) - second.astype(int)).max(axis=2)
    return int((difference_levels > MAX_JPEG_NOISE_LEVELS).sum())
