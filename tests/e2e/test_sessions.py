"""Sessions in the browser: recording, crash, pages, rename, export, deletion."""

from __future__ import annotations

import csv
import io
import re
import sqlite3
from collections import Counter
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.e2e.conftest import ConsoleErrors, OpenPage
from tests.e2e.dashboard import Dashboard
from tests.e2e.server import Server, wait_until

MARKUP = '<img src=x onerror="window.broken = true"><script>window.broken = true</script>'


def record(page: Page, name: str, seconds: int) -> str:
    """Record a session on the live page; returns the path of its page."""
    dashboard = Dashboard(page)
    dashboard.wait_for_video()
    dashboard.start_session(name)
    wait_until(lambda: dashboard.histogram_seconds() >= seconds, 15, "recording")
    dashboard.stop_session()
    return page.locator("#session-saved a").get_attribute("href") or ""


def rows_in_file(data: Path, session_id: int) -> list[tuple[int, int, str]]:
    with sqlite3.connect(data / "sessions.sqlite3") as connection:
        query = "SELECT track_id, time_ms / 1000, dominant FROM observations WHERE session_id = ? ORDER BY 2, 1"
        return connection.execute(query, (session_id,)).fetchall()


def test_a_session_survives_a_crash_and_its_page_and_csv_agree_with_the_file(
    restartable_server: Server, open_page: OpenPage, console_errors: ConsoleErrors
) -> None:
    page = open_page(restartable_server.url)
    dashboard = Dashboard(page)
    dashboard.wait_for_video()
    dashboard.start_session("Crash test")
    # Two people. What is not yet in the file is lost.
    wait_until(lambda: len(rows_in_file(restartable_server.data, session_id=1)) >= 4, 15, "recording")
    restartable_server.kill()
    dashboard.wait_for("Connection lost")
    restartable_server.start()
    dashboard.wait_for_video()
    console_errors.clear()  # of the connection that was lost

    page.goto(f"{restartable_server.url}/sessions")
    page.get_by_role("link", name="Crash test", exact=True).click()
    expect(page.locator("#histogram canvas")).to_be_visible()
    expect(page.locator("#timeline canvas")).to_be_visible()
    session_id = int(page.url.rsplit("/", 1)[1])
    rows = rows_in_file(restartable_server.data, session_id)
    assert len(rows) >= 4
    assert_page_shows(page, rows)
    assert_csv_holds(restartable_server, session_id, rows)


def assert_page_shows(page: Page, rows: list[tuple[int, int, str]]) -> None:
    label = page.locator("#histogram").get_attribute("aria-label") or ""
    shown = dict(part.rsplit(" ", 1) for part in label.split(": ")[1].split(", "))
    assert {name.lower(): int(count) for name, count in shown.items() if count != "0"} == Counter(
        row[2] for row in rows
    )
    people = Counter(row[0] for row in rows)
    assert page.locator("#persons tbody tr").count() == len(people)
    seconds = page.locator("#persons td[data-label=Seconds]").all_inner_texts()
    assert [int(text) for text in seconds] == [people[person] for person in sorted(people)]


def assert_csv_holds(server: Server, session_id: int, rows: list[tuple[int, int, str]]) -> None:
    exported = csv.DictReader(io.StringIO(server.get(f"/api/sessions/{session_id}/export.csv").decode()))
    found = sorted((int(float(row["time_s"])), int(row["person_id"]), row["dominant"]) for row in exported)
    assert found == [(time_s, person, dominant) for person, time_s, dominant in rows]


def test_a_person_of_a_session_can_be_selected(demo_server: Server, open_page: OpenPage) -> None:
    page = open_page(demo_server.url)
    page.goto(demo_server.url + record(page, "Chosen", 3))
    person = page.locator("#persons .person").first
    person.click()
    expect(person).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#histogram-of")).to_have_text(person.inner_text())
    expect(page.locator("#facts")).to_contain_text("demo scene")
    page.locator("#filter-reset").click()
    expect(page.locator("#histogram-of")).not_to_have_text(person.inner_text())
    for format_, start in (("png", b"\x89PNG"), ("svg", b"<svg")):
        with page.expect_download() as saved:
            page.locator(f"#circumplex-download [data-format={format_}]").click()
        assert Path(saved.value.path()).read_bytes().startswith(start)


