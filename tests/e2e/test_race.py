"""Perceived race in the browser: shown and recorded only if the server was started with --race."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import OpenPage, start_server
from tests.e2e.dashboard import Dashboard
from tests.e2e.server import Server, wait_until


@pytest.fixture(scope="module")
def race_server(tmp_path_factory: pytest.TempPathFactory, models_dir: Path) -> Iterator[Server]:
    """Demo scene with --race; the tiny model predicts `other` for everyone."""
    yield from start_server("demo", tmp_path_factory.mktemp("race_server"), 12, ["--models", str(models_dir), "--race"])


def test_without_the_option_there_is_no_race_toggle(still_server: Server, open_page: OpenPage) -> None:
    page = open_page(still_server.url)
    Dashboard(page).wait_for_video()
    expect(page.locator("[data-show=sex]")).to_be_visible()
    expect(page.locator("[data-show=race]")).to_have_count(0)
    expect(page.locator("#notices")).to_contain_text("Emotion, age, perceived sex")
    expect(page.locator("#notices")).not_to_contain_text("perceived race")


def test_with_the_option_race_is_shown_and_recorded(race_server: Server, open_page: OpenPage) -> None:
    page = open_page(race_server.url)
    dashboard = Dashboard(page)
    dashboard.wait_for_video()
    expect(page.locator("#notices")).to_contain_text("perceived race")
    assert "race" not in dashboard.requested_overlays()
    dashboard.toggle("race")
    dashboard.expect_overlays("boxes,emotion,age,sex,race")
    expect(page.locator("#cards li .card__details").first).to_contain_text("perceived race other")

    dashboard.start_session("Perceived")
    wait_until(lambda: page.locator("#session-label-shares").text_content(), 15, "counting races")
    expect(page.locator("#session-label-shares")).to_contain_text("Perceived race: Other")
    dashboard.stop_session()
    page.locator("#session-saved a").click()
    expect(page.locator("#facts")).to_contain_text("Perceived race")
    expect(page.locator("#persons thead")).to_contain_text("Perceived race")
    expect(page.locator("#persons thead")).not_to_contain_text("Mask")
    row = page.locator("#persons tbody tr").first
    expect(row.locator("[data-label='Perceived race']")).to_contain_text("Other")
