"""Toggles act on the viewer's own video; compared by the pixels of a still scene."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.conftest import OpenPage
from tests.e2e.dashboard import Dashboard, changed_pixels
from tests.e2e.server import Server

SETTLING_MS = 1500  # until the smoothed values of an unmoving face stay as they are


def settled(dashboard: Dashboard) -> Dashboard:
    """Wait until the smoothed values are constant."""
    dashboard.wait_for_video()
    dashboard.page.wait_for_timeout(SETTLING_MS)
    return dashboard


@pytest.fixture(scope="module")
def dashboard(still_server: Server, browser: Browser) -> Iterator[Dashboard]:
    """A page shared by tests that restore the toggles."""
    page = browser.new_page()
    page.goto(still_server.url)
    yield settled(Dashboard(page))
    page.close()


@pytest.mark.parametrize("word", ["boxes", "landmarks", "ids", "emotion", "age", "sex", "mask", "blur"])
def test_each_toggle_changes_the_video_and_back(dashboard: Dashboard, word: str) -> None:
    before, shown = dashboard.pixels(), dashboard.shown()
    dashboard.page.wait_for_timeout(300)
    assert changed_pixels(before, dashboard.pixels()) == 0, "the scene does not stand still"

    dashboard.toggle(word)
    after = dashboard.pixels_after(before)
    assert (word in dashboard.shown()) != (word in shown)
    assert set(dashboard.shown()) ^ set(shown) == {word}

    dashboard.toggle(word)
    again = dashboard.pixels_after(after)
    assert changed_pixels(before, again) == 0


def test_without_toggles_the_plain_video_is_served(still_server: Server, open_page: OpenPage) -> None:
    dashboard = settled(Dashboard(open_page(still_server.url)))
    for word in dashboard.shown():
        dashboard.toggle(word)
    expect(dashboard.video).to_have_attribute("src", "/video_feed?show=")


def test_toggles_are_kept_after_a_reload(still_server: Server, open_page: OpenPage) -> None:
    dashboard = settled(Dashboard(open_page(still_server.url)))
    dashboard.toggle("age")
    dashboard.toggle("ids")
    chosen = "/video_feed?show=boxes,ids,emotion,sex"
    expect(dashboard.video).to_have_attribute("src", chosen)
    dashboard.page.reload()
    expect(dashboard.video).to_have_attribute("src", chosen)
    expect(dashboard.page.locator("[data-show=age]")).to_have_attribute("aria-pressed", "false")


def test_two_browsers_each_get_their_own_view(still_server: Server, open_page: OpenPage) -> None:
    one, other = settled(Dashboard(open_page(still_server.url))), settled(Dashboard(open_page(still_server.url)))
    before = one.pixels()
    assert changed_pixels(before, other.pixels()) == 0
    other.toggle("boxes")
    without_boxes = other.pixels_after(before)
    assert changed_pixels(before, one.pixels()) == 0
    assert one.shown() != other.shown()
    assert np.any(without_boxes != before)
