"""Actions on a person's card: why a label is told, and the person's neutral face."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.e2e.conftest import ConsoleErrors, OpenPage
from tests.e2e.dashboard import Dashboard
from tests.e2e.pages.test_accessibility import OPTIONS_BY_SCHEME, violations
from tests.e2e.server import Server

# Number of different gray values or colours of a canvas; 1 if it is erased.
COLOURS_SCRIPT = """canvas => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    return new Set(new Uint32Array(data.buffer)).size;
}"""


def select_first_person(page: Page) -> None:
    page.locator("button.card").first.click()
    expect(page.locator("[data-action=why]")).to_be_visible()


def wait_for_the_answer(page: Page, errors: ConsoleErrors) -> None:
    """An explanation has a lower priority than the frames: a busy computer may give no answer in time, so ask again."""
    dialog, settled = page.locator("#explanation"), re.compile("answered|refused")
    for _ in range(4):
        expect(dialog).to_have_attribute("data-state", settled)
        if dialog.get_attribute("data-state") == "answered":
            break
        assert all("409" in line for line in errors), errors
        errors.clear()
        page.get_by_role("button", name="Ask again").click()
    expect(dialog).to_have_attribute("data-state", "answered")


def test_why_is_explained_by_a_map_in_words_and_with_the_keyboard(
    still_server: Server, open_page: OpenPage, console_errors: ConsoleErrors
) -> None:
    page = open_page(still_server.url, width=1366, height=768)
    Dashboard(page).wait_for_video()
    select_first_person(page)
    dialog = page.locator("#explanation")
    page.locator("[data-action=why]").focus()
    page.keyboard.press("Enter")
    wait_for_the_answer(page, console_errors)

    word = page.locator(".card[aria-pressed=true] .card__headline").inner_text().split()[0]
    expect(page.get_by_role("dialog", name=f"Why “{word}”?")).to_be_visible()
    expect(dialog).to_have_accessible_description(re.compile("brows|eyes|nose|mouth|part"))
    map_ = page.get_by_role("img", name=re.compile("What it reacts to. .*(brows|eyes|nose|mouth|part)"))
    assert map_.evaluate(COLOURS_SCRIPT) > 200
    assert page.locator("#explanation-patch").evaluate(COLOURS_SCRIPT) > 50
    expect(dialog.locator(".explanation__region")).to_have_count(4)
    expect(dialog.locator(".explanation__limits li")).to_have_count(3)
    for scheme, options in OPTIONS_BY_SCHEME.items():
        page.emulate_media(color_scheme=scheme)
        assert violations(page, options) == []
    box = dialog.bounding_box()
    assert box["y"] >= 0
    assert box["y"] + box["height"] <= 768

    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.locator("[data-action=why]")).to_be_focused()
    assert page.locator("#explanation-map").evaluate(COLOURS_SCRIPT) == 1, "nothing of the face is left"

    refusal = {"error": "person 1 is not in view any more"}
    page.route("**/explanation", lambda route: route.fulfill(status=409, json=refusal))
    page.keyboard.press("Enter")
    expect(page.locator("#explanation-problem")).to_have_text("Person 1 is not in view any more.")
    page.get_by_role("button", name="Close").click()
    assert any("409" in line for line in console_errors)
    console_errors.clear()

    Dashboard(page).toggle("blur")
    expect(page.locator("[data-action=why]")).to_have_count(0)
    Dashboard(page).toggle("blur")
    expect(page.locator("[data-action=why]")).to_be_visible()


def test_a_neutral_face_is_measured_told_on_the_card_and_forgotten(still_server: Server, open_page: OpenPage) -> None:
    page = open_page(still_server.url)
    dashboard = Dashboard(page)
    dashboard.wait_for_video()
    dashboard.start_session("Neutral")
    select_first_person(page)
    person = page.locator(".card[aria-pressed=true] .card__id").inner_text()
    page.get_by_role("button", name="This is my neutral face").click()
    note = page.locator(".person__neutral")
    expect(note).to_have_text("Keep a neutral face for 3 seconds…")
    expect(note).to_have_text("Corrected by a neutral face until this person leaves")
    expect(page.locator("#recording-markers")).to_contain_text("1 marker")
    dashboard.stop_session()
    address = page.locator("#session-saved a").get_attribute("href")
    (marker,) = still_server.get_json(f"/api{address}/markers")["markers"]
    assert marker["name"] == f"Neutral face of person {person}"
    page.get_by_role("button", name="Forget the neutral face").click()
    expect(note).to_have_count(0)
    expect(page.get_by_role("button", name="This is my neutral face")).to_be_visible()
