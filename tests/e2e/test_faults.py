"""Faults as the browser shows them: hanging or crashing vision process, locked file, overload."""

from __future__ import annotations

import os
import signal
import sqlite3
import time
from contextlib import closing, suppress

import psutil
import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import OpenPage
from tests.e2e.dashboard import Dashboard
from tests.e2e.server import Server, wait_until
from tests.support.processes.busy import limit

REPORTED_WITHIN_MS = limit(3000, beside_others=6000)


def kill_until_the_server_gives_up(server: Server) -> None:
    """Kill every new vision process until the server stops restarting it."""
    while server.health()["vision"]["state"] != "failed":
        for child in psutil.Process(server.pid).children():
            with suppress(psutil.Error):  # it may have ended meanwhile
                if "app.vision.worker" in child.cmdline():
                    child.kill()
        time.sleep(0.05)


def test_hanging_vision_process_is_reported_and_replaced_and_the_session_continues_with_a_gap(
    demo_server: Server, open_page: OpenPage
) -> None:
    dashboard = Dashboard(open_page(demo_server.url))
    dashboard.wait_for_video()
    dashboard.start_session("With a gap")
    wait_until(lambda: dashboard.histogram_seconds() >= 2, what="recording")
    os.kill(demo_server.health()["vision"]["pid"], signal.SIGSTOP)
    expect(dashboard.page.locator("#badge .badge__label")).not_to_have_text("Live", timeout=REPORTED_WITHIN_MS)
    dashboard.wait_for("Analysis restarting")
    dashboard.wait_for_video()
    counted = dashboard.histogram_seconds()
    wait_until(lambda: dashboard.histogram_seconds() > counted, what="recording after the gap")
    dashboard.stop_session()
    address = dashboard.page.locator("#session-saved a").get_attribute("href")
    dashboard.page.goto(f"{demo_server.url}{address}")
    expect(dashboard.page.locator("#facts")).to_contain_text("Interruptions")
    gaps = demo_server.get_json(f"/api{address}")["gaps"]
    longest_s = max(gap["end_s"] - gap["start_s"] for gap in gaps)  # a busy computer may cause others
    assert 3 <= longest_s <= 20


def test_crash_loop_ends_in_a_failed_state_with_a_retry_button(demo_server: Server, open_page: OpenPage) -> None:
    dashboard = Dashboard(open_page(demo_server.url))
    dashboard.wait_for_video()
    retry = dashboard.page.locator("#veil-actions [data-action=retry]")
    expect(retry).to_be_hidden()
    kill_until_the_server_gives_up(demo_server)
    dashboard.wait_for("Analysis stopped")
    expect(dashboard.page.locator("#stage-message")).to_contain_text("6 times within a minute")
    retry.click()
    dashboard.wait_for_video()
    expect(retry).to_be_hidden()


def test_the_page_shows_that_recording_is_interrupted_and_why(demo_server: Server, open_page: OpenPage) -> None:
    dashboard = Dashboard(open_page(demo_server.url))
    dashboard.wait_for_video()
    dashboard.start_session("Interrupted")
    wait_until(dashboard.histogram_seconds, what="recording")
    notices = dashboard.page.locator("#notices")
    with closing(sqlite3.connect(demo_server.data / "sessions.sqlite3", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        expect(notices).to_contain_text("Recording has stopped and will resume automatically")
        expect(notices).to_contain_text("another program has locked")
        dashboard.wait_for_video()
        other.rollback()
    expect(notices).not_to_contain_text("Recording has stopped")
    dashboard.stop_session()


@pytest.mark.soak
def test_slow_computer_shows_the_reduced_detail_notice(overloaded_server: Server, open_page: OpenPage) -> None:
    notices = Dashboard(open_page(overloaded_server.url)).page.locator("#notices")
    expect(notices).to_contain_text("Reduced detail")
    expect(notices).to_contain_text("To keep the frame rate")
    assert overloaded_server.health()["reduced"] > 0
    assert overloaded_server.health()["status"] == "ok"
