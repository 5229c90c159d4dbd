"""Live page on the demo scene: video, bars, states, keyboard shortcuts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.conftest import STILL, ConsoleErrors, OpenPage
from tests.e2e.dashboard import Dashboard, count_changed_pixels
from tests.e2e.rewritten_events import rewrite_events
from tests.e2e.server import Server, wait_until
from tests.support.painted_delay.measure import measure


@pytest.fixture(scope="module")
def shared_dashboard(demo_server: Server, browser: Browser) -> Iterator[Dashboard]:
    """A page shared by tests that leave it as it was."""
    errors = ConsoleErrors()
    context = browser.new_context(viewport={"width": 1280, "height": 800}, accept_downloads=True, **STILL)
    dashboard = Dashboard(context.new_page())
    errors.watch(dashboard.page)
    dashboard.page.goto(demo_server.url)
    dashboard.wait_for_video()
    yield dashboard
    context.close()
    assert errors == []


@pytest.fixture
def dashboard(shared_dashboard: Dashboard) -> Dashboard:
    shared_dashboard.wait_for_video()
    return shared_dashboard


def test_video_arrives_and_changes(dashboard: Dashboard) -> None:
    first = dashboard.pixels()
    assert first.std() > 20, "a uniform image shows nothing"
    assert count_changed_pixels(first, dashboard.wait_for_change(first)) > 50


def test_state_source_and_detector_are_shown(dashboard: Dashboard, demo_server: Server) -> None:
    status = demo_server.get_json("/api/status")
    expect(dashboard.page.locator("#badge .badge__figures")).to_contain_text("fps")
    expect(dashboard.page.locator("#notices")).to_contain_text("Demo")
    expect(dashboard.page.locator("#notices")).to_contain_text(status["detector"]["title"])


def test_every_person_has_a_card_and_can_be_selected(dashboard: Dashboard) -> None:
    page = dashboard.page
    card = page.locator(".card").first
    expect(card.locator(".card__details")).to_contain_text("perceived")
    card.click()
    expect(card).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#expression-of")).to_have_text(f"Person {card.locator('.card__id').inner_text()}")
    card.click()
    expect(card).to_have_attribute("aria-pressed", "false")


def test_bars_and_histogram_move_while_a_session_runs(dashboard: Dashboard) -> None:
    labels = dashboard.page.locator("#bars .bar__label").all_inner_texts()
    assert len(labels) == 7
    dashboard.start_session("Moving")
    expect(dashboard.page.locator("#histogram .column")).to_have_count(7)
    shares = dashboard.bar_fractions()
    first = wait_until(dashboard.histogram_seconds, what="the first counted second")
    dashboard.page.wait_for_timeout(1500)
    assert dashboard.bar_fractions() != shares
    assert dashboard.histogram_seconds() > first
    assert dashboard.page.locator("#recording-time").inner_text() > "0:00"
    assert dashboard.page.locator("#bars .bar__label").all_inner_texts() == labels
    dashboard.stop_session()


def test_hidden_tab_closes_its_stream(dashboard: Dashboard, demo_server: Server) -> None:
    wait_until(lambda: demo_server.health()["viewers"] == 1, what="one viewer")
    _turn_hidden(dashboard, True)
    wait_until(lambda: demo_server.health()["viewers"] == 0, what="the stream's end")
    _turn_hidden(dashboard, False)
    wait_until(lambda: demo_server.health()["viewers"] == 1, what="the stream's return")
    dashboard.wait_for_video()


def _turn_hidden(dashboard: Dashboard, hidden: bool) -> None:
    """Simulate a visibility change, since Playwright keeps every page in front."""
    dashboard.page.evaluate(
        """hidden => {
            Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
            document.dispatchEvent(new Event("visibilitychange"));
        }""",
        hidden,
    )


def test_pause_releases_the_camera_and_says_who_paused_and_what_needs_a_picture(
    dashboard: Dashboard, demo_server: Server, open_page: OpenPage
) -> None:
    other = Dashboard(open_page(demo_server.url))
    other.wait_for_video()
    dashboard.page.locator("#power").click()
    dashboard.wait_for("Paused")
    expect(dashboard.page.locator(".card")).to_have_count(0, timeout=1000)
    assert dashboard.video.get_attribute("src") is None
    assert demo_server.health()["status"] == "paused"
    expect(dashboard.page.locator(".veil__detail")).to_contain_text("You paused it for everyone at")
    expect(other.page.locator(".veil__detail")).to_contain_text("Another viewer paused it for everyone at")
    for name in ("#snapshot", "#session-button"):
        expect(other.page.locator(name)).to_be_disabled()
    expect(other.page.locator("#snapshot")).to_have_attribute("title", "Not available without a picture (Paused).")
    expect(other.page.locator("#session-empty")).to_have_text("Not available without a picture (Paused).")
    other.page.keyboard.press("Space")
    expect(other.page.locator("#toast")).to_have_text("Not available without a picture (Paused).")
    other.page.get_by_role("button", name="Resume for everyone").click()
    dashboard.wait_for_video()
    expect(dashboard.page.locator("#snapshot")).to_be_enabled()
    expect(dashboard.page.locator("#session-button")).to_be_enabled()


def test_only_people_in_view_are_counted_and_the_focus_stays_in_the_list(
    demo_server: Server, open_page: OpenPage
) -> None:
    page = open_page("about:blank")
    faces: list[dict] = []
    rewrite_events(page, {"stats": lambda stats: {**stats, "faces": stats["faces"][: len(faces) or None]}})
    page.goto(demo_server.url)
    expect(page.locator("#people-count")).not_to_have_text("1 in view")
    wait_until(lambda: page.locator(".card:not(.card--gone)").count() > 1, what="two people")
    page.locator(".card").last.focus()
    faces.append({})
    expect(page.locator("#people-count")).to_have_text("1 in view", timeout=1000)
    assert page.locator(".card--gone").count() >= 1
    assert "card--gone" not in (page.locator(".card").first.get_attribute("class") or "")
    expect(page.locator(".card").last).to_be_focused()
    expect(page.locator(".card")).to_have_count(1)
    expect(page.locator(".card")).to_be_focused()


def test_groups_are_counted_and_the_last_seconds_are_read_with_the_arrow_keys(dashboard: Dashboard) -> None:
    page = dashboard.page
    wait_until(lambda: page.locator(".card:not(.card--gone)").count() > 1, what="two people")
    expect(page.locator("#expression-word")).to_have_text(re.compile(r"^\d \w+(, \d \w+)*$"))
    strip = page.locator(".strip")
    wait_until(lambda: page.locator(".strip__segment").count() > 2, what="two seconds")
    strip.focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#expression-recent output")).to_have_text(re.compile(r"^0 seconds ago: \d"))
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#expression-recent output")).to_have_text(re.compile(r"^1 second ago: \d"))


def test_a_change_of_the_dominant_expression_is_announced_once_it_has_settled(
    demo_server: Server, open_page: OpenPage
) -> None:
    page = open_page("about:blank")
    label = ["happy"]

    def one_face(stats: dict[str, Any]) -> dict[str, Any]:
        face = {**stats["faces"][0], "id": 7} if stats["faces"] else {}
        emotion = {"label": label[0], "second": None, "probabilities": {label[0]: 0.9}}
        return {**stats, "faces": [face | {"emotion": emotion}] if face else []}

    rewrite_events(page, {"stats": one_face})
    page.goto(demo_server.url)
    announcer = page.locator("#announcer")
    expect(announcer).to_have_text("Person 7: Happy")
    label[0] = "sad"
    page.wait_for_timeout(600)
    expect(announcer).to_have_text("Person 7: Happy")
    expect(announcer).to_have_text("Person 7: Sad")


def test_space_saves_a_snapshot_unless_a_control_has_focus_also_after_a_click(
    dashboard: Dashboard, tmp_path: Path
) -> None:
    page = dashboard.page
    with page.expect_download() as download:
        page.keyboard.press("Space")
    saved = tmp_path / "saved.jpg"
    download.value.save_as(saved)
    assert download.value.suggested_filename.endswith(".jpg")
    assert cv2.imread(str(saved)).shape == (720, 960, 3), "as large as it is shown"

    downloads: list[object] = []
    page.on("download", lambda download: downloads.append(download))
    page.locator("[data-show=age]").focus()
    page.keyboard.press("Space")
    expect(page.locator("[data-show=age]")).to_have_attribute("aria-pressed", "false")
    page.keyboard.press("Space")
    page.locator("#session-name").focus()
    page.keyboard.type("a b f")
    assert page.locator("#session-name").input_value() == "a b f"
    page.wait_for_timeout(300)
    assert downloads == []
    page.locator("#session-name").fill("")

    dashboard.toggle("ids")
    with page.expect_download():
        page.keyboard.press("Space")
    expect(page.locator("[data-show=ids]")).to_have_attribute("aria-pressed", "true")
    dashboard.toggle("ids")


def test_missing_camera_is_reported_and_the_page_finishes_loading(demo_server: Server, open_page: OpenPage) -> None:
    page = open_page("about:blank")
    missing = {
        "state": "failed",
        "source": "63",
        "requested": "63",
        "name": "Webcam 63",
        "kind": "webcam",
        "demo": False,
    }
    error = "there is no webcam 63; choose another camera, or start with --source demo"
    rewrite_events(
        page, {"status": lambda status: {**status, "camera": {**status["camera"], **missing, "error": error}}}
    )
    page.goto(demo_server.url)  # returns once everything is loaded
    dashboard = Dashboard(page)
    dashboard.wait_for("No camera")
    expect(dashboard.page.locator("#stage-message")).to_contain_text("There is no webcam 63")
    expect(dashboard.page.locator("#camera option:checked")).to_have_text("Webcam 63")


def test_a_file_waits_for_the_first_viewer_and_is_played_from_any_position(
    video_server: Server, open_page: OpenPage
) -> None:
    dashboard = Dashboard(open_page(video_server.url))
    bar = dashboard.page.get_by_label("Position in the file")
    dashboard.wait_for_video()
    assert float(bar.input_value()) < 2, "it began when the page was opened"
    dashboard.wait_for("Playback ended")
    expect(dashboard.page.locator(".veil__title")).to_have_text("Playback ended")
    expect(dashboard.page.locator(".veil__detail")).to_have_text("The source has ended. Press Play to see it again.")
    expect(dashboard.page.locator("#power")).to_have_accessible_name("Play")
    expect(bar).to_have_value("4")
    bar.fill("2")
    dashboard.wait_for_video()
    assert float(bar.input_value()) >= 2
    assert (bar.get_attribute("aria-valuetext") or "").endswith(" / 0:04")
    dashboard.wait_for("Playback ended")
    dashboard.page.locator("#veil-actions").get_by_role("button", name="Play", exact=True).click()
    dashboard.wait_for_video()
    assert float(bar.input_value()) < 2, "after its end it is played from the start"


def test_f_shows_the_video_full_screen(dashboard: Dashboard) -> None:
    dashboard.page.keyboard.press("f")
    dashboard.wait_for_condition("document.fullscreenElement?.id === 'stage'")
    dashboard.page.keyboard.press("f")
    dashboard.wait_for_condition("document.fullscreenElement === null")


def test_crashed_vision_process_is_reported_and_video_returns(dashboard: Dashboard, demo_server: Server) -> None:
    before = demo_server.kill_vision()
    expect(dashboard.page.locator("#badge .badge__label")).not_to_have_text("Live", timeout=3000)
    dashboard.wait_for_video()
    assert demo_server.health()["vision"]["pid"] != before
    first = dashboard.pixels()
    assert count_changed_pixels(first, dashboard.wait_for_change(first)) > 50


@pytest.mark.soak  # starts another server; tests/unit/web/routes/test_stream.py has the form of the stream
def test_a_picture_of_the_camera_is_seen_before_the_next_one_is_made(browser: Browser, tmp_path: Path) -> None:
    delay = measure(browser, tmp_path, fps=5, seconds=3)
    assert delay.median_ms < 1000 / delay.fps, str(delay)
    assert len(delay.delays_ms) >= 0.8 * delay.made
