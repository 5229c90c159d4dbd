"""The connection of a browser that gives its camera, on a fake link to the vision process."""

import json
import struct
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.web.camera.browser_camera import EXTENSION_NAME, SILENT_AFTER_S, BrowserCamera
from app.web.camera.camera_connection import BAD_MESSAGE, ENDED, MAX_PENDING_FRAMES, TAKEN, CameraConnection
from app.wire import frame_to_message
from tests.support.fakes import FakeClock, make_result
from tests.support.web import RunningApp, running_app, wait_until
from tests.unit.web.camera.test_jpeg_header import jpeg

JPEG = jpeg()


class FakeWebSocket:
    """A connection whose messages are given; `answers` are those of the server, (`wanted`, time, picture)."""

    def __init__(self, messages) -> None:
        self.messages, self.answers, self.refused = list(messages), [], None

    def wait(self):
        message = self.messages.pop(0) if self.messages else None
        return message() if callable(message) else message

    def send(self, message: bytes) -> None:
        (length,) = struct.unpack_from("!I", message)
        header = json.loads(message[4 : 4 + length])
        self.answers.append((header["wanted"], header["captured_ms"], message[4 + length :]))

    def refuse(self, code: int, line: str) -> None:
        assert "\n" not in line
        assert len(line.encode()) <= 123, "the longest reason of a close frame"
        self.refused = code


def frame(captured_ms: float = 1000.0, data: bytes = JPEG) -> bytes:
    return struct.pack("!d", captured_ms) + data


def note(giving: bool = True) -> str:
    return json.dumps({"giving": giving})


@pytest.fixture
def web(tmp_path: Path) -> Iterator[RunningApp]:
    with running_app(tmp_path, source="browser") as web:
        web.start_vision(requested="browser", source="browser", kind="browser", demo=False)
        yield web


@pytest.fixture
def camera(web: RunningApp) -> BrowserCamera:
    camera = web.app.extensions[EXTENSION_NAME].find(web.camera.name)
    camera.clock = FakeClock(step_s=0.001)
    return camera


def connection(
    camera: BrowserCamera, *messages, pass_text: str | None = None
) -> tuple[CameraConnection, FakeWebSocket]:
    pass_text = pass_text or camera.access.open_link(camera.link()[0])
    websocket = FakeWebSocket(messages)
    return CameraConnection(camera, str(pass_text), "192.0.2.1"), websocket


def serve(camera: BrowserCamera, *messages, pass_text: str | None = None) -> FakeWebSocket:
    served, websocket = connection(camera, *messages, pass_text=pass_text)
    served.run(websocket)
    assert websocket.messages == [] or websocket.refused
    return websocket


def frames_sent(web: RunningApp) -> list[dict[str, float]]:
    return [body for type, body in web.link.sent if type == "camera_frame"]


def publish_result(web: RunningApp, received_at_s: float) -> None:
    """The result of the frame that arrived at this time, as the vision process sends it."""
    before = web.camera.broadcaster.newest
    message = frame_to_message(replace(make_result(1, views=web.link.views), read_at_s=received_at_s))
    web.link._messages.put(message)
    wait_until(lambda: web.camera.broadcaster.newest is not before)


def test_a_frame_is_passed_on_with_its_times(web, camera):
    websocket = serve(camera, note(), frame(1234.5))
    assert [wanted for wanted, _, _ in websocket.answers] == ["give", "give"]
    (body,) = frames_sent(web)
    assert body["captured_at_s"] == 1.2345
    assert body["received_at_s"] == pytest.approx(camera.clock.now_s, abs=1)
    assert web.link.parts == [JPEG]
    assert websocket.refused is None


def test_an_answer_has_the_picture_of_the_frame_before_it(web, camera):
    def after_the_first() -> bytes:
        publish_result(web, frames_sent(web)[0]["received_at_s"])
        return frame(2000.0)

    websocket = serve(camera, frame(1000.0), after_the_first, note())
    first, second, third = websocket.answers
    assert (first[1], first[2]) == (None, b"")
    assert second[1] == 1000.0
    assert second[2].startswith(b"\xff\xd8")
    assert (third[1], third[2]) == (None, b""), "each picture once"


