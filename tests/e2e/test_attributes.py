"""An attribute that only a model card describes, in every place of a running app; and the plane of two numbers."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import OpenPage, start_server
from tests.e2e.dashboard import Dashboard, count_changed_pixels
from tests.e2e.server import Server, wait_until

PEOPLE = 3  # in the demo scene


@pytest.fixture(scope="module")
def glasses_server(tmp_path_factory: pytest.TempPathFactory, served_models_and_glasses: Path) -> Iterator[Server]:
    """A still scene with the served models and one that predicts glasses for everyone."""
    options = ["--models", str(served_models_and_glasses)]
    yield from start_server("demo:still", tmp_path_factory.mktemp("glasses"), 6, options)


@pytest.fixture
def page(glasses_server: Server, open_page: OpenPage) -> Page:
    page = open_page(glasses_server.url)
    Dashboard(page).wait_for_video()
    return page


def test_the_interface_describes_the_attribute_and_reports_it(glasses_server: Server, page: Page) -> None:
    described = {one["name"]: one for one in glasses_server.get_json("/api/attributes")["attributes"]}["glasses"]
    assert (described["title"], described["kind"], described["served"]) == ("Glasses", "classes", True)
    faces = wait_until(lambda: glasses_server.get_json("/api/status")["stats"]["faces"], what="a face")
    assert {face["glasses"]["label"] for face in faces} == {"glasses"}
    assert sorted(faces[0]["glasses"]["probabilities"]) == ["glasses", "none", "sunglasses"]
    metrics = glasses_server.get("/metrics").decode()
    assert f'live_analysis_people{{attribute="glasses",label="glasses"}} {len(faces)}' in metrics


def test_its_toggle_shows_it_in_the_video_and_on_the_cards(page: Page) -> None:
    dashboard = Dashboard(page)
    page.wait_for_timeout(1500)  # until the smoothed values of an unmoving face stay as they are
    before = dashboard.pixels()
    expect(page.locator("#cards .card__details").first).not_to_contain_text("glasses")
    dashboard.toggle("glasses")
    expect(page.locator("[data-show=glasses]")).to_have_text("Glasses")
    dashboard.expect_overlays("boxes,emotion,age,sex,glasses")
    assert count_changed_pixels(before, dashboard.wait_for_change(before)) > 50
    for card in page.locator("#cards .card__details").all():
        expect(card).to_contain_text(", glasses")
    expect(page.locator("#notices")).to_contain_text("glasses")


def test_a_session_counts_it_and_its_page_and_files_show_it(glasses_server: Server, page: Page) -> None:
    dashboard = Dashboard(page)
    dashboard.toggle("glasses")
    dashboard.start_session("Glasses")
    expect(page.locator("#session-label-shares")).to_contain_text("Glasses: Glasses 100%")
    dashboard.stop_session()
    page.locator("#session-saved a").click()
    expect(page.locator("#facts")).to_contain_text("GlassesGlasses 100%")
    expect(page.locator("#persons thead")).to_contain_text("Glasses")
    expect(page.locator("#persons [data-label=Glasses]").first).to_have_text("Glasses 100%")
    page.locator("#histogram-attribute").select_option("glasses")
    session_id = page.url.rsplit("/", 1)[1]
    detail = glasses_server.get_json(f"/api/sessions/{session_id}")
    seconds = detail["session"]["person_seconds"]
    assert detail["glasses"] == {"glasses": seconds}
    text = f"Person-seconds by glasses: No glasses 0, Glasses {seconds}, Sunglasses 0"
    expect(page.locator("#histogram")).to_have_attribute("aria-label", text)
    assert_exports_hold_glasses(glasses_server, session_id)


def assert_exports_hold_glasses(server: Server, session_id: str) -> None:
    table = list(csv.DictReader(io.StringIO(server.get(f"/api/sessions/{session_id}/export.csv").decode())))
    document = json.loads(server.get(f"/api/sessions/{session_id}/export.json"))
    assert {row["glasses"] for row in table} == {row["glasses"] for row in document["rows"]} == {"glasses"}
    assert list(table[0]).index("glasses") > list(table[0]).index("mask")


def test_the_panel_shows_two_numbers_as_points_in_their_plane(page: Page) -> None:
    expect(page.locator("#cards li")).to_have_count(PEOPLE)
    button = page.locator("#plane-button")
    expect(button).to_have_text("Circumplex")
    button.click()
    expect(page.locator("#plane .plane__point")).to_have_count(PEOPLE)
    expect(page.locator("#plane")).to_contain_text("derived from the expression")
    expect(page.locator("#bars")).to_be_hidden()
    page.reload()
    expect(page.locator("#plane .plane__point")).to_have_count(PEOPLE)
    button.click()
    expect(page.locator("#bars")).to_be_visible()


def test_the_menu_of_toggles_closes_with_escape_and_by_a_click_elsewhere(page: Page) -> None:
    menu = page.locator("#more")
    for close in (lambda: page.keyboard.press("Escape"), lambda: page.locator("#people-title").click()):
        menu.locator("[data-discloses]").click()
        expect(menu.locator("[data-show=glasses]")).to_be_visible()
        close()
        expect(menu.locator("[data-show=glasses]")).to_be_hidden()


@pytest.mark.soak
def test_a_session_shows_numbers_on_axes_and_in_their_plane(page: Page) -> None:
    record_seconds(page, "Numbers")
    age = page.locator(".axis", has_text="Age")
    expect(age.locator(".axis__point")).to_have_count(PEOPLE)
    expect(age.locator(".axis__value")).to_contain_text("years")
    expect(page.locator("#circumplex .circumplex__mean")).to_have_count(PEOPLE)
    page.locator("#persons .person").first.click()
    expect(age.locator(".axis__point")).to_have_count(1)
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280


@pytest.mark.soak
def test_the_histogram_sums_up_the_rare_labels_of_an_attribute_with_many(glasses_server: Server, page: Page) -> None:
    session_id = record_seconds(page, "Many labels")
    detail = glasses_server.get_json(f"/api/sessions/{session_id}")
    described = {one["name"]: one for one in glasses_server.get_json("/api/attributes")["attributes"]}
    labels = described["compound"]["labels"][1:11]
    detail["compound"] = {label: 20 - index for index, label in enumerate(labels)} | {"unsure": 5}
    figures = glasses_server.get_json(f"/api/sessions/{session_id}/figures") | {"compound": detail["compound"]}
    page.route(f"**/api/sessions/{session_id}?figures=0", lambda route: route.fulfill(json=detail))
    page.route(f"**/api/sessions/{session_id}/figures", lambda route: route.fulfill(json=figures))
    page.goto(f"{glasses_server.url}/sessions/{session_id}")
    page.locator("#histogram-attribute").select_option("compound")
    bars = [*(f"{label.capitalize()} {detail['compound'][label]}" for label in labels[:8]), "Unsure 5", "Others 23"]
    text = f"Person-seconds by compound expression: {', '.join(bars)}"
    expect(page.locator("#histogram")).to_have_attribute("aria-label", text)
    expect(page.locator("#facts")).to_contain_text("others")


def record_seconds(page: Page, name: str) -> str:
    """Record everyone for a second; returns the id of the session and opens its page."""
    dashboard = Dashboard(page)
    dashboard.start_session(name)
    wait_until(lambda: dashboard.histogram_seconds() >= PEOPLE, 15, "recording")
    dashboard.stop_session()
    page.locator("#session-saved a").click()
    page.wait_for_url("**/sessions/*")
    return page.url.rsplit("/", 1)[1]
