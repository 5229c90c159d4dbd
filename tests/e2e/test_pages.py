"""All pages: widths, first visit, missing session, no requests to other origins."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import ConsoleErrors, OpenPage
from tests.e2e.dashboard import Dashboard
from tests.e2e.server import Server

WIDTHS = [(1440, 900), (1024, 768), (390, 844)]


@pytest.mark.parametrize(("width", "height"), WIDTHS)
def test_no_page_is_wider_than_the_screen(still_server: Server, open_page: OpenPage, width: int, height: int) -> None:
    page = open_page(still_server.url, width=width, height=height)
    Dashboard(page).wait_for_video()
    for path in ("/", "/sessions"):
        page.goto(still_server.url + path)
        page.wait_for_load_state("load")
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_large_screen_shows_the_live_page_without_scrolling(still_server: Server, open_page: OpenPage) -> None:
    page = open_page(still_server.url, width=1440, height=900)
    Dashboard(page).wait_for_video()
    assert page.evaluate("document.documentElement.scrollHeight") <= 900
    for name in ("#stage", "#toggles", "#bars", "#cards", "#session-button"):
        expect(page.locator(name)).to_be_in_viewport(ratio=1)


def test_first_visit_shows_explanations(still_server: Server, open_page: OpenPage) -> None:
    page = open_page(still_server.url)
    expect(page.locator("#session-empty")).to_contain_text("Images are never stored")
    expect(page.locator(".footer")).to_contain_text("never images, and nothing is sent to other services")
    expect(page.locator("#notices")).to_contain_text("inferred on the computer that runs the server")
    expect(page.locator("#notices")).to_contain_text("only numbers, for 30 days")
    page.goto(f"{still_server.url}/sessions")
    expect(page.locator("#no-sessions")).to_be_visible()


def test_missing_session_is_reported(still_server: Server, open_page: OpenPage, console_errors: ConsoleErrors) -> None:
    page = open_page(f"{still_server.url}/sessions/999")
    expect(page.locator("#failure")).to_contain_text("999")
    console_errors.clear()  # browsers report the 404 itself


def test_nothing_is_loaded_from_other_origins(still_server: Server, open_page: OpenPage) -> None:
    page = open_page(still_server.url)
    addresses: list[str] = []
    page.on("request", lambda request: addresses.append(request.url))
    page.reload()
    Dashboard(page).wait_for_video()
    assert addresses
    assert [address for address in addresses if not address.startswith(still_server.url)] == []
