"""Sources that cannot be opened or break: one clear line each, and never a wait without bound."""

import os
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import cv2
import numpy as np
import pytest
from PIL import Image

from app.errors import CameraUnavailable, UnreadableMedia
from app.settings import Settings
from app.vision.capture.image_file import read_image
from app.vision.capture.open_source import NO_WEBCAM_NOTICE, open_source
from app.vision.drawing.jpeg import encode_jpeg
from tests.support.fakes import FakeCapture, FakeClock

PICTURE = np.full((48, 64, 3), 90, np.uint8)


def refusal(source, **options) -> str:
    """The one line that opening this source is refused with."""
    with pytest.raises(CameraUnavailable) as caught:
        open_source(Settings(source=str(source)), FakeClock(), **options)
    line = str(caught.value)
    assert "\n" not in line
    assert "; " in line, "a remedy follows the fault"
    return line


def truncated_jpeg(path, keep=0.5):
    rng = np.random.default_rng(1)
    Image.fromarray(rng.integers(0, 255, (64, 64, 3), np.uint8)).save(path)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * keep)])


def test_no_webcam():
    capture = FakeCapture([], opened=False)
    assert "webcam 63" in refusal("63", open_capture=lambda *_: capture)
    assert capture.released


def test_a_webcam_in_use_opens_but_gives_no_picture():
    capture = FakeCapture([])
    assert "webcam 63" in refusal("63", open_capture=lambda *_: capture)
    assert capture.released


def test_a_webcam_lost_while_it_runs():
    source = open_source(Settings(source="0"), FakeClock(step_s=0.1), lambda *_: FakeCapture([PICTURE] * 2))
    source.read()
    source.read()
    with pytest.raises(CameraUnavailable, match="Webcam 0 stopped sending"):
        source.read()


def test_a_file_that_is_not_there(tmp_path):
    assert "there is no file" in refusal(tmp_path / "gone.mp4")


@pytest.mark.parametrize("name", ["notes.txt", "notes.mp4", "notes.jpg"])
def test_a_file_that_is_no_video(name, tmp_path):
    (tmp_path / name).write_text("These are words.\n" * 50)
    assert name in refusal(tmp_path / name)


def test_an_empty_file(tmp_path):
    (tmp_path / "empty.mp4").touch()
    assert "is not a readable video" in refusal(tmp_path / "empty.mp4")


def test_a_named_pipe_is_no_video_and_nobody_waits_for_it(tmp_path):
    os.mkfifo(tmp_path / "pipe.mp4")
    assert "is not a readable video" in refusal(tmp_path / "pipe.mp4")


@pytest.mark.parametrize("source", ["9" * 20, "a" * 5000])
def test_text_that_names_nothing_at_all(source):
    assert "there is no file" in refusal(source)


def test_a_folder_that_may_not_be_read(tmp_path, monkeypatch):
    def refuse(_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(tmp_path), "iterdir", refuse)
    assert "Permission denied" in refusal(tmp_path)


def test_a_folder_without_pictures(tmp_path):
    (tmp_path / "notes.txt").write_text("words")
    assert "no readable image" in refusal(tmp_path)


def test_a_truncated_jpeg_in_a_folder_is_skipped_with_a_line(tmp_path, caplog):
    for name in ("a.png", "c.png"):
        Image.fromarray(PICTURE).save(tmp_path / name)
    truncated_jpeg(tmp_path / "b.jpg")
    source = open_source(Settings(source=str(tmp_path)))
    assert [source.read().index for _ in range(2)] == [0, 1]
    assert source.read() is None
    assert [record.getMessage().count("b.jpg") for record in caplog.records] == [1]


def test_a_truncated_jpeg_is_told_once_however_often_the_folder_is_played(tmp_path, caplog):
    Image.fromarray(PICTURE).save(tmp_path / "a.png")
    truncated_jpeg(tmp_path / "b.jpg")
    source = open_source(Settings(source=str(tmp_path), loop=True))
    assert [source.read().index for _ in range(5)] == [0, 1, 2, 3, 4]
    assert len(caplog.records) == 1