def test_pictures_of_other_sources_are_never_sent(web, camera):
    def another_source() -> bytes:
        publish_result(web, camera.clock.now_s + 5)
        return frame(2000.0)

    websocket = serve(camera, frame(1000.0), another_source, note())
    assert [picture for _, _, picture in websocket.answers] == [b""] * 3


def test_no_more_frames_are_remembered_than_can_be_under_way(web, camera):
    served, _ = connection(camera, *[frame(float(number)) for number in range(5)])
    served._captured_ms.update({float(number): 0.0 for number in range(MAX_PENDING_FRAMES)})
    publish_result(web, 10.0**9)
    served._take_frame(frame(), is_wanted=True)
    assert len(served._captured_ms) == MAX_PENDING_FRAMES


@pytest.mark.parametrize(
    ("status", "wanted"),
    [({"state": "paused"}, "paused"), ({"requested": "demo", "kind": "demo", "source": "demo"}, "elsewhere")],
)
def test_frames_that_are_not_wanted_are_not_passed_on(web, camera, status, wanted):
    web.start_vision(**{"requested": "browser", "source": "browser", "kind": "browser", **status})
    wait_until(lambda: camera.wanted == wanted)
    websocket = serve(camera, note(), frame())
    assert [answer[0] for answer in websocket.answers] == [wanted, wanted]
    assert frames_sent(web) == []


def test_more_frames_than_a_camera_has_are_left_out(web, camera):
    publish_result(web, 10.0**9)  # newer than all, so that no answer waits
    serve(camera, *[frame(float(number)) for number in range(60)])
    assert len(frames_sent(web)) < 20


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"\x00" * 8,
        frame(float("nan")),
        frame(float("inf")),
        frame(data=b"GIF89a" + bytes(100)),
        frame(data=jpeg(progressive=True)),
        frame(data=jpeg(1400, 300, quality=10)),
        "",
        "x",
        "[]",
        "{}",
        '{"giving": 1}',
    ],
)
def test_a_malformed_message_ends_the_connection(web, camera, message):
    websocket = serve(camera, message, frame())
    assert websocket.refused == BAD_MESSAGE
    assert frames_sent(web) == []


def test_a_second_browser_is_refused_while_the_first_one_gives(web, camera):
    first, first_socket = connection(camera, note())
    first.answer(note())
    assert serve(camera, note()).refused == TAKEN
    first.answer(note())
    first.run(first_socket)
    assert first_socket.refused is None
    assert serve(camera, note()).refused is None, "it has gone"


def test_a_browser_that_falls_silent_loses_its_place(web, camera):
    first, _ = connection(camera)
    first.answer(note())
    camera.clock.now_s += SILENT_AFTER_S + 1
    second, _ = connection(camera)
    second.answer(note())
    assert camera.claim(second)
    assert not camera.claim(first)


def test_a_browser_that_connects_again_replaces_its_own_connection(web, camera):
    first, _ = connection(camera)
    first.answer(note())
    second, _ = connection(camera, pass_text=first.pass_text)
    second.answer(note())
    assert not camera.claim(first), "the old tab does not take it back"
    assert camera.claim(second)


def test_without_a_pass_or_after_revocation_nothing_is_accepted(web, camera):
    assert serve(camera, note(), pass_text="guessed").refused == ENDED

    def revoked() -> bytes:
        assert web.client.delete("/api/camera-link").status_code == 204
        return frame()

    assert serve(camera, note(), revoked).refused == ENDED
    assert frames_sent(web) == []


def test_the_vision_process_learns_at_once_that_the_camera_has_gone(web, camera):
    serve(camera, note(), frame())
    assert web.link.sent[-1][0] in ("views", "camera_gone")
    assert ("camera_gone", {}) in web.link.sent
    assert web.link.views == [], "nobody watches any more"


def test_a_hidden_page_says_that_it_gives_no_frames(web, camera):
    served, _ = connection(camera)
    served.answer(note(giving=False))
    assert web.link.sent[-1] == ("camera_gone", {})


def test_a_broken_connection_ends_quietly(web, camera):
    def broken():
        raise ConnectionResetError

    serve(camera, note(), broken)
    assert ("camera_gone", {}) in web.link.sent
