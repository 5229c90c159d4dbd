"""Socket.IO events: their effects, and refused payloads that leave the connection open."""

import time
from datetime import datetime
from pathlib import Path

import pytest

from app.web.routes.events import MAX_EVENTS
from app.web.routes.stream import SNAPSHOT_TIMEOUT_S
from tests.support.fakes import make_face, status_body
from tests.support.web import RunningApp, running_app, wait_until

NO_BROWSER = "no browser gives its camera yet; open the link of the live page in one"


@pytest.fixture
def web(tmp_path: Path):
    with running_app(tmp_path) as web:
        web.start_vision()
        yield web


def test_a_new_connection_receives_the_status(web: RunningApp):
    received = web.connect_page().get_received()
    assert [event["name"] for event in received] == ["status"]
    assert received[0]["args"][0]["camera"]["state"] == "live"


def test_a_session_is_started_renamed_and_stopped(web: RunningApp):
    page = web.connect_page()
    started = web.send_event(page, "session_start", {"name": "  Trailer test "})
    assert started["ok"]
    assert started["session"]["name"] == "Trailer test"
    assert started["session"]["demo"]
    session_id = started["session"]["id"]
    assert web.camera.status()["session"]["id"] == session_id
    assert web.send_event(page, "session_rename", {"id": session_id, "name": "Other"})["session"]["name"] == "Other"
    assert web.camera.status()["session"]["name"] == "Other"
    stopped = web.send_event(page, "session_stop", {})
    assert stopped["session"]["ended_at"] is not None
    assert web.camera.status()["session"] is None


def test_a_program_marks_the_running_session_and_all_pages_are_told(web: RunningApp):
    program, page = web.connect_page(), web.connect_page()
    assert "no session" in web.send_event(program, "marker_add", {"name": "Stimulus"})["error"]
    session = web.send_event(program, "session_start", {"marker_names": {"2": "Trailer 2"}})["session"]
    page.get_received()
    time.sleep(0.05)
    marker = web.send_event(program, "marker_add", {"key": 2, "note": "loud"})["marker"]
    assert (marker["name"], marker["note"], marker["key"], marker["end_s"]) == ("Trailer 2", "loud", 2, None)
    assert 0.05 <= marker["start_s"] < 5
    (event,) = [event for event in page.get_received() if event["name"] == "markers"]
    assert event["args"] == [{"session": session["id"], "markers": [marker]}]
    span = web.send_event(
        program, "marker_add", {"id": session["id"], "name": "Break", "time": 0, "end": 0.01, "excluded": True}
    )
    assert (span["marker"]["start_s"], span["marker"]["end_s"], span["marker"]["excluded"]) == (0, 0.01, True)
    ended = web.send_event(program, "marker_change", {"marker": marker["id"], "end": "now"})["marker"]
    assert (ended["name"], ended["start_s"]) == ("Trailer 2", marker["start_s"])
    assert marker["start_s"] < ended["end_s"] < 5
    for wrong in ({}, {"marker": "1"}, {"marker": 99, "end": "now"}, {"marker": marker["id"], "end": "soon"}):
        assert web.send_event(program, "marker_change", wrong)["ok"] is False
    for wrong in (
        {"id": "1"},
        {"id": 99},
        {"time": -1},
        {"time": 1e9},
        {"key": 10},
        {"time": 5, "end": 4},
        {"colour": "red"},
    ):
        refused = web.send_event(program, "marker_add", wrong)
        assert refused["ok"] is False
        assert "\n" not in refused["error"]
    assert len(web.client.get("/api/sessions/1/markers").get_json()["markers"]) == 2


def test_new_names_of_marker_keys_are_told_to_all_pages(web: RunningApp):
    page = web.connect_page()
    web.send_event(page, "session_start", {})
    page.get_received()
    web.client.put("/api/sessions/1/marker-names", json={"1": "Trailer 1"})
    (event,) = [event for event in page.get_received() if event["name"] == "status"]
    assert event["args"][0]["session"]["marker_names"] == {"1": "Trailer 1"}
    assert web.send_event(page, "marker_add", {"key": 1})["marker"]["name"] == "Trailer 1"


