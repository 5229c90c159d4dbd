"""Health and shutdown of the server."""

from pathlib import Path

import pytest

from tests.support.fakes import make_face
from tests.support.web import RunningApp, running_app, wait_until


@pytest.fixture
def web(tmp_path: Path):
    with running_app(tmp_path) as web:
        yield web


def health(web: RunningApp) -> tuple[int, str]:
    response = web.client.get("/healthz")
    return response.status_code, response.get_json()["status"]


def test_health_depends_on_frames_camera_and_process(web: RunningApp, monkeypatch: pytest.MonkeyPatch):
    assert health(web) == (503, "starting")
    web.start_vision()
    web.publish_frame(1)
    assert health(web) == (200, "ok")
    with monkeypatch.context() as later:
        later.setattr(type(web.camera.broadcaster), "age_s", 3.5)
        assert health(web) == (503, "failing")
        for state in ("paused", "waiting"):
            web.camera.state.camera["state"] = state
            assert health(web) == (200, state)
    for state in ("lost", "failed"):
        web.camera.state.camera["state"] = state
        assert health(web) == (503, "failing")
    web.camera.state.camera["state"] = "live"
    web.camera.state.vision["state"] = "restarting"
    assert health(web) == (503, "failing")


def test_a_slow_source_is_healthy_for_two_frame_intervals(web: RunningApp, monkeypatch: pytest.MonkeyPatch):
    web.start_vision(fps=0.25)
    web.publish_frame(1)
    monkeypatch.setattr(type(web.camera.broadcaster), "age_s", 5.0)
    assert health(web) == (200, "ok")
    monkeypatch.setattr(type(web.camera.broadcaster), "age_s", 9.0)
    assert health(web) == (503, "failing")


def test_fps_is_zero_without_fresh_frames(web: RunningApp, monkeypatch: pytest.MonkeyPatch):
    web.publish_frame(1)
    assert web.client.get("/healthz").get_json()["fps"] == 30.0
    monkeypatch.setattr(type(web.camera.broadcaster), "age_s", 60.0)
    assert web.client.get("/healthz").get_json()["fps"] == 0.0


def test_close_ends_the_session_and_the_link_and_may_be_repeated(web: RunningApp, tmp_path: Path):
    web.start_vision()
    web.send_event(web.connect_page(), "session_start", {"name": "cut short"})
    web.publish_frame(1, make_face())
    wait_until(lambda: web.camera.recorder.live_totals()["persons"] == 1)
    web.services.close()
    web.services.close()
    assert web.link.closed
    with running_app(tmp_path) as after:
        (summary,) = after.client.get("/api/sessions").get_json()["sessions"]
    assert summary["person_seconds"] == 1
    assert summary["ended_at"] >= summary["started_at"]
