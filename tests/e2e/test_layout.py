"""Layout of the live page at the sizes of common screens: nothing overlaps, is cut off or scrolls sideways."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import STILL, OpenPage
from tests.e2e.dashboard import Dashboard
from tests.e2e.rewritten_events import rewrite_events
from tests.e2e.server import Server, wait_until

LONG_NAME = "x" * 120
# Size of the window, and least part of it that the stage takes with a picture of 4:3.
WIDE_SCREENS = {(1440, 900): 0.58, (1366, 768): 0.5, (1280, 720): 0.5, (1180, 640): 0.45, (1024, 768): 0.33}
PHONE = (390, 844)
ALL_SCREENS = (*WIDE_SCREENS, PHONE)
SIDE_COLUMN_PX = (340, 400)
PEOPLE = 15
# Parts that must neither overlap each other nor leave the window.
BLOCKS = (
    ".wordmark",
    ".nav",
    "#badge",
    ".chip",
    "#recording",
    "#stage",
    ".toolbar",
    ".people",
    ".expression",
    ".session",
)
TOOLS = (
    "#camera",
    "#power",
    "#toggles > [data-show]",
    ".annotations__button",
    ".more__button",
    "#snapshot",
    "#fullscreen",
)
BAR = (
    ".recording__state",
    "#recording-name",
    "#recording-time",
    "#recording-markers",
    "#marker-button",
    "#recording-stop",
)
BOXES_SCRIPT = """selectors => selectors.flatMap((selector) => [...document.querySelectorAll(selector)])
    .filter((node) => node.checkVisibility())
    .map((node) => ({ name: node.id || node.className, ...node.getBoundingClientRect().toJSON() }))"""
CUT_OFF_SCRIPT = """() => [...document.querySelectorAll("button, h2, .panel__note, .bar__label, .column__label")]
    .filter((node) => node.checkVisibility() && !node.closest(".chips, .card"))
    .filter((node) => getComputedStyle(node).display !== "inline" && node.scrollWidth > node.clientWidth + 1)
    .map((node) => node.textContent)"""

# The page reacts to the new size in one frame, and to the new size of its parts in the next.
LAID_OUT_SCRIPT = """async () => {
    for (let frame = 0; frame < 4; frame += 1) await new Promise(requestAnimationFrame);
}"""


def boxes(page: Page, *selectors: str) -> list[dict[str, Any]]:
    """Name and edges of the visible elements, in pixels of the page."""
    return list(page.evaluate(BOXES_SCRIPT, list(selectors)))


def overlap(one: dict[str, Any], other: dict[str, Any]) -> bool:
    width = min(one["right"], other["right"]) - max(one["left"], other["left"])
    height = min(one["bottom"], other["bottom"]) - max(one["top"], other["top"])
    return width > 1 and height > 1


def assert_apart(page: Page, selectors: tuple[str, ...]) -> None:
    found = boxes(page, *selectors)
    assert len(found) >= len(selectors) // 2
    assert [(one["name"], other["name"]) for one, other in combinations(found, 2) if overlap(one, other)] == []
    width = page.evaluate("innerWidth")
    assert [box["name"] for box in found if box["left"] < -1 or box["right"] > width + 1] == []


def resize(page: Page, size: tuple[int, int]) -> None:
    """Change the size of the window and wait until the layout has followed."""
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.evaluate(LAID_OUT_SCRIPT)


def assert_tidy(page: Page, size: tuple[int, int]) -> None:
    """At this size nothing overlaps, leaves the window at a side or is cut off, and wide screens do not scroll."""
    resize(page, size)
    for selectors in (BLOCKS, TOOLS, BAR):
        if page.locator(selectors[0]).is_visible():
            assert_apart(page, selectors)
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    assert page.evaluate(CUT_OFF_SCRIPT) == []
    if size != PHONE:
        assert page.evaluate("document.documentElement.scrollHeight") <= size[1]


def visible_rows(page: Page) -> int:
    """People whose row can be seen as a whole without scrolling."""
    (area,) = boxes(page, "#cards")
    return len([card for card in boxes(page, ".card") if card["bottom"] <= area["bottom"] + 1])


@pytest.fixture(scope="module")
def page(still_server: Server, browser: Browser) -> Iterator[Page]:
    page = browser.new_page(**STILL)
    page.goto(still_server.url)
    Dashboard(page).wait_for_video()
    expect(page.locator("#cards li")).to_have_count(3)
    yield page
    page.close()


@pytest.fixture(scope="module")
def crowded_page(still_server: Server, browser: Browser) -> Iterator[Page]:
    """A page that receives fifteen faces, a notice of every kind and the longest name."""
    page = browser.new_page(**STILL)
    rewrite_events(page, {"stats": with_many_faces, "status": with_every_notice})
    page.goto(still_server.url)
    Dashboard(page).wait_for_video()
    yield page
    page.close()


def with_many_faces(stats: dict[str, Any]) -> dict[str, Any]:
    faces = stats["faces"]
    many = [{**faces[index % len(faces)], "id": 95 + index} for index in range(PEOPLE)] if faces else []
    return {**stats, "faces": many}


def with_every_notice(status: dict[str, Any]) -> dict[str, Any]:
    path = "/a/long/path" * 20
    return {
        **status,
        "detail": {"reduced": 2, "notice": "To keep the frame rate, faces are detected at a lower resolution."},
        "detector": {**status["detector"], "notice": f"There is no detector at {path}; the built-in one is used."},
        "storage": f"recording has stopped and will resume automatically: {path}",
        "trouble": f"The models cannot be used: {path} is missing.",
    }


@pytest.mark.parametrize("size", WIDE_SCREENS, ids=lambda size: f"{size[0]}x{size[1]}")
def test_wide_screens_show_everything_without_scrolling(page: Page, size: tuple[int, int]) -> None:
    assert_tidy(page, size)
    (stage,) = boxes(page, "#stage")
    assert stage["width"] * stage["height"] / (size[0] * size[1]) >= WIDE_SCREENS[size]
    assert stage["width"] / stage["height"] == pytest.approx(640 / 480, abs=0.01), "no bars beside the picture"
    (side,) = boxes(page, ".numbers")
    assert SIDE_COLUMN_PX[0] <= side["width"] <= SIDE_COLUMN_PX[1]
    wait_until(lambda: visible_rows(page) == 3, what="every row")


@pytest.mark.parametrize("size", [(1920, 1080), (2560, 1440)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_large_screens_show_larger_panels(page: Page, size: tuple[int, int]) -> None:
    assert_tidy(page, size)
    (stage,) = boxes(page, "#stage")
    assert stage["width"] * stage["height"] / (size[0] * size[1]) >= 0.58
    wait_until(lambda: boxes(page, ".card")[0]["height"] > 65, what="larger rows")


def test_an_upright_tablet_shows_the_panels_below_the_stage(page: Page) -> None:
    resize(page, (820, 1180))
    assert_apart(page, BLOCKS)
    stage, people, expression = (boxes(page, name)[0] for name in ("#stage", ".people", ".expression"))
    assert stage["width"] == 820
    assert people["top"] == expression["top"] > stage["bottom"]


def test_the_header_has_room_for_every_notice_on_tablets(crowded_page: Page) -> None:
    expect(crowded_page.locator(".chip").nth(3)).to_be_visible()
    for size in ((768, 1024), (820, 1180), (900, 700)):
        resize(crowded_page, size)
        assert_apart(crowded_page, BLOCKS)


def test_a_phone_shows_one_column_without_scrolling_sideways(page: Page) -> None:
    assert_tidy(page, PHONE)
    (stage,) = boxes(page, "#stage")
    assert (stage["left"], stage["width"]) == (0, PHONE[0])


def test_fifteen_people_and_every_notice_fit_on_every_screen(crowded_page: Page) -> None:
    page = crowded_page
    expect(page.locator("#people-count")).to_have_text(f"{PEOPLE} in view")
    expect(page.locator("#expression-word")).to_contain_text("10 happy")
    expect(page.locator(".strip")).to_be_visible()
    for size in ALL_SCREENS:
        assert_tidy(page, size)
        wait_until(lambda: visible_rows(page) >= 3, what="three rows")
        for chip in page.locator(".chip").all() if size in (PHONE, (1180, 640)) else ():
            popover = chip.locator("xpath=following-sibling::div")
            chip.click()
            expect(popover).to_be_in_viewport(ratio=1)
            page.keyboard.press("Escape")
            expect(popover).to_be_hidden()
            expect(chip).to_be_focused()


def test_pictures_of_every_shape_fit_on_every_screen(still_server: Server, browser: Browser) -> None:
    shape: dict[str, int] = {}
    page = browser.new_page(**STILL)
    rewrite_events(page, {"stats": lambda stats: with_many_faces(stats) | shape})
    page.goto(still_server.url)
    Dashboard(page).wait_for_video()
    for width, height in ((720, 1280), (600, 600), (1280, 720)):
        shape.update(width=width, height=height)
        wait_until(lambda: stage_aspect(page) == pytest.approx(width / height, rel=0.02), what="the shape")  # noqa: B023
        for size in ALL_SCREENS:
            assert_tidy(page, size)
            assert stage_aspect(page) == pytest.approx(width / height, rel=0.02)
            wait_until(lambda: visible_rows(page) >= 3, what="three rows")  # they get shorter with the next statistics
    page.close()


def stage_aspect(page: Page) -> float:
    (stage,) = boxes(page, "#stage")
    return float(stage["width"] / stage["height"])


def test_a_recording_with_the_longest_name_fits_on_every_screen(
    page: Page, still_server: Server, open_page: OpenPage
) -> None:
    dashboard = Dashboard(page)
    dashboard.start_session(LONG_NAME)
    try:
        wait_until(dashboard.histogram_seconds, what="recording")
        for size in ALL_SCREENS:
            assert_tidy(page, size)
            wait_until(lambda: visible_rows(page) == 3, what="every row")
            expect(page.locator("#recording-stop")).to_be_in_viewport(ratio=1)
            expect(page.locator("#recording-time")).to_be_in_viewport(ratio=1)
    finally:
        dashboard.stop_session()
    for size in ALL_SCREENS:
        assert_tidy(page, size)
    address = page.locator("#session-saved a").get_attribute("href")
    other = open_page("about:blank")
    for path in ("/sessions", address):
        other.goto(f"{still_server.url}{path}")
        expect(other.get_by_text(LONG_NAME).first).to_be_visible()
        for width, height in ((1440, 900), PHONE):
            resize(other, (width, height))
            assert other.evaluate("document.documentElement.scrollWidth") <= width


def test_the_kiosk_shows_stage_and_numbers_without_controls(still_server: Server, open_page: OpenPage) -> None:
    page = open_page(f"{still_server.url}/?kiosk", width=1366, height=768)
    Dashboard(page).wait_for_video()
    expect(page.locator("#cards .card__headline")).to_have_count(3)
    expect(page.locator("#bars")).to_be_visible()
    expect(page.locator("button:visible, a:visible, input:visible, select:visible")).to_have_count(0)
    (stage,) = boxes(page, "#stage")
    assert stage["width"] * stage["height"] / (1366 * 768) > 0.6
    assert page.evaluate("document.documentElement.scrollHeight") <= 768