def test_all_pages_receive_the_status_of_a_started_session(web: RunningApp):
    other = web.connect_page()
    other.get_received()
    web.send_event(web.connect_page(), "session_start", {})
    (event,) = [event for event in other.get_received() if event["name"] == "status"]
    assert event["args"][0]["session"]["name"] == "Session 1"


def test_a_second_session_and_a_second_stop_are_refused(web: RunningApp):
    page = web.connect_page()
    web.send_event(page, "session_start", {})
    assert "running" in web.send_event(page, "session_start", {})["error"]
    web.send_event(page, "session_stop", {})
    assert "no session" in web.send_event(page, "session_stop", {})["error"]


@pytest.mark.parametrize(
    ("event", "payload"),
    [
        ("session_start", ()),
        ("session_start", (None,)),
        ("session_start", ([],)),
        ("session_start", ("name",)),
        ("session_start", ({"name": ""},)),
        ("session_start", ({"name": "   "},)),
        ("session_start", ({"name": "x" * 121},)),
        ("session_start", ({"name": "a\x00b"},)),
        ("session_start", ({"name": "a\nb"},)),
        ("session_start", ({"name": 3},)),
        ("session_start", ({"name": "a", "more": 1},)),
        ("session_start", ({}, {})),
        ("session_stop", ({"id": 1},)),
        ("session_rename", ({"id": 1},)),
        ("session_rename", ({"id": True, "name": "a"},)),
        ("session_rename", ({"id": "1", "name": "a"},)),
        ("session_rename", ({"id": 10**30, "name": "a"},)),
        ("session_rename", ({"id": 1, "name": {"$": 1}},)),
        ("session_rename", ({"id": 99, "name": "nobody"},)),
        ("camera_pause", ([1, 2],)),
        ("camera_resume", (7,)),
        ("analysis_retry", ({"now": True},)),
        ("camera_seek", ({"position_s": "1"},)),
        ("camera_seek", ({"position_s": True},)),
        ("camera_seek", ({"position_s": -1},)),
        ("camera_seek", ({"position_s": float("nan")},)),
        ("camera_seek", ({"position_s": 1e300},)),
        ("camera_seek", ({"position_s": 1},)),
        ("camera_select", ({"source": 0},)),
        ("camera_select", ({"source": "/etc/passwd"},)),
        ("camera_select", ({"source": "x" * 5000},)),
    ],
)
def test_malformed_payloads_are_refused_without_closing_the_connection(web: RunningApp, event: str, payload: tuple):
    page = web.connect_page()
    acknowledgement = web.send_event(page, event, *payload)
    assert acknowledgement["ok"] is False
    assert acknowledgement["error"]
    assert "\n" not in acknowledgement["error"]
    assert page.is_connected()
    assert web.send_event(page, "camera_pause", {})["ok"]
    assert [type for type, _ in web.link.user_commands if type != "pause"] == []


def test_unknown_events_are_ignored(web: RunningApp):
    page = web.connect_page()
    page.emit("open_the_door", {"please": True})
    assert page.is_connected()
    assert web.send_event(page, "camera_resume", {}) == {"ok": True}


def test_the_camera_is_paused_resumed_and_selected_from_the_list(web: RunningApp):
    page = web.connect_page()
    pause = web.send_event(page, "camera_pause", {})["pause"]
    web.send_event(page, "camera_resume", {})
    assert web.send_event(page, "camera_select", {"source": "demo"})["ok"] is False
    assert web.client.get("/api/cameras").get_json()["cameras"][0]["source"] == "demo"
    assert web.send_event(page, "camera_select", {"source": "demo"}) == {"ok": True}
    assert [sent for sent in web.link.user_commands if sent[0] != "list_cameras"] == [
        ("pause", pause),
        ("resume", {}),
        ("select", {"source": "demo"}),
    ]


def test_the_status_says_which_pause_it_was_until_the_source_plays_again(web: RunningApp):
    page, other = web.connect_page(), web.connect_page()
    first = web.send_event(page, "camera_pause", {})["pause"]
    assert web.camera.status()["pause"] is None, "the source is not paused yet"
    web.start_vision(state="paused")
    wait_until(lambda: web.camera.status()["pause"] == first)
    second = web.send_event(other, "camera_pause", {})["pause"]
    assert second["id"] != first["id"]
    assert datetime.fromisoformat(second["at"]).tzinfo is not None
    assert web.camera.status()["pause"] == second
    for event, payload in (("camera_resume", {}), ("camera_select", {"source": "demo"})):
        web.send_event(page, "camera_pause", {})
        assert web.client.get("/api/cameras").status_code == 200
        assert web.send_event(page, event, payload)["ok"]
        assert web.camera.status()["pause"] is None


