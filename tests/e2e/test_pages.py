"""All pages: first visit, missing session, no requests to other origins."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.e2e.conftest import ConsoleErrors, OpenPage
from tests.e2e.dashboard import Dashboard
from tests.e2e.server import Server


def test_first_visit_shows_explanations_and_loads_nothing_from_other_origins(
    still_server: Server, open_page: OpenPage
) -> None:
    page = open_page("about:blank")
    addresses: list[str] = []
    page.on("request", lambda request: addresses.append(request.url))
    page.goto(still_server.url)
    Dashboard(page).wait_for_video()
    assert len(addresses) > 10
    assert [address for address in addresses if not address.startswith(still_server.url)] == []
    expect(page.locator("#session-empty")).to_contain_text("Images are never stored")
    expect(page.locator(".footer")).to_contain_text("never images, and nothing is sent to other services")
    expect(page.locator("#notices")).to_contain_text("inferred on the computer that runs the server")
    expect(page.locator("#notices")).to_contain_text("only numbers, for 30 days")
    expect(page.locator("#notices")).to_contain_text("Emotion, age, perceived sex")
    expect(page.locator("#notices")).not_to_contain_text("perceived race")
    expect(page.locator("[data-show=sex]")).to_be_visible()
    expect(page.locator("[data-show=race]")).to_have_count(0)


def test_missing_session_is_reported(still_server: Server, open_page: OpenPage, console_errors: ConsoleErrors) -> None:
    page = open_page(f"{still_server.url}/sessions/999")
    expect(page.locator("#failure")).to_contain_text("999")
    console_errors.clear()  # browsers report the 404 itself
