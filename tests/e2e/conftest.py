"""Servers and a browser for the end-to-end tests."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from tests.e2e.server import Server

BROWSER_COMMANDS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# No sandbox, since tests often run as root in a container. No background downloads.
BROWSER_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
TIMEOUT_MS = 20_000  # for a busy computer
# Without transitions pages take a quarter less processor time, and Playwright waits for none before it clicks. Pages of
# tests/e2e/camera, test_toggles.py and test_models.py move.
STILL = {"reduced_motion": "reduce"}


# "package" is this folder: browser and servers end with its last test, not with the tests of other folders that follow.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """An installed Chromium, else Playwright's own."""
    executable = next((path for name in BROWSER_COMMANDS if (path := shutil.which(name))), None)
    expect.set_options(timeout=TIMEOUT_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=BROWSER_ARGUMENTS)
        yield browser
        browser.close()


def start_server(source: str, data: Path, fps: int, options: Sequence[str] = (), until: str = "ok") -> Iterator[Server]:
    server = Server(source, data, fps=fps, options=options)
    try:
        server.start(until)
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="package")
def demo_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The demo. Shared by all tests, so a test must not leave a session running."""
    yield from start_server("demo", tmp_path_factory.mktemp("demo"), fps=5)


@pytest.fixture(scope="package")
def still_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The demo as a still image, for comparing pixels."""
    yield from start_server("demo:still", tmp_path_factory.mktemp("still"), fps=4)


@pytest.fixture(scope="module")
def private_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The demo on the network, with all faces blurred."""
    options = ["--host", "0.0.0.0", "--blur", "--keep-days", "7"]
    yield from start_server("demo", tmp_path_factory.mktemp("private"), 6, options)


@pytest.fixture(scope="module")
def masked_faces_server(tmp_path_factory: pytest.TempPathFactory, all_models: Path) -> Iterator[Server]:
    """The demo with a tiny model that predicts a mask for every face: its first two labels are swapped."""
    models = shutil.copytree(all_models, tmp_path_factory.mktemp("masked_faces_models") / "models")
    path = models / "mask" / "card.json"
    card = json.loads(path.read_text())
    none, mask, *others = card["heads"][0]["labels"]
    card["heads"][0]["labels"] = [mask, none, *others]
    path.write_text(json.dumps(card))
    yield from start_server("demo", tmp_path_factory.mktemp("masked_faces"), 6, ["--models", str(models)])


@pytest.fixture
def restartable_server(tmp_path: Path) -> Iterator[Server]:
    """A server that a test may kill and restart."""
    yield from start_server("demo", tmp_path, fps=5)


@pytest.fixture
def overloaded_server(tmp_path: Path) -> Iterator[Server]:
    """Detects faces with the Haar cascade at 1920 pixels, which takes much longer than the frame interval."""
    options = ["--width", "1920", "--height", "1080", "--detect-width", "1920", "--detector", "haar"]
    yield from start_server("demo", tmp_path, 60, options)


# Tests list their server before `open_page`. Then pages close first and log no error about its end.
@pytest.fixture
def video_server(tmp_path: Path) -> Iterator[Server]:
    """A server whose source is a gray video of four seconds, which waits for the first viewer."""
    path, fps = tmp_path / "short.mp4", 10
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), fps, (320, 240))
    for _ in range(4 * fps):
        writer.write(np.full((240, 320, 3), 90, np.uint8))
    writer.release()
    yield from start_server(str(path), tmp_path, fps=fps, until="waiting")


class ConsoleErrors(list[str]):
    """Errors and warnings of pages' consoles, including blocked content."""

    def watch(self, page: Page) -> None:
        page.on("console", self._add)
        page.on("pageerror", lambda error: self.append(str(error)))

    def _add(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.append(message.text)


OpenPage = Callable[..., Page]


@pytest.fixture
def console_errors() -> ConsoleErrors:
    """Filled while a test runs. Tests that provoke errors clear it."""
    return ConsoleErrors()


@pytest.fixture
def open_page(browser: Browser, console_errors: ConsoleErrors) -> Iterator[OpenPage]:
    """Opens a URL in a separate browser context. Fails if a page logs an error."""
    contexts = []

    def open_(url: str, *, width: int = 1280, height: int = 800) -> Page:
        size = {"width": width, "height": height}
        context = browser.new_context(viewport=size, accept_downloads=True, **STILL)
        context.set_default_timeout(TIMEOUT_MS)
        contexts.append(context)
        page = context.new_page()
        console_errors.watch(page)
        page.goto(url)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert console_errors == []
