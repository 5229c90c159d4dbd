"""Files and folders wait for the first viewer, and are played from any position."""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image

from app.settings import Settings
from app.vision.capture.camera_status import CameraStatus
from app.vision.capture.camera_thread import Camera
from app.vision.capture.frame_source import CapturedFrame, SeekableSource
from app.vision.capture.open_source import open_source
from tests.support.fakes import FakeCapture

WIDTH, HEIGHT = 64, 48
FPS, SECONDS = 20, 3
# Gray levels between two frames of the video: frame 40 has level 160.
LEVEL_STEP = 4


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A video whose frames become brighter, with a key frame a second."""
    path = tmp_path_factory.mktemp("positions") / "clip.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=FPS, options={"g": str(FPS)})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for index in range(FPS * SECONDS):
            level = np.full((HEIGHT, WIDTH, 3), LEVEL_STEP * index, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(level, format="rgb24")))
        container.mux(stream.encode(None))
    return path


class Player:
    """A camera that plays a file, and the states that it has reported."""

    def __init__(self, source: object, has_viewers: bool = True, open_source: Any = open_source) -> None:
        self.statuses: queue.Queue[CameraStatus] = queue.Queue()
        self.camera = Camera(Settings(source=str(source)), self.statuses.put, open_source=open_source)
        self.camera.has_viewers = has_viewers
        self.camera.start()

    def until(self, state: str) -> CameraStatus:
        while True:
            status = self.statuses.get(timeout=5)
            if status.state == state:
                return status

    def frame(self) -> CapturedFrame:
        captured = self.camera.take(5)
        assert captured is not None
        return captured


@pytest.fixture
def play() -> Iterator[Callable[..., Player]]:
    players: list[Player] = []

    def start(*arguments: object, **options: object) -> Player:
        players.append(Player(*arguments, **options))  # type: ignore[arg-type]
        return players[-1]

    yield start
    for player in players:
        player.camera.close()


def level(captured: CapturedFrame) -> float:
    return float(captured.frame.image.mean()) / LEVEL_STEP / FPS


def test_a_file_waits_for_the_first_viewer_and_plays_from_the_start(play: Callable[..., Player], video: Path):
    player = play(video, has_viewers=False)
    status = player.until("waiting")
    assert status.to_dict()["duration_s"] == pytest.approx(SECONDS, abs=0.1)
    assert player.camera.take(0.3) is None
    player.camera.has_viewers = True
    player.until("live")
    assert player.frame().position_s == 0.0


def test_a_webcam_waits_for_nobody(play: Callable[..., Player]):
    pictures = [np.zeros((HEIGHT, WIDTH, 3), np.uint8)] * 100
    opened = partial(open_source, open_capture=lambda *_: FakeCapture(pictures))
    player = play("0", has_viewers=False, open_source=opened)
    player.until("live")
    assert player.frame().position_s is None


def test_a_file_goes_on_without_viewers_once_one_has_looked(play: Callable[..., Player], video: Path):
    player = play(video)
    player.frame()
    player.camera.has_viewers = False
    player.camera.seek(SECONDS - 0.2)
    player.until("waiting")
    player.camera.has_viewers = True
    player.frame()
    player.camera.has_viewers = False
    assert player.until("paused").ended


def test_a_file_plays_from_a_position_also_after_its_end(play: Callable[..., Player], video: Path):
    player = play(video)
    player.frame()
    player.camera.seek(2.0)
    captured = player.frame()
    assert captured.position_s == pytest.approx(2.0, abs=0.1)
    assert level(captured) == pytest.approx(2.0, abs=0.15)
    status = player.until("paused")
    assert (status.ended, status.notice) == (True, "The source has ended. Press Play to see it again.")
    player.camera.seek(1.0)
    assert level(player.frame()) == pytest.approx(1.0, abs=0.15)
    player.camera.seek(SECONDS + 10)
    assert player.until("paused").ended
    player.camera.resume()
    assert player.frame().position_s == 0.0


def test_a_paused_file_continues_where_it_was_paused(play: Callable[..., Player], video: Path):
    player = play(video)
    player.camera.seek(1.5)
    while (position_s := player.frame().position_s or 0.0) < 1.6:
        pass
    player.camera.pause()
    assert not player.until("paused").ended
    player.camera.resume()
    assert player.frame().position_s == pytest.approx(position_s, abs=0.3)


def test_a_folder_plays_from_a_position(tmp_path: Path):
    for number in range(6):
        Image.fromarray(np.full((HEIGHT, WIDTH, 3), 40 * number, np.uint8)).save(tmp_path / f"{number}.png")
    source = open_source(Settings(source=str(tmp_path), fps=2))
    assert isinstance(source, SeekableSource)
    assert source.info.duration_s == 3.0
    source.seek(1.0)
    frames = [frame.image[0, 0, 0] for frame in iter(source.read, None)]
    assert frames == [80, 120, 160, 200]
    assert source.position_s == 2.5


def test_one_image_and_live_sources_have_no_position(tmp_path: Path):
    Image.fromarray(np.zeros((HEIGHT, WIDTH, 3), np.uint8)).save(tmp_path / "one.png")
    one = open_source(Settings(source=str(tmp_path / "one.png")))
    assert isinstance(one, SeekableSource)
    assert (one.info.duration_s, one.position_s) == (None, None)
    assert not isinstance(open_source(Settings(source="demo")), SeekableSource)
