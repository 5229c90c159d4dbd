"""Masks in the browser: shown and recorded with a mask model; emotion and age are unsure behind them."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.e2e.conftest import OpenPage
from tests.e2e.dashboard import Dashboard
from tests.e2e.server import Server, wait_until


def test_without_a_mask_model_there_is_no_mask_toggle(no_mask_model_server: Server, open_page: OpenPage) -> None:
    page = open_page(no_mask_model_server.url)
    Dashboard(page).wait_for_video()
    expect(page.locator("[data-show=sex]")).to_be_visible()
    expect(page.locator("[data-show=mask]")).to_have_count(0)


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
