"""The web process over real HTTP and WebSockets, with a fake vision process."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
import requests
from simple_websocket import Client, ConnectionClosed, ConnectionError

from tests.support.fakes import fake_jpeg, make_face
from tests.support.web import RunningApp, Viewer, http_server, running_app, wait_until

DEFAULT = "boxes,emotion,age,sex"


@pytest.fixture
def web(tmp_path: Path) -> Iterator[RunningApp]:
    with running_app(tmp_path) as web:
        web.start_vision()
        yield web


@pytest.fixture
def port(web: RunningApp) -> Iterator[int]:
    with http_server(web.app) as port:
        yield port


def test_viewers_get_their_own_views_and_are_removed_after_disconnecting(web: RunningApp, port: int):
    first, second = Viewer(port), Viewer(port, "?show=")
    web.link.wait_for_views("", DEFAULT)
    web.publish_frame(1, make_face())
    assert first.part() == (1, fake_jpeg(1, DEFAULT))
    assert second.part() == (1, fake_jpeg(1, ""))
    first.close()
    index = 1

    def noticed() -> bool:
        nonlocal index
        index += 1
        web.publish_frame(index)
        return web.link.views == [""]

    wait_until(noticed)
    assert second.part()[0] > 1
    second.close()


def test_a_disconnected_viewer_is_removed_even_without_frames(
    web: RunningApp, port: int, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("app.web.routes.stream.multipart_stream.__defaults__", (0.05,))
    viewer = Viewer(port)
    web.link.wait_for_views(DEFAULT)
    viewer.close()
    web.link.wait_for_views()


def test_a_stalled_viewer_does_not_block_others(web: RunningApp, port: int):
    stalled = socket.create_connection(("127.0.0.1", port))
    stalled.sendall(b"GET /video_feed HTTP/1.1\r\nHost: localhost\r\n\r\n")
    viewer = Viewer(port)
    wait_until(lambda: web.camera.broadcaster.viewers == 2)
    for index in range(1, 200):
        web.publish_frame(index)
        if index % 50 == 0:
            wait_until(lambda index=index: viewer.part()[0] >= index)
    viewer.close()
    stalled.close()


def test_the_stream_stays_open_when_the_vision_process_restarts(web: RunningApp, port: int):
    viewer = Viewer(port)
    web.link.wait_for_views(DEFAULT)
    web.publish_frame(50)
    assert viewer.part()[0] == 50
    web.link.feed("vision", {"state": "restarting", "pid": None, "restarts": 1, "error": "killed"})
    wait_until(lambda: web.camera.state.vision["state"] == "restarting")
    assert requests.get(f"http://127.0.0.1:{port}/healthz", timeout=5).status_code == 503
    web.link.feed("vision", {"state": "running", "pid": 2, "restarts": 1, "error": None})
    web.publish_frame(0)
    assert viewer.part()[0] == 0
    assert requests.get(f"http://127.0.0.1:{port}/healthz", timeout=5).status_code == 200
    viewer.close()


@pytest.mark.parametrize("path", ["/", "/healthz", "/socket.io/?EIO=4&transport=polling"])
def test_an_unknown_host_name_is_refused(port: int, path: str):
    response = requests.get(f"http://127.0.0.1:{port}{path}", headers={"Host": f"rebound.example:{port}"}, timeout=5)
    assert response.status_code == 403
    assert "localhost" in response.json()["error"]


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]", "LOCALHOST"])
def test_loopback_names_are_accepted(port: int, host: str):
    headers = {"Host": f"{host}:{port}"}
    assert requests.get(f"http://127.0.0.1:{port}/api/status", headers=headers, timeout=5).status_code == 200


def test_other_origins_get_no_socket(port: int):
    base_url = f"http://127.0.0.1:{port}"
    polling = f"{base_url}/socket.io/?EIO=4&transport=polling"
    assert requests.get(polling, headers={"Origin": base_url}, timeout=5).status_code == 200
    assert requests.get(polling, headers={"Origin": "http://evil.example"}, timeout=5).status_code == 400
    websocket = f"ws://127.0.0.1:{port}/socket.io/?EIO=4&transport=websocket"
    with pytest.raises(ConnectionError):
        Client.connect(websocket, headers={"Origin": "http://evil.example"})
    # This client leaves the port out of its Host header.
    with closing(Client.connect(websocket, headers={"Origin": "http://127.0.0.1"})) as socket:
        assert socket.receive(5).startswith("0{")


MALFORMED_MESSAGES = (
    "garbage", "4garbage", "4", "42", "49", "44",
    '42["session_start"', "451-[]", "42" + "9" * 90, "42" + "[" * 5000, "x" * 99_999,
    b"\x00\xff", '42[{"a":1}]', "42{}", "42[]", '42["connect"]', '42["disconnect"]',
    '451-["camera_pause",{"_placeholder":true,"num":0}]', '42/elsewhere,["session_start",{}]',
)  # fmt: skip


@pytest.mark.filterwarnings("error::pytest.PytestUnhandledThreadExceptionWarning")
def test_the_server_survives_malformed_and_long_messages(
    web: RunningApp, port: int, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
):
    base_url = f"http://127.0.0.1:{port}"
    for bad in MALFORMED_MESSAGES:
        socket = Client.connect(f"ws{base_url[4:]}/socket.io/?EIO=4&transport=websocket")
        socket.receive(5)
        socket.send("40")
        socket.receive(5)
        socket.send(bad)
        time.sleep(0.02)
        with suppress(ConnectionClosed):
            socket.close()
    output = capfd.readouterr()
    assert "Traceback" not in output.err + output.out + caplog.text
    assert requests.get(f"{base_url}/api/status", timeout=5).status_code == 200
    assert web.camera.recorder.current is None


def test_long_bodies_are_refused_before_reading(port: int):
    polling = f"http://127.0.0.1:{port}/socket.io/?EIO=4&transport=polling"
    sid = json.loads(requests.get(polling, timeout=5).text[1:])["sid"]
    for url in (f"{polling}&sid={sid}", f"http://127.0.0.1:{port}/api/sessions/1"):
        assert requests.post(url, data=b"x" * 99_999, timeout=5).status_code == 413
    # A body of unknown length is sent in chunks.
    endless = requests.post(f"{polling}&sid={sid}", data=iter([b"x" * 99]), timeout=5)
    assert endless.status_code == 411
    assert "close" in endless.headers["Connection"]
    assert requests.post(f"{polling}&sid={sid}", data=b"40", timeout=5).status_code == 200


def test_other_origins_cannot_change_anything(web: RunningApp, port: int):
    web.send_event(web.connect_page(), "session_start", {})
    web.send_event(web.connect_page(), "session_stop", {})
    base_url, url = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{port}/api/sessions/1"
    for headers in ({"Origin": "http://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
        assert requests.delete(url, headers=headers, timeout=5).status_code == 403
    assert requests.get(url, timeout=5).status_code == 200
    assert (
        requests.delete(url, headers={"Origin": base_url, "Sec-Fetch-Site": "same-origin"}, timeout=5).status_code
        == 204
    )


def test_pages_have_security_headers(port: int):
    response = requests.get(f"http://127.0.0.1:{port}/", timeout=5)
    assert response.status_code == 200
    policy = response.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Cache-Control"] == "no-store"
    assert "<script>" not in response.text
    assert " style=" not in response.text


def test_modules_have_a_javascript_content_type(port: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("mimetypes.guess_type", lambda *_, **__: ("text/plain", None))
    response = requests.get(f"http://127.0.0.1:{port}/static/js/pages/dashboard.js", timeout=5)
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert response.headers["Cache-Control"] == "no-cache"
    again = requests.get(response.url, headers={"If-None-Match": response.headers["ETag"]}, timeout=5)
    assert again.status_code == 304


def test_a_session_survives_a_crash_and_its_page_opens(tmp_path: Path):
    with running_app(tmp_path) as web:
        web.start_vision()
        web.send_event(web.connect_page(), "session_start", {"name": "Before the crash"})
        web.publish_frame(1, make_face())
        time.sleep(1.05)
        web.publish_frame(2, make_face())
        web.services.disk_worker.call(lambda: None)
        # A second server on the same file, as after a crash: the first one has not closed anything.
        with running_app(tmp_path) as after, http_server(after.app) as port:
            (summary,) = requests.get(f"http://127.0.0.1:{port}/api/sessions", timeout=5).json()["sessions"]
            assert summary["name"] == "Before the crash"
            assert summary["ended_at"] is not None
            assert summary["person_seconds"] == 1
            assert requests.get(f"http://127.0.0.1:{port}/sessions/1", timeout=5).status_code == 200
            assert requests.get(f"http://127.0.0.1:{port}/sessions/99", timeout=5).status_code == 404


def test_pages_receive_stats_about_five_times_a_second(web: RunningApp):
    page = web.connect_page()
    page.get_received()
    for index in range(60):
        web.publish_frame(index, make_face())
        time.sleep(1 / 60)
    received = [event["args"][0] for event in page.get_received() if event["name"] == "stats"]
    assert 3 <= len(received) <= 8
    assert json.dumps(received[-1])


def test_names_of_downloads_hold_only_letters_digits_and_dashes(web: RunningApp, port: int):
    page = web.connect_page()
    assert web.send_event(page, "session_start", {"name": '=cmd|"../../../etc/passwd;\u202egpj.exe'})["ok"]
    web.publish_frame(1, make_face())
    assert web.send_event(page, "session_stop", {})["ok"]
    for extension in ("csv", "json"):
        answer = requests.get(f"http://127.0.0.1:{port}/api/sessions/1/export.{extension}", timeout=5)
        assert (
            answer.headers["Content-Disposition"]
            == f"attachment; filename=cmd-etc-passwd-gpj-exe-session-1.{extension}"
        )
        assert answer.status_code == 200