def test_markup_in_a_session_name_is_shown_as_text(demo_server: Server, open_page: OpenPage) -> None:
    page = open_page(demo_server.url)
    address = record(page, MARKUP, 1)
    expect(page.locator("#session-saved a")).to_have_text(MARKUP)
    page.goto(f"{demo_server.url}/sessions")
    expect(page.locator(".session-name", has_text=MARKUP)).to_be_visible()
    page.goto(demo_server.url + address)
    expect(page.locator("#name")).to_have_text(MARKUP)
    assert MARKUP in page.title()
    page.locator("#delete").click()
    expect(page.locator("#delete-dialog .dialog__name")).to_have_text(MARKUP)
    page.get_by_role("button", name="Cancel").click()
    page.locator("#rename").click()
    expect(page.locator("#rename-dialog input")).to_have_value(MARKUP)
    assert page.locator("img[src=x]").count() == 0
    assert page.evaluate("window.broken") is None


def test_sessions_are_renamed_and_deleted_after_confirmation(demo_server: Server, open_page: OpenPage) -> None:
    page = open_page(demo_server.url)
    record(page, "Old name", 1)
    page.goto(f"{demo_server.url}/sessions")
    page.get_by_role("button", name="Rename Old name").click()
    page.locator("#rename-dialog input").fill("New name")
    page.keyboard.press("Enter")
    named = page.get_by_role("link", name="New name", exact=True)
    expect(named).to_be_visible()

    for choice in ("Cancel", "Delete"):
        expect(named).to_be_visible()
        page.get_by_role("button", name="Delete New name").click()
        page.locator("#delete-dialog").get_by_role("button", name=choice).click()
    expect(named).to_have_count(0)
    assert "New name" not in [session["name"] for session in demo_server.get_json("/api/sessions")["sessions"]]


def test_all_sessions_are_deleted_after_confirmation(demo_server: Server, open_page: OpenPage) -> None:
    page = open_page(demo_server.url)
    record(page, "Unmistakable Zanzibar", 1)
    page.goto(f"{demo_server.url}/sessions")
    expect(page.locator(".title-row__note")).to_contain_text("deleted 30 days after they end")
    page.get_by_role("button", name="Delete all").click()
    expect(page.locator("#delete-all-dialog .dialog__name")).to_contain_text("session")
    page.locator("#delete-all-dialog").get_by_role("button", name="Delete all").click()
    expect(page.locator("#no-sessions")).to_be_visible()
    expect(page.locator("#delete-all")).to_be_hidden()
    files = [path for path in demo_server.data.iterdir() if path.name != "server.log"]
    assert [path for path in files if b"Zanzibar" in path.read_bytes()] == []


def test_the_list_keeps_the_focus_and_is_korean_on_demand(demo_server: Server, open_page: OpenPage) -> None:
    page = open_page(demo_server.url)
    for name in ("First", "Second"):
        record(page, name, 1)
    page.goto(f"{demo_server.url}/sessions?lang=ko")
    expect(page.locator("h1")).to_have_text("세션")
    row = page.locator("#sessions tbody tr").first
    expect(row.locator("[role=img]")).to_have_attribute("aria-label", re.compile("^표정: .*(행복|슬픔|무표정).*%"))
    for action, name in (("rename", "Renamed"), ("delete", "First")):
        expect(row.locator("[data-action=rename]")).to_be_visible()
        row.locator(f"[data-action={action}]").focus()
        page.keyboard.press("Enter")
        if action == "rename":
            page.keyboard.type("Renamed")
            page.keyboard.press("Enter")
        else:
            page.locator("#delete-dialog [value=ok]").focus()
            page.keyboard.press("Enter")
        focused = page.locator(f"#sessions tbody tr [data-action={action}]:focus")
        expect(focused).to_have_attribute("aria-label", re.compile(f"^{name} "))
    page.goto(f"{demo_server.url}/sessions?lang=en")
    page.get_by_role("button", name="Delete all").click()
    page.locator("#delete-all-dialog").get_by_role("button", name="Delete all").click()
    expect(page.get_by_role("link", name="Go to the live page")).to_be_focused()


