"""Print the delay at some rates."""

from __future__ import annotations

import argparse
import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.e2e.conftest import BROWSER_ARGUMENTS, BROWSER_COMMANDS
from tests.support import painted_delay
from tests.support.painted_delay.measure import measure

DEFAULT_FPS = (5.0, 10.0, 30.0)


def main() -> None:
    """Print one line for each rate."""
    parser = argparse.ArgumentParser(description=painted_delay.__doc__)
    parser.add_argument("--fps", type=float, action="append", help="pictures per second; may be given again")
    parser.add_argument("--seconds", type=float, default=10.0, help="duration of each measurement")
    options = parser.parse_args()
    chromium = next(filter(None, map(shutil.which, BROWSER_COMMANDS)), None)
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=chromium, args=BROWSER_ARGUMENTS)
        for fps in options.fps or DEFAULT_FPS:
            print(measure(browser, Path(folder) / f"{fps:g}", fps, options.seconds), flush=True)
        browser.close()


if __name__ == "__main__":
    main()
