"""The path of chapters from the first to the last, at both sizes: live picture, photograph, keyboard, no barriers."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from app.learn.chapters import CHAPTERS
from tests.e2e.conftest import OpenPage
from tests.e2e.pages.test_accessibility import violations
from tests.e2e.server import Server

# The first answer of a chapter loads a model, on a computer that runs other tests.
FIRST_ANSWER_MS = 30_000
# The chapter on training has buttons for what it shows; the others answer to their first control.
TRAINING = "training"
SIZES = ((390, 844), (1280, 800))


def expect_answer(page: Page) -> None:
    expect(page.locator("#lesson[data-state=answered]")).to_be_visible(timeout=FIRST_ANSWER_MS)
    expect(page.locator("#result .summary")).not_to_be_empty()
    expect(page.locator("#problem")).to_be_hidden()


def move_first_control(page: Page) -> None:
    """By keyboard; the answer changes, and the command says how."""
    before = page.locator("#command").inner_text()
    control = page.locator("#controls input, #controls select").first
    control.focus()
    control.press("ArrowDown" if control.evaluate("node => node.tagName") == "SELECT" else "ArrowRight")
    expect(page.locator("#command")).not_to_have_text(before, timeout=FIRST_ANSWER_MS)
    assert " --set " in page.locator("#command").inner_text()


def train(page: Page) -> None:
    """Train until the curve grows, then stop."""
    page.locator("#result .button--primary").click()
    expect(page.locator("#command")).to_contain_text("--set epochs=", timeout=FIRST_ANSWER_MS)
    page.locator("#result .button--primary").click()
    assert page.locator("#result .plot__line").count() == 2


def expect_to_fit(page: Page) -> None:
    """Nothing is wider than the page, on a telephone and on a laptop."""
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.timeout(300)
def test_the_path_from_the_first_chapter_to_the_last(demo_server: Server, open_page: OpenPage):
    page = open_page(f"{demo_server.url}/learn/{CHAPTERS[0]}")
    expect_answer(page)  # of the live picture
    assert page.locator("[value=live]").is_checked()
    page.locator("#scene").click(position={"x": 10, "y": 10})
    expect(page.locator("#command")).to_contain_text("--set x=0.0")
    page.goto(f"{demo_server.url}/learn?lang=ko")
    expect_to_fit(page)
    page.locator(".path__link").first.click()
    for number, chapter in enumerate(CHAPTERS, 1):
        page.wait_for_url(f"**/learn/{chapter}")
        expect(page.locator(".chapters [aria-current=page]")).to_contain_text(str(number))
        page.locator("[value=grace_hopper]").check()
        expect_answer(page)
        train(page) if chapter == TRAINING else move_first_control(page)
        expect_to_fit(page)
        assert not violations(page)
        if chapter != CHAPTERS[-1]:
            page.locator("[rel=next]").click()
    expect(page.locator("[rel=next]")).to_have_count(0)
    assert not list((demo_server.data / "jobs").glob("*"))
