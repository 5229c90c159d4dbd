"""Several cameras: each has its pages, sessions, routes and figures; what names no camera means the first."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from flask_socketio import SocketIOTestClient

from tests.support.fakes import fake_jpeg_index, make_face
from tests.support.web import RunningApp, running_app, wait_until


@pytest.fixture
def web(tmp_path: Path):
    with running_app(tmp_path, camera=("lobby=demo", "door=browser")) as web:
        for name in web.links:
            web.start_vision(of=name)
        yield web


def received(page: SocketIOTestClient, event: str) -> list[Any]:
    return [one["args"][0] for one in page.get_received() if one["name"] == event]


def test_a_page_gets_events_of_its_camera_alone(web: RunningApp):
    lobby, door = web.connect_page(), web.connect_page("door")
    assert [len(received(page, "status")) for page in (lobby, door)] == [1, 1]
    web.start_vision(of="door", name="Back door")
    wait_until(lambda: web.services.cameras.find("door").state.camera["name"] == "Back door")
    web.publish_frame(7, make_face(3), of="door")
    events = door.get_received()
    assert [one["args"][0]["camera"]["name"] for one in events if one["name"] == "status"][-1] == "Back door"
    assert [one["args"][0]["faces"][0]["id"] for one in events if one["name"] == "stats"] == [3]
    assert lobby.get_received() == []


def test_commands_of_a_page_go_to_its_camera(web: RunningApp):
    assert web.send_event(web.connect_page("door"), "camera_pause", {})["ok"]
    assert [command for command, _ in web.links["door"].user_commands] == ["pause"]
    assert web.links["lobby"].user_commands == []


def test_a_page_of_an_unknown_camera_is_refused(web: RunningApp):
    assert not web.connect_page("attic").is_connected()


def test_each_camera_records_a_session_of_its_own(web: RunningApp):
    pages = {name: web.connect_page(name) for name in web.links}
    ids = {name: web.send_event(page, "session_start", {})["session"]["id"] for name, page in pages.items()}
    assert web.client.get("/api/status?camera=door").get_json()["session"]["id"] == ids["door"]
    web.publish_frame(1, make_face(), of="door")
    wait_until(lambda: web.services.cameras.find("door").recorder.live_totals()["persons"] == 1)
    assert web.camera.recorder.live_totals()["persons"] == 0
    assert web.client.delete(f"/api/sessions/{ids['door']}").status_code == 409
    renamed = web.client.patch(f"/api/sessions/{ids['door']}", json={"name": "Deliveries"})
    assert renamed.get_json()["name"] == web.services.cameras.find("door").recorder.current["name"] == "Deliveries"
    marker = web.client.post(f"/api/sessions/{ids['door']}/markers", json={"name": "now"})
    assert marker.status_code == 201, "its session is running, so that no time has to be given"
    assert web.send_event(pages["lobby"], "session_stop", {})["session"]["id"] == ids["lobby"]
    assert web.client.delete("/api/sessions").status_code == 409
    assert web.send_event(pages["door"], "session_stop", {})["session"]["id"] == ids["door"]
    (found,) = web.client.get("/api/sessions?camera=door").get_json()["sessions"]
    assert (found["id"], found["camera"]) == (ids["door"], "door")
    assert [one["id"] for one in web.client.get("/api/sessions?search=LOBBY").get_json()["sessions"]] == [ids["lobby"]]
    assert web.client.delete("/api/sessions").status_code == 204


def test_routes_take_the_name_of_a_camera(web: RunningApp):
    stream = web.client.get("/video_feed?camera=door", buffered=False)
    assert [bool(link.views) for link in web.links.values()] == [False, True]
    web.publish_frame(41, of="door")
    web.publish_frame(42, of="door")
    assert fake_jpeg_index(web.client.get("/snapshot.jpg?camera=door").data) == 42
    stream.close()
    assert web.client.put("/api/people/1/neutral-face?camera=door").status_code == 409
    assert [command for command, _ in web.links["lobby"].user_commands] == []
    unknown = web.client.get("/api/status?camera=attic")
    assert (unknown.status_code, unknown.get_json()) == (
        404,
        {"error": "there is no camera 'attic'; choose from lobby, door"},
    )


def test_health_tells_of_all_cameras_and_is_that_of_the_worst(web: RunningApp):
    for name in web.links:
        web.publish_frame(1, of=name)
    assert web.client.get("/healthz").get_json()["status"] == "ok"
    web.services.cameras.find("door").state.camera["state"] = "lost"
    all_cameras = web.client.get("/healthz")
    assert (all_cameras.status_code, all_cameras.get_json()["status"]) == (503, "failing")
    states = {name: one["status"] for name, one in all_cameras.get_json()["cameras"].items()}
    assert states == {"lobby": "ok", "door": "failing"}
    assert web.client.get("/healthz?camera=lobby").status_code == 200


def test_metrics_are_labelled_with_the_camera(web: RunningApp):
    web.publish_frame(1, make_face(), of="door")
    lines = web.client.get("/metrics").text.splitlines()
    assert 'live_analysis_frames_total{camera="lobby"} 0.0' in lines
    assert 'live_analysis_frames_total{camera="door"} 1.0' in lines
    assert 'live_analysis_people{attribute="emotion",camera="door",label="happy"} 1.0' in lines


def test_the_start_page_is_a_wall_and_each_camera_has_its_page(web: RunningApp):
    wall = web.client.get("/").text
    assert [f'href="/cameras/{name}"' in wall for name in ("lobby", "door")] == [True, True]
    assert '<meta name="camera" content="door">' in web.client.get("/cameras/door").text
    assert web.client.get("/cameras/attic").status_code == 404


def test_a_server_with_one_camera_starts_with_its_page(tmp_path: Path):
    with running_app(tmp_path) as web:
        page = web.client.get("/").text
        assert 'id="video"' in page
        assert '<meta name="camera"' not in page, "its requests name no camera"
        assert 'class="stage__camera"' not in web.client.get("/cameras/main").text


def read_wall(web: RunningApp, query: str) -> tuple[list[dict[str, Any]], bytes]:
    body = web.client.get(f"/api/wall/frames{query}").data
    length = int.from_bytes(body[:4], "big")
    return json.loads(body[4 : 4 + length])["cameras"], body[4 + length :]


def test_the_wall_gets_each_picture_once(web: RunningApp):
    tiles, pictures = read_wall(web, "")
    assert [(tile["name"], tile["frame"], tile["bytes"]) for tile in tiles] == [("lobby", "-", 0), ("door", "-", 0)]
    assert pictures == b""
    assert all(link.views == ["boxes,emotion,age,sex;small;en"] for link in web.links.values())
    web.publish_frame(5, make_face(), of="door")
    tiles, pictures = read_wall(web, "?shown=-,-")
    assert [(tile["frame"], tile["people"]) for tile in tiles] == [("-", 0), ("5", 1)]
    assert (len(pictures), fake_jpeg_index(pictures)) == (tiles[1]["bytes"], 5)
    web.publish_frame(6, of="lobby")
    tiles, pictures = read_wall(web, "?shown=-,5")
    assert [(tile["frame"], bool(tile["bytes"])) for tile in tiles] == [("6", True), ("5", False)]
    assert fake_jpeg_index(pictures) == 6


def test_a_paused_camera_shows_no_picture_on_the_wall(web: RunningApp):
    read_wall(web, "")
    web.publish_frame(5, of="door")
    web.services.cameras.find("door").state.camera["state"] = "paused"
    assert [tile["frame"] for tile in read_wall(web, "?shown=-,5")[0]] == ["-", "-"]


@pytest.mark.parametrize("query", ["?shown=1", "?shown=1,2,3", "?lang=xx"])
def test_malformed_requests_of_a_wall_are_refused(web: RunningApp, query: str):
    assert web.client.get(f"/api/wall/frames{query}").status_code == 400


def test_the_wall_tells_the_state_of_every_camera(web: RunningApp):
    web.send_event(web.connect_page("door"), "session_start", {"name": "Deliveries"})
    lobby, door = web.client.get("/api/wall").get_json()["cameras"]
    assert (lobby["session"], door["session"], door["camera"]["state"]) == (None, "Deliveries", "live")


def test_a_link_admits_a_browser_to_the_camera_of_its_page(web: RunningApp):
    url = web.client.post("/api/camera-link?camera=door").get_json()["url"]
    browser = web.app.test_client()
    browser.get(url.removeprefix("http://localhost"))
    note = json.dumps({"giving": True})
    socket = {"path": "/camera/socket?page=1", "content_type": "text/plain", "headers": {"Origin": "http://localhost"}}
    door, lobby = web.services.cameras.find("door"), web.camera
    lobby.state.camera["requested"], door.state.camera["requested"] = "demo", "browser"
    assert b'"wanted": "give"' in browser.post(**socket, data=note).data
    web.client.delete("/api/camera-link?camera=lobby")
    assert browser.get("/camera/pass").status_code == 204, "that of another camera has ended"
    web.client.delete("/api/camera-link?camera=door")
    assert browser.get("/camera/pass").status_code == 401
