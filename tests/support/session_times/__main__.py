"""Print the times for sessions of three hours with 40 people (`python -m tests.support.session_times --rate 1`)."""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import tempfile
from collections.abc import Sequence
from pathlib import Path

import psutil
from playwright.sync_api import Browser, Page, sync_playwright

from app.bench.session_rates import write_session
from app.sessions.store import FILE_NAME, SessionStore
from tests.e2e.conftest import BROWSER_ARGUMENTS, BROWSER_COMMANDS
from tests.support import session_times
from tests.support.server_process import WebProcess

RATES = (1, 10)
SIZE = {"width": 1440, "height": 900}
TIMEOUT_MS = 60_000
# Turns of a wheel: a second and a half of panning at the pace of a touchpad.
WHEEL_EVENTS = 90
WHEEL_PX = 40

# Notes when the first chart is painted and when an answer of the timeline is, and the times between frames.
PROBE = """
window.probe = { firstChartMs: null, timelineMs: [], frames: [] };
const painted = (then) => requestAnimationFrame(() => requestAnimationFrame(() => then(performance.now())));
const isDrawn = (canvas) => {
  const { data } = canvas.getContext("2d").getImageData(0, Math.floor(canvas.height / 2), canvas.width, 1);
  return data.some((value, index) => index % 4 === 3 && value > 0);
};
const look = () => {
  const canvas = document.querySelector("#timeline canvas");
  if (canvas && canvas.width && isDrawn(canvas)) painted((now) => (probe.firstChartMs = now));
  else requestAnimationFrame(look);
};
requestAnimationFrame(look);
const ask = window.fetch;
window.fetch = async (...call) => {
  const answer = await ask(...call);
  if (String(call[0]).includes("/timeline")) {
    const read = answer.json.bind(answer);
    answer.json = async () => { const body = await read(); painted((now) => probe.timelineMs.push(now)); return body; };
  }
  return answer;
};
let last = null;
const tick = (now) => { if (last !== null) probe.frames.push(now - last); last = now; requestAnimationFrame(tick); };
window.addEventListener("load", () => requestAnimationFrame(tick));
"""


CLICK_ZOOM = """() => {
  probe.timelineMs = [];
  document.querySelector('[data-span="in"]').click();
  return performance.now();
}"""


def open_session(browser: Browser, url: str) -> tuple[Page, float]:
    """A page with the session, and the milliseconds to its first chart."""
    page = browser.new_context(viewport=SIZE, bypass_csp=True).new_page()
    page.add_init_script(PROBE)
    page.goto(f"{url}/sessions/1", wait_until="commit", timeout=TIMEOUT_MS)
    page.wait_for_function("probe.firstChartMs !== null", timeout=TIMEOUT_MS)
    return page, float(page.evaluate("probe.firstChartMs"))


def zoom(page: Page) -> float:
    """Milliseconds from a press of `+` to the chart of the shorter span."""
    started_ms = page.evaluate(CLICK_ZOOM)
    page.wait_for_function("probe.timelineMs.length > 0", timeout=TIMEOUT_MS)
    page.wait_for_load_state("networkidle", timeout=TIMEOUT_MS)
    return float(page.evaluate("probe.timelineMs[0]")) - float(started_ms)


def pan(page: Page) -> list[float]:
    """Milliseconds between frames while a wheel pans the timeline."""
    page.locator("#timeline-plot").scroll_into_view_if_needed()
    page.locator("#timeline-plot").hover()
    page.evaluate("probe.frames = []")
    for number in range(WHEEL_EVENTS):
        page.mouse.wheel(WHEEL_PX if number < WHEEL_EVENTS / 2 else -WHEEL_PX, 0)
        page.wait_for_timeout(16)
    frames: list[float] = page.evaluate("probe.frames")
    page.wait_for_load_state("networkidle", timeout=TIMEOUT_MS)
    return frames


class BusyTime:
    """Processor milliseconds of the server and of Chromium since the start, which other programs do not lengthen."""

    def __init__(self, server: WebProcess) -> None:
        self._server = server.process.pid
        self._start = self._read()

    def elapsed_ms(self) -> tuple[float, float]:
        """Of the server, and of Chromium; processes that have ended do not count."""
        spent = {pid: time_s - self._start.get(pid, 0.0) for pid, time_s in self._read().items()}
        return 1000 * spent.pop(self._server), 1000 * sum(spent.values())

    def _read(self) -> dict[int, float]:
        """Seconds by process."""
        processes = psutil.Process().children(recursive=True)
        return {process.pid: sum(process.cpu_times()[:2]) for process in processes}


def measure(browser: Browser, server: WebProcess, repeats: int) -> str:
    """One line for a server whose first session is the one to measure."""
    firsts, zooms, frames = list[float](), list[float](), list[float]()
    busy = list[tuple[float, float]]()
    for _ in range(repeats):
        time_of_first = BusyTime(server)
        page, first_ms = open_session(browser, server.url)
        firsts.append(first_ms)
        busy.append(time_of_first.elapsed_ms())
        page.wait_for_load_state("networkidle", timeout=TIMEOUT_MS)
        zooms += [zoom(page) for _ in range(3)]
        frames += pan(page)
        page.context.close()
    late = sum(one > 34 for one in frames) / len(frames)
    of_server, of_browser = (_spread(one) for one in zip(*busy, strict=True))
    parts = (
        f"first chart {_spread(firsts)} ms (processor: server {of_server}, Chromium {of_browser})",
        f"zoom {_spread(zooms)} ms",
        f"panning {1000 / statistics.mean(frames):.0f} frames per second, {late:.0%} of them later than 34 ms, "
        f"the latest after {max(frames):.0f} ms",
    )
    return "; ".join(parts)


def write_once(folder: Path, hours: float, people: int, rate: int) -> None:
    """Write the session, unless the folder has one."""
    if not (folder / FILE_NAME).exists():
        folder.mkdir(parents=True, exist_ok=True)
        write_session(SessionStore(folder), round(3600 * hours), people, rate)


def main() -> None:
    """Print one line for each rate."""
    parser = argparse.ArgumentParser(description=session_times.__doc__)
    parser.add_argument("--rate", type=int, action="append", help="rows a person and second; may be given again")
    parser.add_argument("--hours", type=float, default=3.0, help="length of the session")
    parser.add_argument("--people", type=int, default=40, help="people in view all the time")
    parser.add_argument("--repeats", type=int, default=5, help="how often the page is opened")
    parser.add_argument("--folder", type=Path, help="keep the sessions here and use them again")
    options = parser.parse_args()
    chromium = next(filter(None, map(shutil.which, BROWSER_COMMANDS)), None)
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as temporary:
        browser = playwright.chromium.launch(executable_path=chromium, args=BROWSER_ARGUMENTS)
        for rate in options.rate or RATES:
            folder = (options.folder or Path(temporary)) / f"rate-{rate}"
            write_once(folder, options.hours, options.people, rate)
            server = WebProcess(folder)
            rows = round(3600 * options.hours) * options.people * rate
            line = measure(browser, server, options.repeats)
            print(f"{rows:,} rows, load average {os.getloadavg()[0]:.1f}: {line}", flush=True)
            server.stop()
        browser.close()


def _spread(values: Sequence[float]) -> str:
    return f"{statistics.median(values):.0f} ({min(values):.0f} to {max(values):.0f})"


if __name__ == "__main__":
    main()
