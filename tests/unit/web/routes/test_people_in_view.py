"""Explanations and neutral faces of people in view."""

import base64
from dataclasses import replace
from pathlib import Path

import pytest

from app.sessions.rows.records import NewSession
from tests.support.fakes import make_explanation, make_face, with_mask
from tests.support.web import running_app, wait_until


@pytest.fixture
def web(tmp_path: Path):
    with running_app(tmp_path) as web:
        web.start_vision()
        yield web


def commands(web):
    return [command for command in web.link.user_commands if command[0] != "list_cameras"]


def test_an_explanation_has_the_map_and_the_patch(web):
    web.link.explanation = make_explanation(3)
    answer = web.client.post("/api/people/3/explanation")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    body = answer.get_json()
    assert (body["person"], body["label"], len(body["falls"])) == (3, "happy", 8)
    assert len(base64.b64decode(body["patch"])) == 48 * 48
    assert "request" not in body
    assert commands(web) == [("explain", {"request": 1, "person": 3, "attribute": "emotion"})]


def test_an_explanation_is_sent_to_nobody_else(web):
    page = web.connect_page()
    web.link.explanation = make_explanation(3)
    web.client.post("/api/people/3/explanation")
    assert "explanation" not in {received["name"] for received in page.get_received()}


def test_hidden_faces_are_not_explained(tmp_path):
    with running_app(tmp_path, blur=True) as web:
        web.start_vision()
        web.link.explanation = make_explanation(3)
        answer = web.client.post("/api/people/3/explanation")
        assert answer.status_code == 403
        assert "--blur" in answer.get_json()["error"]
        assert commands(web) == []


@pytest.mark.parametrize(("state", "line"), [("paused", "the source is paused"), ("lost", "no frames arrive")])
@pytest.mark.parametrize(("method", "path"), [("POST", "explanation"), ("PUT", "neutral-face")])
def test_without_frames_requests_are_refused_at_once(web, state, line, method, path):
    web.start_vision(state=state)
    wait_until(lambda: web.camera.state.camera["state"] == state)
    answer = web.client.open(f"/api/people/3/{path}", method=method)
    assert answer.status_code == 409
    assert answer.get_json()["error"].startswith(line)
    assert commands(web) == []


def test_the_reason_of_the_vision_process_is_told(web):
    web.link.explanation = ({"error": "person 3 is not in view any more"}, b"")
    answer = web.client.post("/api/people/3/explanation")
    assert (answer.status_code, answer.get_json()["error"]) == (409, "person 3 is not in view any more")


def test_an_attribute_that_is_not_served_is_not_explained(web):
    answer = web.client.post("/api/people/3/explanation?attribute=race")
    assert answer.status_code == 409
    assert commands(web) == []


def test_a_neutral_face_is_measured_and_forgotten(web):
    web.publish_frame(1, make_face(3))
    assert web.client.put("/api/people/3/neutral-face").status_code == 204
    assert web.client.delete("/api/people/3/neutral-face").status_code == 204
    assert commands(web) == [("measure_neutral_face", {"person": 3}), ("forget_neutral_face", {"person": 3})]


def test_only_a_face_in_view_that_is_read_can_be_neutral(web):
    web.publish_frame(1, with_mask(make_face(3)))
    for person, reason in ((3, "a mask may hide it"), (4, "person 4 is not in view any more")):
        answer = web.client.put(f"/api/people/{person}/neutral-face")
        assert answer.status_code == 409
        assert reason in answer.get_json()["error"]
    assert commands(web) == []


def start_session(web) -> int:
    started = web.camera.recorder.start(NewSession(None, source="demo", demo=True, attributes=web.services.attributes))
    return started["id"]


def markers_of(web, session_id: int) -> list[tuple[str, str]]:
    found = web.client.get(f"/api/sessions/{session_id}/markers").get_json()["markers"]
    return [(marker["name"], marker["note"]) for marker in found]


def test_a_session_is_marked_once_when_a_neutral_face_begins_to_correct(web):
    page, session_id = web.connect_page(), start_session(web)
    web.publish_frame(1, make_face(3), replace(make_face(4), neutral_face="applied"))
    web.client.put("/api/people/3/neutral-face", headers={"Accept-Language": "ko"})
    web.publish_frame(2, replace(make_face(3), neutral_face="measuring"))
    assert markers_of(web, session_id) == []
    for index in (3, 4):
        web.publish_frame(index, replace(make_face(3), neutral_face="applied"))
    wait_until(lambda: markers_of(web, session_id))
    assert markers_of(web, session_id) == [("3번 사람의 무표정", "이 사람이 나갈 때까지 무표정을 기준으로 보정합니다")]
    assert "markers" in {received["name"] for received in page.get_received()}


def test_a_later_session_is_marked_until_the_neutral_face_is_forgotten(web):
    web.publish_frame(1, make_face(3))
    web.client.put("/api/people/3/neutral-face")
    web.publish_frame(2, replace(make_face(3), neutral_face="applied"))
    session_id = start_session(web)
    web.publish_frame(3, replace(make_face(3), neutral_face="applied"))
    wait_until(lambda: markers_of(web, session_id))
    assert markers_of(web, session_id)[0][0] == "Neutral face of person 3"
    web.camera.recorder.stop()
    web.client.delete("/api/people/3/neutral-face")
    session_id = start_session(web)
    web.publish_frame(4, replace(make_face(3), neutral_face="applied"))
    web.publish_frame(5)
    assert markers_of(web, session_id) == []
