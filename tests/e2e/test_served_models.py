"""What is shown and recorded depends on the served models and options: masks, perceived race."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import OpenPage, start_server
from tests.e2e.dashboard import Dashboard
from tests.e2e.server import Server, wait_until


@pytest.fixture(scope="module")
def race_server(tmp_path_factory: pytest.TempPathFactory, models_dir: Path) -> Iterator[Server]:
    """Demo scene with --race and without a mask model; the tiny model predicts `other` for everyone."""
    yield from start_server("demo", tmp_path_factory.mktemp("race_server"), 6, ["--models", str(models_dir), "--race"])


@pytest.mark.soak
def test_emotion_and_age_are_unsure_behind_masks(masked_faces_server: Server, open_page: OpenPage) -> None:
    page = open_page(masked_faces_server.url)
    dashboard = Dashboard(page)
    dashboard.wait_for_video()
    assert "mask" not in dashboard.requested_overlays()
    dashboard.toggle("mask")
    dashboard.expect_overlays("boxes,emotion,age,sex,mask")
    expect(page.locator("#expression-word")).to_have_text(re.compile(r"^\d unsure$"))
    card = page.locator("#cards li").first
    expect(card.locator(".card__headline")).to_have_text("Unsure")
    expect(card.locator(".card__details")).to_contain_text("age unsure")
    expect(card.locator(".card__details")).to_contain_text(", mask")
    card.click()
    expect(page.locator("#expression-word")).to_have_text("Unsure")

    dashboard.start_session("Behind masks")
    wait_until(lambda: page.locator("#session-label-shares").text_content(), 15, "counting masks")
    dashboard.stop_session()
    page.locator("#session-saved a").click()
    expect(page.locator("#facts")).to_contain_text("MaskMask 100%")
    expect(page.locator("#facts")).to_contain_text("Unsure")
    expect(page.locator("#persons thead")).to_contain_text("Mask")
    row = page.locator("#persons tbody tr").first
    expect(row.locator("[data-label=Mask]")).to_contain_text("Mask")
    expect(row.locator("[data-label=Age]")).to_have_text("Unsure")


def test_with_the_option_race_is_shown_and_recorded_and_without_a_model_no_mask(
    race_server: Server, open_page: OpenPage
) -> None:
    page = open_page(race_server.url)
    dashboard = Dashboard(page)
    dashboard.wait_for_video()
    expect(page.locator("#notices")).to_contain_text("perceived race")
    expect(page.locator("[data-show=mask]")).to_have_count(0)
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
