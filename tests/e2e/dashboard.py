"""The live page as a person uses it."""

from __future__ import annotations

import base64
import re
from urllib.parse import parse_qs, urlsplit

import cv2
import numpy as np
from playwright.sync_api import Page, expect

from tests.e2e.server import wait_until

CHANGED = 24  # levels by which a pixel must differ to count; above what JPEG does

PAINTED = """() => {
    const picture = document.getElementById("picture");
    const canvas = new OffscreenCanvas(picture.naturalWidth, picture.naturalHeight);
    canvas.getContext("2d").drawImage(picture, 0, 0);
    return canvas.convertToBlob().then((blob) => new Promise((resolve) => {
        const reader = new FileReader();
        reader.onload = () => resolve(reader.result);
        reader.readAsDataURL(blob);
    }));
}"""


class Dashboard:
    """Wraps a page that shows `/`."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.picture = page.locator("#picture")

    def wait_for(self, state: str) -> None:
        """Wait until the badge says `state`."""
        expect(self.page.locator("#badge .badge__label")).to_have_text(state)

    def wait_for_picture(self) -> None:
        self.wait_for("Live")
        self.wait_for_truth("document.getElementById('picture').naturalWidth > 0")

    def wait_for_truth(self, expression: str) -> None:
        """Wait until the JavaScript `expression` holds; the page's own policy refuses Playwright's way to wait."""
        wait_until(lambda: self.page.evaluate(expression), what=expression)

    def shown(self) -> list[str]:
        """What the page asks the server to draw."""
        source = self.picture.get_attribute("src") or ""
        return parse_qs(urlsplit(source).query)["show"][0].split(",") if "=" in source else []

    def pixels(self) -> np.ndarray:
        """The picture that the page shows now, RGB, in its own size."""
        data = np.frombuffer(base64.b64decode(self.page.evaluate(PAINTED).split(",")[1]), np.uint8)
        return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR)[..., ::-1])

    def toggle(self, word: str) -> None:
        self.page.locator(f"[data-show={word}]").click()

    def pixels_after(self, before: np.ndarray) -> np.ndarray:
        """The stage once it differs from `before`."""
        for _ in range(40):
            self.page.wait_for_timeout(100)
            now = self.pixels()
            if changed_pixels(before, now):
                self.page.wait_for_timeout(300)  # the next parts of the stream, should the first be half drawn
                return self.pixels()
        raise AssertionError("the picture stayed as it was for 4 s")

    def start_session(self, name: str) -> None:
        self.page.locator("#session-name").fill(name)
        self.page.locator("#session-button").click()
        expect(self.page.locator("#session-button")).to_have_text("Stop")

    def stop_session(self) -> None:
        self.page.locator("#session-button").click()
        expect(self.page.locator("#session-saved")).to_be_visible()

    def bar_shares(self) -> list[float]:
        rows = self.page.locator("#bars .bar").all()
        return [float(row.evaluate("row => row.style.getPropertyValue('--share')")) for row in rows]

    def counted_seconds(self) -> int:
        """Person-seconds in the live histogram, as it is read out."""
        text = self.page.locator("#histogram").get_attribute("aria-label") or ""
        return sum(int(number) for number in re.findall(r"\d+", text))


def changed_pixels(one: np.ndarray, other: np.ndarray) -> int:
    """How many pixels differ visibly."""
    return int((np.abs(one.astype(int) - other.astype(int)).max(axis=2) > CHANGED).sum())
