"""Faces on the stage: a click selects a person, and the picture is drawn for the size and language of the page."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import OpenPage
from tests.e2e.dashboard import Dashboard
from tests.e2e.server import Server, wait_until


@pytest.fixture
def faces(still_server: Server) -> dict[int, list[float]]:
    """Boxes by id in pixels of the source."""
    stats = wait_until(lambda: still_server.get_json("/api/status")["stats"], what="statistics")
    return {face["id"]: face["box"] for face in stats["faces"]}


def shown_box(page: Page, box: list[float]) -> dict[str, float]:
    """A box of the source in pixels of the page, with black bars beside the picture."""
    video = page.locator("#video").bounding_box()
    assert video is not None
    scale = min(video["width"] / 640, video["height"] / 480)
    left = video["x"] + (video["width"] - 640 * scale) / 2
    top = video["y"] + (video["height"] - 480 * scale) / 2
    x1, y1, x2, y2 = (value * scale for value in box)
    return {"x": left + x1, "y": top + y1, "width": x2 - x1, "height": y2 - y1}


def view_parameters(page: Page) -> tuple[str, str]:
    """Size and language of the stream."""
    query = parse_qs(urlsplit(page.locator("#video").get_attribute("src") or "").query)
    return query.get("size", [""])[0], query.get("lang", [""])[0]


def test_a_click_on_a_face_selects_its_card_and_the_other_way_round(
    still_server: Server, open_page: OpenPage, faces: dict[int, list[float]]
) -> None:
    page = open_page(still_server.url, width=1440, height=900)
    Dashboard(page).wait_for_video()
    outline, cards = page.locator("#selected-face"), page.locator("#cards")
    assert len(faces) >= 2
    first, second = sorted(faces)[:2]

    face = shown_box(page, faces[second])
    page.mouse.click(face["x"] + face["width"] / 2, face["y"] + face["height"] / 2)
    expect(cards.locator(f"[data-key='{second}'] .card")).to_have_attribute("aria-pressed", "true")
    expect(outline).to_be_visible()
    page.wait_for_timeout(400)  # the outline moves to its face
    drawn = outline.bounding_box()
    assert drawn is not None
    assert drawn["x"] < face["x"] + 2 < drawn["x"] + 0.25 * face["width"]
    assert drawn["x"] + drawn["width"] > face["x"] + face["width"] - 2

    cards.locator(f"[data-key='{first}'] .card").click()
    page.wait_for_timeout(400)
    drawn, face = outline.bounding_box(), shown_box(page, faces[first])
    assert drawn is not None
    assert drawn["x"] < face["x"] + 2 < drawn["x"] + 0.25 * face["width"]

    video = shown_box(page, [0, 0, 640, 480])
    page.mouse.move(face["x"] + face["width"] / 2, face["y"] + face["height"] / 2)
    expect(page.locator("#stage")).to_have_class("stage stage--on-face")
    page.mouse.click(video["x"] + 3, video["y"] + 3)
    expect(outline).to_be_hidden()
    expect(cards.locator("[aria-pressed=true]")).to_have_count(0)


def test_the_picture_is_drawn_for_its_size_and_in_the_language_of_the_page(
    still_server: Server, open_page: OpenPage
) -> None:
    page = open_page(f"{still_server.url}/?lang=ko", width=1440, height=900)
    dashboard = Dashboard(page)
    dashboard.wait_for_condition("document.getElementById('video').naturalWidth === 960")
    assert view_parameters(page) == ("large", "ko")
    page.set_viewport_size({"width": 390, "height": 844})
    dashboard.wait_for_condition("document.getElementById('video').naturalWidth === 640")
    wait_until(lambda: view_parameters(page) == ("small", "ko"), what="the size of a phone")
    page.goto(f"{still_server.url}/?lang=en")
    wait_until(lambda: view_parameters(page) == ("small", "en"), what="the size of a phone from the start")
