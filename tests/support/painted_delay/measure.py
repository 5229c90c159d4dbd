"""Camera, app and page of the measurement, and what the page has seen."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page

from tests.e2e.dashboard import Dashboard
from tests.e2e.server import Server
from tests.support.painted_delay.numbered_pictures import BLOCK_PX, BLOCKS, NumberedPictures
from tests.support.processes.network_camera import NetworkCamera

SETTLING_S = 2.0

# Notes the time of each new number in an element, the video of the live page or that of a camera.
READ_SCRIPT = """([id, blocks, size]) => {
    const context = new OffscreenCanvas(blocks, 1).getContext("2d", { willReadFrequently: true });
    context.imageSmoothingEnabled = false;
    window.seenNumbers = [];
    let last = -1;
    const read = () => {
        const video = document.getElementById(id);
        context.drawImage(video, 0, 0, blocks * size, size, 0, 0, blocks, 1);
        const levels = context.getImageData(0, 0, blocks, 1).data.filter((_, index) => index % 4 < 3);
        const number = levels.reduce((value, level, bit) => value + (level > 127 ? 2 ** bit : 0), 0);
        if (number !== last) window.seenNumbers.push([number, (performance.timeOrigin + performance.now()) / 1000]);
        last = number;
        requestAnimationFrame(read);
    };
    read();
}"""


@dataclass(frozen=True)
class PaintedDelay:
    """Delays of the pictures that were seen, in ascending order in milliseconds, of `made` pictures."""

    fps: float
    made: int
    delays_ms: Sequence[float]

    @property
    def median_ms(self) -> float:
        """Half of the seen pictures appeared within this time."""
        return statistics.median(self.delays_ms)

    def __str__(self) -> str:
        p90_ms = self.delays_ms[round(0.9 * (len(self.delays_ms) - 1))]
        seen = f"{len(self.delays_ms)} of {self.made} pictures seen"
        return f"{self.fps:g} pictures per second: median {self.median_ms:.0f} ms, p90 {p90_ms:.0f} ms ({seen})"


def measure(browser: Browser, folder: Path, fps: float, seconds: float) -> PaintedDelay:
    """Start camera, app and page, and measure for some seconds."""
    pictures = NumberedPictures()
    camera = NetworkCamera(fps=fps, next_jpeg=pictures)
    server = Server(camera.url, folder, fps=round(fps))
    page = browser.new_page()
    try:
        server.start()
        return _measure_page(page, server.url, pictures, fps, seconds)
    finally:
        page.close()
        server.stop()
        camera.close()


def _measure_page(page: Page, url: str, pictures: NumberedPictures, fps: float, seconds: float) -> PaintedDelay:
    page.goto(url)
    Dashboard(page).wait_for_video()
    page.wait_for_timeout(SETTLING_S * 1000)
    started_s = time.time()
    page.evaluate(READ_SCRIPT, ["video", BLOCKS, BLOCK_PX])
    page.wait_for_timeout(seconds * 1000)
    seen = {int(number): at_s for number, at_s in page.evaluate("window.seenNumbers")}
    made = [number for number, at_s in pictures.made_at_s.items() if at_s >= started_s]
    delays_ms = sorted(1000 * (seen[number] - pictures.made_at_s[number]) for number in made if number in seen)
    assert delays_ms, f"no number was read from the video, only {sorted(seen)}"
    return PaintedDelay(fps, len(made), delays_ms)