@pytest.mark.parametrize("scheme", ["rtsp", "http"])
def test_a_url_that_never_answers_is_given_up_in_time(scheme):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"{scheme}://user:secret@127.0.0.1:{silent.getsockname()[1]}/live"
        started = time.monotonic()
        with pytest.raises(CameraUnavailable) as caught:
            open_source(Settings(source=url, open_timeout_s=1.0, read_timeout_s=1.0))
        assert time.monotonic() - started < 4
    assert "sends no frames" in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.fixture
def mjpeg_url():
    """A network camera that sends 40 pictures and then nothing, without hanging up."""
    silent = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):  # noqa: N802 - http.server's name
            self.send_response(200)
            self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=next")
            self.end_headers()
            picture = encode_jpeg(PICTURE)
            for _ in range(40):
                head = f"--next\r\nContent-Type: image/jpeg\r\nContent-Length: {len(picture)}\r\n\r\n"
                self.wfile.write(head.encode() + picture + b"\r\n")
            silent.wait(20)

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/live.mjpg"
    silent.set()
    server.shutdown()
    server.server_close()


def test_a_stream_that_falls_silent_is_given_up_in_time(mjpeg_url):
    source = open_source(Settings(source=mjpeg_url, open_timeout_s=3.0, read_timeout_s=1.0))
    assert source.info.kind == "stream"
    assert source.read().image.shape == PICTURE.shape
    started = time.monotonic()
    with pytest.raises(CameraUnavailable, match="stopped sending frames"):
        list(iter(source.read, None))
    assert time.monotonic() - started < 6
    source.close()


def test_auto_takes_the_webcam_where_one_opens():
    source = open_source(Settings(source="auto"), FakeClock(), lambda *_: FakeCapture([PICTURE]))
    assert source.info.kind == "webcam"
    assert source.info.source == "0"
    assert source.info.notice is None


def test_auto_shows_the_demo_where_no_webcam_opens_and_says_so():
    source = open_source(Settings(source="auto"), FakeClock(), lambda *_: FakeCapture([], opened=False))
    assert source.info.kind == "demo"
    assert source.info.notice == NO_WEBCAM_NOTICE


def test_size_and_rate_are_asked_of_the_webcam():
    asked = []

    def open_capture(target, backend, parameters):
        asked.append(dict(zip(parameters[::2], parameters[1::2], strict=True)))
        return FakeCapture([PICTURE])

    open_source(Settings(source="0", width=1280, height=720, fps=25), FakeClock(), open_capture)
    assert asked[0][cv2.CAP_PROP_FRAME_WIDTH] == 1280
    assert asked[0][cv2.CAP_PROP_FRAME_HEIGHT] == 720
    assert asked[0][cv2.CAP_PROP_FPS] == 25


def test_a_webcam_is_asked_for_no_more_than_is_shown():
    asked = []

    def open_capture(target, backend, parameters):
        asked.append(dict(zip(parameters[::2], parameters[1::2], strict=True)))
        return FakeCapture([np.zeros((2160, 3840, 3), np.uint8)])

    source = open_source(Settings(source="0", width=3840, height=2160), FakeClock(), open_capture)
    assert (asked[0][cv2.CAP_PROP_FRAME_WIDTH], asked[0][cv2.CAP_PROP_FRAME_HEIGHT]) == (1920, 1080)
    assert source.read().image.shape == (1080, 1920, 3), "one that sends more nevertheless is reduced"


@pytest.mark.parametrize("keep", [0.0, 0.1, 0.5, 0.95])
def test_reading_a_truncated_picture_is_refused(keep, tmp_path):
    truncated_jpeg(tmp_path / "half.jpg", keep)
    with pytest.raises(UnreadableMedia, match=r"half\.jpg") as caught:
        read_image(tmp_path / "half.jpg")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("mode", ["L", "LA", "P", "RGBA", "CMYK", "1"])
def test_pictures_of_every_mode_are_read_as_rgb(mode, tmp_path):
    name = "picture.jpg" if mode == "CMYK" else "picture.png"
    Image.fromarray(PICTURE).convert(mode).save(tmp_path / name)
    assert read_image(tmp_path / name).shape == PICTURE.shape


def test_a_picture_is_turned_as_its_camera_noted(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held upright
    Image.fromarray(PICTURE).save(tmp_path / "turned.jpg", exif=exif)
    assert read_image(tmp_path / "turned.jpg").shape == (64, 48, 3)
