"""Toggles act on the viewer's own video; compared by the pixels of a still scene."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.conftest import OpenPage
from tests.e2e.dashboard import Dashboard, count_changed_pixels
from tests.e2e.server import Server


def wait_until_still(dashboard: Dashboard) -> Dashboard:
    """Wait until the smoothed values of the unmoving faces, and with them the picture, stay as they are."""
    dashboard.wait_for_video()
    before = dashboard.pixels()
    for _ in range(10):
        dashboard.page.wait_for_timeout(500)
        now = dashboard.pixels()
        if not count_changed_pixels(before, now):
            return dashboard
        before = now
    raise AssertionError("the picture does not stay still")


@pytest.fixture(scope="module")
def dashboard(still_server: Server, browser: Browser) -> Iterator[Dashboard]:
    """A page shared by tests that restore the toggles."""
    page = browser.new_page()
    page.goto(still_server.url)
    yield wait_until_still(Dashboard(page))
    page.close()


@pytest.mark.parametrize("word", ["boxes", "landmarks", "ids", "emotion", "age", "sex", "mask", "blur"])
def test_each_toggle_changes_the_video_and_back(dashboard: Dashboard, word: str) -> None:
    before, shown = dashboard.pixels(), dashboard.requested_overlays()
    dashboard.page.wait_for_timeout(300)
    assert count_changed_pixels(before, dashboard.pixels()) == 0, "the scene is not still"

    dashboard.toggle(word)
    after = dashboard.wait_for_change(before)
    assert (word in dashboard.requested_overlays()) != (word in shown)
    assert set(dashboard.requested_overlays()) ^ set(shown) == {word}

    dashboard.toggle(word)
    again = dashboard.wait_for_change(after)
    assert count_changed_pixels(before, again) == 0


def test_without_toggles_the_plain_video_is_served(still_server: Server, open_page: OpenPage) -> None:
    dashboard = wait_until_still(Dashboard(open_page(still_server.url)))
    for word in dashboard.requested_overlays():
        dashboard.toggle(word)
    dashboard.expect_overlays("")


def test_toggles_are_kept_after_a_reload(still_server: Server, open_page: OpenPage) -> None:
    dashboard = wait_until_still(Dashboard(open_page(still_server.url)))
    dashboard.toggle("age")
    dashboard.toggle("ids")
    chosen = "boxes,emotion,sex,ids"  # in the order of the toggles
    dashboard.expect_overlays(chosen)
    dashboard.page.reload()
    dashboard.expect_overlays(chosen)
    expect(dashboard.page.locator("[data-show=age]")).to_have_attribute("aria-pressed", "false")


def test_two_browsers_each_get_their_own_view(still_server: Server, open_page: OpenPage) -> None:
    first, second = (wait_until_still(Dashboard(open_page(still_server.url))) for _ in range(2))
    before = first.pixels()
    assert count_changed_pixels(before, second.pixels()) == 0
    second.toggle("boxes")
    without_boxes = second.wait_for_change(before)
    assert count_changed_pixels(before, first.pixels()) == 0
    assert first.requested_overlays() != second.requested_overlays()
    assert np.any(without_boxes != before)
