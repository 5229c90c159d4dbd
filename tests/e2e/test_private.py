"""Server on the network with --blur: token link, blurred views, files on disk."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from playwright.sync_api import expect

from app.settings import Settings
from app.vision.detection.face_detector import build_detector
from tests.e2e.conftest import ConsoleErrors, OpenPage
from tests.e2e.dashboard import Dashboard
from tests.e2e.server import PROJECT, YUNET, Server

PICTURE_STARTS = (b"\xff\xd8\xff", b"\x89PNG", b"RIFF", b"GIF8", b"ftyp")


def test_token_link_opens_the_page_and_the_token_leaves_the_address(
    private_server: Server, open_page: OpenPage, console_errors: ConsoleErrors
) -> None:
    stranger = open_page(private_server.url)
    expect(stranger.locator("body")).to_contain_text("open the link it printed")
    assert any("401" in line for line in console_errors)
    console_errors.clear()

    page = open_page(f"{private_server.url}/?token={private_server.token}")
    addresses: list[str] = []
    page.on("request", lambda request: addresses.append(request.url + str(request.headers)))
    page.wait_for_url(f"{private_server.url}/")
    Dashboard(page).wait_for_video()
    page.reload()
    Dashboard(page).wait_for_video()
    assert any("socket.io" in address for address in addresses)
    assert [address for address in addresses if private_server.token in address] == []
    assert page.evaluate("document.cookie") == "", "no script reads the cookie"
    page.go_back()
    assert private_server.token not in page.url
    assert (private_server.data / "server.log").read_text().count(private_server.token) == 1


def test_a_link_from_another_site_works_too(private_server: Server, demo_server: Server, open_page: OpenPage) -> None:
    page = open_page(demo_server.url)
    page.evaluate("address => { location.href = address; }", f"{private_server.url}/?token={private_server.token}")
    page.wait_for_url(f"{private_server.url}/")
    Dashboard(page).wait_for_video()


def test_blur_cannot_be_switched_off(private_server: Server, open_page: OpenPage) -> None:
    page = open_page(f"{private_server.url}/?token={private_server.token}")
    Dashboard(page).wait_for_video()
    blur = page.locator("[data-show=blur]")
    expect(blur).to_be_disabled()
    expect(blur).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#notices")).to_contain_text("for 7 days. Faces are blurred for every viewer.")


@pytest.mark.parametrize("show", ["", "?show=", "?show=boxes", "?show=boxes,blur"])
def test_no_snapshot_shows_a_face(private_server: Server, show: str) -> None:
    detector = build_detector(Settings(detector=str(YUNET) if YUNET.exists() else "own"))
    for _ in range(4):
        data = np.frombuffer(private_server.get(f"/snapshot.jpg{show}"), np.uint8)
        picture = cv2.cvtColor(cv2.imdecode(data, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
        assert detector.detect(picture) == []


def test_only_numbers_reach_the_disk(private_server: Server, open_page: OpenPage) -> None:
    known = {path for path in PROJECT.rglob("*.jp*g") if "node_modules" not in path.parts}
    dashboard = Dashboard(open_page(f"{private_server.url}/?token={private_server.token}"))
    dashboard.wait_for_video()
    dashboard.start_session("Numbers only")
    with dashboard.page.expect_download():
        dashboard.page.locator("#snapshot").click()
    dashboard.page.wait_for_timeout(1500)
    dashboard.stop_session()
    for path in private_server.data.rglob("*"):
        assert path.suffix in (".sqlite3", ".sqlite3-wal", ".sqlite3-shm", ".backup", ".lock", ".log"), path
        content = path.read_bytes()
        assert [start for start in PICTURE_STARTS if start in content] == [], path
    assert {path for path in PROJECT.rglob("*.jp*g") if "node_modules" not in path.parts} == known
