"""A phone gives its camera: from the code on the live page to faces, ends, refusals and a slow link."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import cv2
import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import BROWSER_COMMANDS, start_server
from tests.e2e.dashboard import Dashboard
from tests.e2e.pages.test_accessibility import OPTIONS_BY_SCHEME, unreachable, violations
from tests.e2e.server import Server, wait_until
from tests.support.browser_camera.delay import numbered_portraits, open_camera
from tests.support.browser_camera.fake_camera import FAKE_CAMERA_FPS, launch_with_camera, write_mjpeg
from tests.support.browser_camera.slow_link import SlowLink

PHONE = {"viewport": {"width": 390, "height": 844}, "ignore_https_errors": True}
# Bytes per second of the slow link: a frame of 1280x720 takes 2 s, the smallest ones a quarter of a second.
SLOW_BYTES_PER_S = 60_000
# The delay of a frame on it: time to send it and its annotated picture, which is larger, and a further frame before it.
MAX_SLOW_DELAY_MS = 4000


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Waits for a browser's camera, on the network and over HTTPS."""
    options = ["--host", "0.0.0.0", "--https"]
    yield from start_server("browser", tmp_path_factory.mktemp("browser"), FAKE_CAMERA_FPS, options, until="waiting")


@pytest.fixture(scope="module")
def phones(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A browser whose camera shows a portrait."""
    film = write_mjpeg(tmp_path_factory.mktemp("film") / "portrait.mjpeg", numbered_portraits())
    executable = next((path for name in BROWSER_COMMANDS if (path := shutil.which(name))), None)
    phones = launch_with_camera(browser.browser_type, executable, film)
    yield phones
    phones.close()


@pytest.fixture
def live(browser: Browser, server: Server) -> Iterator[Dashboard]:
    """The live page while it waits for a camera."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, ignore_https_errors=True)
    page = context.new_page()
    page.goto(f"{server.url}/?token={server.token}")
    live = Dashboard(page)
    live.wait_for("Waiting for a camera")
    yield live
    context.close()


def has_face(server: Server) -> bool:
    stats = server.get_json("/api/status")["stats"]
    return bool(stats and stats["faces"])


def camera_is_on(phone: Page) -> bool:
    return bool(phone.evaluate("document.getElementById('camera').srcObject !== null"))


def test_the_code_is_that_of_the_link(live: Dashboard):
    live.page.wait_for_selector("#camera-link-address[href]")
    shot = cv2.imdecode(np.frombuffer(live.page.locator("#camera-link-code").screenshot(), np.uint8), cv2.IMREAD_COLOR)
    text, *_ = cv2.QRCodeDetector().detectAndDecode(shot)
    assert text == live.page.get_attribute("#camera-link-address", "href")


def test_a_phone_gives_its_camera_until_it_is_closed_paused_or_disconnected(
    live: Dashboard, phones: Browser, server: Server
):
    phone = open_camera(phones, live.page, **PHONE)
    live.wait_for_video()
    wait_until(lambda: has_face(server), what="a face of the phone's camera")
    expect(phone.locator("#state")).to_have_text("Live")
    assert phone.evaluate("document.getElementById('picture').width") == 640, "its own picture"
    assert phone.url.endswith("/camera"), "no token in the address"

    other = open_camera(phones, phone_link(live, server), **PHONE)
    expect(other.locator("#message")).to_contain_text("Another browser gives its camera already")
    assert not camera_is_on(other)
    other.context.close()

    context, address = phone.context, phone.url
    phone.close()
    live.wait_for("Waiting for a camera")
    expect(live.page.locator("#camera-link")).to_be_visible()
    phone = context.new_page()
    phone.goto(address)
    phone.click("#start")
    live.wait_for_video()

    live.page.click("#power")
    expect(phone.locator("#message")).to_contain_text("Paused by the live page")
    wait_until(lambda: not camera_is_on(phone), what="the end of the camera")
    live.wait_for("Paused")
    live.page.click("#power")
    live.wait_for_video()
    wait_until(lambda: camera_is_on(phone), what="the camera again")

    live.page.click("#camera-disconnect")
    expect(phone.locator("#message")).to_contain_text("This link has ended")
    live.wait_for("Waiting for a camera")
    context.close()


def phone_link(live: Dashboard, server: Server) -> Page:
    """A live page of another viewer that still shows the link, although a camera is given."""
    page = live.page.context.new_page()
    page.goto(f"{server.url}/models")
    link = page.evaluate("fetch('/api/camera-link', { method: 'POST' }).then((answer) => answer.json())")
    page.evaluate(
        """(url) => {
            const link = document.body.appendChild(document.createElement("a"));
            Object.assign(link, { id: "camera-link-address", href: url, textContent: "link" });
        }""",
        link["url"],
    )
    return page


@pytest.mark.soak
def test_a_restart_of_the_vision_process_needs_nothing_of_the_phone(live: Dashboard, phones: Browser, server: Server):
    phone = open_camera(phones, live.page, **PHONE)
    live.wait_for_video()
    server.kill_vision()
    wait_until(lambda: server.health().get("vision", {}).get("restarts"), what="a restart")
    live.wait_for_video()
    wait_until(lambda: has_face(server), what="a face after the restart")
    phone.click("#stop")
    expect(phone.locator("#message")).to_contain_text("The camera is off")
    live.wait_for("Waiting for a camera")
    phone.context.close()


@pytest.mark.soak
def test_a_slow_link_drops_frames_instead_of_adding_delay(live: Dashboard, phones: Browser, server: Server):
    link = SlowLink(server.port)
    phone = phones.new_context(**PHONE).new_page()
    live.page.wait_for_selector("#camera-link-address[href]")
    token = str(live.page.get_attribute("#camera-link-address", "href")).partition("token=")[2]
    phone.goto(f"https://127.0.0.1:{link.port}/camera?token={token}")
    phone.click("#start")
    live.wait_for_video()
    link.bytes_per_s = SLOW_BYTES_PER_S
    delays_ms = []
    for _ in range(10):
        phone.wait_for_timeout(1000)
        delays_ms.append(int(phone.evaluate("document.getElementById('figures').dataset.delayMs")))
    data = phone.evaluate("({...document.getElementById('figures').dataset})")
    print(f"measured: delays at {SLOW_BYTES_PER_S / 1000:g} kB/s, once a second, in ms: {delays_ms}; {data}")
    assert max(delays_ms[2:]) < MAX_SLOW_DELAY_MS
    assert np.mean(delays_ms[-3:]) < 1.5 * np.mean(delays_ms[2:5]) + 200, "it does not grow"
    assert int(data["dropped"]) > 100
    expect(live.page.locator("#badge .badge__label")).to_have_text("Live")
    phone.context.close()
    link.close()


def test_a_phone_that_opens_no_websocket_sends_requests(live: Dashboard, phones: Browser, server: Server):
    """As Safari does to a server with a certificate that the user has accepted."""
    context = phones.new_context(**PHONE)
    context.add_init_script(
        """window.WebSocket = class { constructor() { setTimeout(() => this.onclose({ code: 1006 })); } };"""
    )
    phone = context.new_page()
    live.page.wait_for_selector("#camera-link-address[href]")
    phone.goto(str(live.page.get_attribute("#camera-link-address", "href")))
    phone.click("#start")
    live.wait_for_video()
    wait_until(lambda: has_face(server), what="a face of the phone's camera")
    expect(phone.locator("#picture")).to_be_visible()
    phone.click("#stop")
    live.wait_for("Waiting for a camera")
    context.close()


def test_the_pages_of_a_browsers_camera_have_no_barriers(live: Dashboard, phones: Browser):
    live.page.wait_for_selector("#camera-link-address[href]")
    found = [*violations(live.page), *unreachable(live.page)]
    phone = phones.new_context(**PHONE).new_page()
    phone.goto(str(live.page.get_attribute("#camera-link-address", "href")))
    expect(phone.locator("#start")).to_be_enabled()
    for scheme, options in OPTIONS_BY_SCHEME.items():
        phone.emulate_media(color_scheme=scheme)
        found += violations(phone, options)
    found += unreachable(phone)
    phone.click("#start")
    expect(phone.locator("#picture")).to_be_visible()
    found += violations(phone)
    phone.context.close()
    assert found == []