def test_a_name_can_be_changed_while_the_session_runs(demo_server: Server, open_page: OpenPage) -> None:
    dashboard = Dashboard(open_page(demo_server.url))
    dashboard.wait_for_video()
    dashboard.start_session("Before")
    dashboard.page.locator("#recording-name").fill("After")
    dashboard.page.keyboard.press("Enter")
    wait_until(lambda: demo_server.get_json("/api/status")["session"]["name"] == "After", what="the new name")
    expect(dashboard.page.locator("#recording")).to_be_visible()
    dashboard.stop_session()
    expect(dashboard.page.locator("#session-saved a")).to_have_text("After")


def test_another_viewer_s_stop_leaves_a_link_to_the_session(demo_server: Server, open_page: OpenPage) -> None:
    first, second = (Dashboard(open_page(demo_server.url)) for _ in range(2))
    first.wait_for_video()
    second.wait_for_video()
    first.start_session("Watched by two")
    expect(second.page.locator("#recording")).to_be_visible()
    assert second.page.locator("#recording-name").input_value() == "Watched by two"
    second.stop_session()
    expect(second.page.locator("#session-saved")).to_contain_text("Saved")
    expect(first.page.locator("#session-saved")).to_contain_text("Stopped by another viewer")
    first.page.locator("#session-saved a").click()
    expect(first.page.locator("#name")).to_have_text("Watched by two")


def test_markers_are_set_by_button_and_keys_that_the_session_names(demo_server: Server, open_page: OpenPage) -> None:
    page = open_page(demo_server.url)
    dashboard = Dashboard(page)
    dashboard.wait_for_video()
    options = page.locator("#session-options-dialog")
    page.locator("#session-options").click()
    options.locator("select").select_option("5")
    options.locator("[name='7']").fill("Trailer 7")
    options.locator("[value=ok]").click()
    dashboard.start_session("Marked")
    page.locator("#marker-button").click()
    expect(page.locator("#recording-markers")).to_contain_text("1 marker, at 0:0")
    page.keyboard.press("m")
    expect(page.locator("#recording-markers")).to_contain_text("2 markers, last at")
    page.keyboard.press("7")
    expect(page.locator("#toast")).to_contain_text("Trailer 7 at 0:0")
    page.keyboard.press("e")
    expect(page.locator("#toast")).to_contain_text("Trailer 7: 0:0")
    expect(page.locator("#marker-end")).to_be_hidden()
    page.locator("#session-options").click()
    expect(options.locator("select")).to_be_hidden()
    options.locator("[name='8']").fill("Trailer 8")
    page.keyboard.press("Enter")
    expect(page.locator("#toast")).to_contain_text("changed")
    page.keyboard.press("8")
    expect(page.locator("#recording-markers")).to_contain_text("4 markers")
    (session,) = [one for one in demo_server.get_json("/api/sessions")["sessions"] if one["name"] == "Marked"]
    assert session["rate"] == 5
    markers = demo_server.get_json(f"/api/sessions/{session['id']}/markers")["markers"]
    assert [(marker["name"], marker["key"], marker["end_s"] is not None) for marker in markers] == [
        ("Marker 1", None, False),
        ("Marker 2", None, False),
        ("Trailer 7", 7, True),
        ("Trailer 8", 8, False),
    ]
    dashboard.stop_session()
