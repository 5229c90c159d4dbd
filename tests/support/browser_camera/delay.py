"""Print the delay from a browser's camera to the live page: `python -m tests.support.browser_camera.delay`.

A browser gives its camera, a film with a running number beside a portrait, to the app on this computer; another page of
it shows the live page. Scripts in both read the number back whenever the browser draws: in the camera's own video,
before anything is sent, and in the annotated picture. The delay is the time between the two.
"""

from __future__ import annotations

import argparse
import bisect
import shutil
import statistics
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
from playwright.sync_api import Browser, BrowserType, Page, sync_playwright

from app.paths import ASSETS
from tests.e2e.conftest import BROWSER_COMMANDS
from tests.e2e.dashboard import Dashboard
from tests.e2e.server import Server
from tests.support.browser_camera.fake_camera import FAKE_CAMERA_FPS, launch_with_camera, write_mjpeg
from tests.support.painted_delay.measure import READ_SCRIPT
from tests.support.painted_delay.numbered_pictures import BLOCK_PX, BLOCKS, draw_number

# Numbers of the film, then it begins again; longer than any delay.
FILM_FRAMES = 240
SETTLING_S = 3.0
# A delay above this would be that of the film's next turn.
MAX_DELAY_S = 0.5 * FILM_FRAMES / FAKE_CAMERA_FPS


def numbered_portraits() -> Iterator[np.ndarray]:
    """Pictures with a running number and a face: BGR uint8, shape (480, 640, 3)."""
    portrait = cv2.imread(str(ASSETS / "portraits" / "grace_hopper.jpg"))
    small = cv2.resize(portrait, (320, 375), interpolation=cv2.INTER_AREA)
    for number in range(FILM_FRAMES):
        picture = draw_number(number)
        picture[90:465, 300:620] = small
        yield picture


def measure(chromium: BrowserType, executable: str | None, folder: Path, seconds: float) -> str:
    """Start app and browser, and measure for some seconds; returns the line to print."""
    film = write_mjpeg(folder / "numbers.mjpeg", numbered_portraits())
    server = Server("browser", folder / "data", fps=FAKE_CAMERA_FPS, options=["--no-mirror"])
    browser = launch_with_camera(chromium, executable, film)
    try:
        server.start("waiting")
        return _measure_pages(browser, server.url, seconds)
    finally:
        browser.close()
        server.stop()


def open_camera(browser: Browser, live: Page, **options: object) -> Page:
    """The page of a device that opens the link of the live page and gives its camera."""
    live.wait_for_selector("#camera-link-address[href]")
    camera = browser.new_context(**options).new_page()  # type: ignore[arg-type]
    camera.goto(str(live.get_attribute("#camera-link-address", "href")))
    camera.click("#start")
    return camera


def _measure_pages(browser: Browser, url: str, seconds: float) -> str:
    live = browser.new_page()
    live.goto(url)
    camera = open_camera(browser, live)
    Dashboard(live).wait_for_video()
    live.wait_for_timeout(SETTLING_S * 1000)
    camera.evaluate(READ_SCRIPT, ["camera", BLOCKS, BLOCK_PX])
    live.evaluate(READ_SCRIPT, ["video", BLOCKS, BLOCK_PX])
    before = _counts(camera)
    live.wait_for_timeout(seconds * 1000)
    sent, dropped = (after - first for after, first in zip(_counts(camera), before, strict=True))
    delays_ms = delays(camera.evaluate("window.seenNumbers"), live.evaluate("window.seenNumbers"))
    assert delays_ms, "no number was read from the video"
    p90_ms = delays_ms[round(0.9 * (len(delays_ms) - 1))]
    return (
        f"median {statistics.median(delays_ms):.0f} ms, p90 {p90_ms:.0f} ms from the camera's video to the live page "
        f"({len(delays_ms)} pictures seen; {sent / seconds:.0f} frames a second sent, {dropped} of the camera dropped)"
    )


def _counts(camera: Page) -> tuple[int, int]:
    """Frames that were sent, and frames of the camera that were not."""
    data = camera.evaluate("({...document.getElementById('figures').dataset})")
    return int(data["sent"]), int(data["dropped"])


def delays(given: Sequence[Sequence[float]], shown: Sequence[Sequence[float]]) -> list[float]:
    """Milliseconds from the last time at which a number was given until it was shown, in ascending order."""
    times_s: defaultdict[float, list[float]] = defaultdict(list)
    for number, at_s in given:
        times_s[number].append(at_s)
    found = []
    for number, at_s in shown:
        earlier = bisect.bisect_right(times_s[number], at_s)
        if earlier and at_s - times_s[number][earlier - 1] < MAX_DELAY_S:
            found.append(1000 * (at_s - times_s[number][earlier - 1]))
    return sorted(found)


def main() -> None:
    """Print one line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0, help="duration of the measurement")
    options = parser.parse_args()
    executable = next(filter(None, map(shutil.which, BROWSER_COMMANDS)), None)
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        print(measure(playwright.chromium, executable, Path(folder), options.seconds), flush=True)


if __name__ == "__main__":
    main()