@pytest.mark.parametrize(
    ("vision", "camera", "reason"),
    [
        ("starting", {}, "the analysis has not started yet; try again in a moment"),
        ("restarting", {}, "signal 9; restarting it"),
        ("running", {"state": "opening"}, "the source is being opened; try again in a moment"),
        (
            "running",
            {"state": "waiting", "kind": "browser"},
            "no browser gives its camera yet; open the link of the live page in one",
        ),
        ("running", {"state": "paused"}, "the source is paused; resume it first"),
        (
            "running",
            {"state": "lost", "error": "Webcam 0 sends no frames; check it"},
            "Webcam 0 sends no frames; check it",
        ),
        ("running", {"state": "failed"}, "the source sends no frames; choose another"),
    ],
)
def test_without_a_picture_there_is_no_session_and_no_snapshot(
    web: RunningApp, vision: str, camera: dict[str, str], reason: str
):
    web.link.feed("status", status_body(**camera))
    web.link.feed("vision", {"state": vision, "pid": 1, "restarts": 0, "error": "signal 9; restarting it"})
    wait_until(lambda: web.camera.state.picture_problem)
    asked_at_s = time.monotonic()
    assert web.send_event(web.connect_page(), "session_start", {})["error"] == f"there is no picture: {reason}"
    refused = web.client.get("/snapshot.jpg")
    assert (refused.status_code, refused.get_json()["error"]) == (503, f"there is no picture: {reason}")
    assert time.monotonic() - asked_at_s < SNAPSHOT_TIMEOUT_S / 2
    assert web.client.get("/api/sessions").get_json()["sessions"] == []


def test_a_file_of_known_length_is_played_from_a_position(web: RunningApp):
    page = web.connect_page()
    assert "no positions" in web.send_event(page, "camera_seek", {"position_s": 2})["error"]
    web.start_vision(kind="file", duration_s=60.0)
    wait_until(lambda: web.camera.state.camera["duration_s"])
    assert web.send_event(page, "camera_seek", {"position_s": 2}) == {"ok": True}
    assert web.link.user_commands == [("seek", {"position_s": 2.0})]


def test_a_failed_analysis_can_be_retried(web: RunningApp):
    assert web.send_event(web.connect_page(), "analysis_retry", {}) == {"ok": True}
    assert web.link.user_commands == [("retry", {})]


def test_no_session_starts_before_the_models_are_known(tmp_path: Path):
    with running_app(tmp_path) as web:
        acknowledgement = web.send_event(web.connect_page(), "session_start", {})
        assert acknowledgement["ok"] is False
        assert "try again" in acknowledgement["error"]


def test_the_live_view_works_where_sessions_cannot_be_saved(tmp_path: Path):
    (tmp_path / "file").write_text("in the way")
    with running_app(tmp_path / "file" / "data") as web:
        web.start_vision()
        acknowledgement = web.send_event(web.connect_page(), "session_start", {})
        assert acknowledgement["ok"] is False
        assert "--data" in acknowledgement["error"]
        web.publish_frame(1, make_face())
        assert web.client.get("/healthz").status_code == 200
        assert web.client.get("/api/sessions").status_code == 503


def test_closed_pages_are_removed(web: RunningApp):
    page = web.connect_page()
    assert len(web.camera.clients) == 1
    page.disconnect()
    wait_until(lambda: not web.camera.clients)


def test_the_rate_limit_applies_to_each_page(web: RunningApp):
    flooding, other = web.connect_page(), web.connect_page()
    acknowledgements = [web.send_event(flooding, "camera_resume", {}) for _ in range(MAX_EVENTS + 5)]
    assert [acknowledgement["ok"] for acknowledgement in acknowledgements] == [True] * MAX_EVENTS + [False] * 5
    assert "wait a moment" in acknowledgements[-1]["error"]
    assert flooding.is_connected()
    assert web.send_event(other, "camera_resume", {}) == {"ok": True}
