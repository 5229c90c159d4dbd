"""The same contract for every kind of source."""

from collections.abc import Callable, Iterator

import av
import cv2
import numpy as np
import pytest
from PIL import Image

from app.errors import CameraUnavailable
from app.settings import Settings
from app.source_names import without_credentials
from app.vision.capture.frame_source import FrameSource, source_kind
from app.vision.capture.open_source import open_source
from tests.support.fakes import FakeCapture, FakeClock

WIDTH, HEIGHT, COUNT = 64, 48, 6
RED_ON_THE_LEFT = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
RED_ON_THE_LEFT[:, : WIDTH // 2] = (220, 20, 20)
RED_ON_THE_LEFT[:, WIDTH // 2 :] = (20, 20, 220)

Make = Callable[..., FrameSource]


def write_video(path, count=COUNT, fps=25):
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=fps)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for _ in range(count):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(RED_ON_THE_LEFT, format="rgb24")))
        container.mux(stream.encode(None))


def video(tmp_path, **options) -> FrameSource:
    write_video(tmp_path / "clip.mp4")
    return open_source(Settings(source=str(tmp_path / "clip.mp4"), **options))


def folder(tmp_path, **options) -> FrameSource:
    for number in range(COUNT):
        Image.fromarray(RED_ON_THE_LEFT).save(tmp_path / f"{number}.png")
    return open_source(Settings(source=str(tmp_path), **options))


def one_picture(tmp_path, **options) -> FrameSource:
    Image.fromarray(RED_ON_THE_LEFT).save(tmp_path / "one.png")
    return open_source(Settings(source=str(tmp_path / "one.png"), **{"loop": True, **options}))


def demo(tmp_path, **options) -> FrameSource:
    return open_source(Settings(source="demo", width=WIDTH, height=HEIGHT, **options))


def still(tmp_path, **options) -> FrameSource:
    return open_source(Settings(source="demo:still", width=WIDTH, height=HEIGHT, **options))


def webcam(tmp_path, **options) -> FrameSource:
    pictures = [cv2.cvtColor(RED_ON_THE_LEFT, cv2.COLOR_RGB2BGR)] * COUNT
    return open_source(
        Settings(source="0", **options), FakeClock(step_s=0.01), lambda *_: FakeCapture(pictures)
    )  # fmt: skip


def stream(tmp_path, **options) -> FrameSource:
    pictures = [cv2.cvtColor(RED_ON_THE_LEFT, cv2.COLOR_RGB2BGR)] * COUNT
    settings = Settings(source="rtsp://user:secret@camera.example/live", **options)
    return open_source(settings, FakeClock(step_s=0.01), lambda *_: FakeCapture(pictures))


EVERY = [video, folder, one_picture, demo, still, webcam, stream]


@pytest.fixture(params=EVERY, ids=lambda make: make.__name__)
def source(request, tmp_path) -> Iterator[FrameSource]:
    made = request.param(tmp_path)
    yield made
    made.close()


def test_pictures_are_rgb_of_the_told_size(source):
    image = source.read().image
    assert image.dtype == np.uint8
    assert image.shape == (source.info.height, source.info.width, 3) == (HEIGHT, WIDTH, 3)


def test_indices_count_up_and_times_grow(source):
    frames = [source.read() for _ in range(4)]
    assert [frame.index for frame in frames] == [0, 1, 2, 3]
    times = [frame.time_s for frame in frames]
    assert all(later > earlier for earlier, later in zip(times, times[1:], strict=False))
    assert times[0] >= 0


def test_skipped_pictures_count_and_take_their_time(source):
    read, skipped = source.read(), [source.skip(), source.skip()]
    last = source.read()
    assert last.index == 3
    assert read.time_s < skipped[0] < skipped[1] < last.time_s


def test_the_first_picture_may_be_skipped(source):
    assert source.skip() >= 0
    assert source.read().index == 1


def test_the_info_names_source_and_kind(source):
    info = source.info
    assert info.kind in ("webcam", "file", "stream", "folder", "demo")
    assert info.name
    assert info.fps > 0
    assert "secret" not in info.source + info.name


def test_closing_twice_is_fine(source):
    source.close()
    source.close()


@pytest.mark.parametrize("make", [video, folder])
def test_files_end_with_none(make, tmp_path):
    source = make(tmp_path)
    assert [source.read().index for _ in range(COUNT)] == list(range(COUNT))
    assert source.read() is None
    source.close()


@pytest.mark.parametrize("make", [video, folder])
@pytest.mark.parametrize("loop", [True, False])
def test_files_end_or_begin_again_also_where_pictures_are_skipped(make, loop, tmp_path):
    source = make(tmp_path, loop=loop)
    times_s = [source.skip() for _ in range(COUNT)]
    after = source.skip()
    assert None not in times_s
    assert after == (pytest.approx(times_s[-1] + 1 / source.info.fps, rel=0.1) if loop else None)
    source.close()


@pytest.mark.parametrize("make", [webcam, stream])
def test_a_live_source_that_is_lost_says_so_also_where_pictures_are_skipped(make, tmp_path):
    source = make(tmp_path)
    for _ in range(COUNT):
        source.skip()
    with pytest.raises(CameraUnavailable, match="stopped sending frames"):
        source.skip()


@pytest.mark.parametrize("make", [video, folder])
def test_a_loop_goes_on_with_growing_index_and_time(make, tmp_path):
    source = make(tmp_path, loop=True)
    frames = [source.read() for _ in range(2 * COUNT + 1)]
    assert [frame.index for frame in frames] == list(range(2 * COUNT + 1))
    steps = np.diff([frame.time_s for frame in frames])
    assert steps == pytest.approx(np.full(2 * COUNT, 1 / source.info.fps), rel=0.1)
    source.close()


def test_a_video_keeps_its_own_time_and_colours(tmp_path):
    source = video(tmp_path)
    frames = [source.read() for _ in range(COUNT)]
    assert [frame.time_s for frame in frames] == pytest.approx([index / 25 for index in range(COUNT)], abs=1e-3)
    assert np.abs(frames[0].image.astype(int) - RED_ON_THE_LEFT).mean() < 12
    source.close()


@pytest.mark.parametrize(("mirror", "red_side"), [(True, "right"), (False, "left")])
def test_a_webcam_is_mirrored_unless_asked_otherwise(mirror, red_side, tmp_path):
    source = webcam(tmp_path, mirror=mirror)
    image = source.read().image
    redder = "left" if image[0, 0, 0] > image[0, -1, 0] else "right"
    assert redder == red_side
    assert source.info.mirrored is mirror


@pytest.mark.parametrize("make", [video, stream])
def test_nothing_but_a_webcam_is_mirrored(make, tmp_path):
    source = make(tmp_path, mirror=True)
    image = source.read().image
    assert image[0, 0, 0] > image[0, -1, 0]
    assert not source.info.mirrored
    source.close()


def test_a_folder_shows_a_picture_a_second_unless_told_otherwise(tmp_path):
    assert folder(tmp_path).info.fps == 1
    source = folder(tmp_path, fps=4)
    assert [source.read().time_s for _ in range(3)] == [0, 0.25, 0.5]


@pytest.mark.parametrize(
    ("text", "kind"),
    [("auto", "auto"), ("demo", "demo"), ("demo:still", "demo"), ("0", "webcam"), ("clip.mp4", "file"), (".", "folder")]
    + [("rtsp://camera/live", "stream"), ("http://camera/mjpg", "stream")],
)
def test_the_kind_is_read_from_the_text(text, kind):
    assert source_kind(text) == kind


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("rtsp://user:p@ss@host:554/live", "rtsp://host:554/live"),
        ("rtsp://user:pa/ss?w#d@host/live", "rtsp://host/live"),
        ("http://camera/video?user=me&pwd=s/e=cret#top", "http://camera/video?user=...&pwd=...#top"),
        ("rtsp://camera:554/user=me&password=secret&channel=1", "rtsp://camera:554/user=...&password=...&channel=..."),
        ("http://camera:8080/mjpg/2", "http://camera:8080/mjpg/2"),
        ("clips/a@b=1.mp4", "clips/a@b=1.mp4"),
    ],
)
def test_credentials_are_taken_out_of_a_url_and_nothing_else(source, shown):
    assert without_credentials(source) == shown


class JpegStream(FakeCapture):
    """A stream of JPEGs that can deliver them undecoded; `CAP_PROP_FORMAT` -1 asks for that."""

    def __init__(self, jpegs, width, height):
        super().__init__(jpegs)
        self._values = {
            cv2.CAP_PROP_FRAME_WIDTH: width,
            cv2.CAP_PROP_FRAME_HEIGHT: height,
            cv2.CAP_PROP_FOURCC: cv2.VideoWriter.fourcc(*"MJPG"),
        }

    def get(self, property_id, /):
        return self._values.get(property_id, 0.0)

    def set(self, property_id, value, /):
        self._values[property_id] = value
        return True


def test_a_stream_of_large_jpegs_is_reduced_while_it_is_decoded():
    large = cv2.resize(cv2.cvtColor(RED_ON_THE_LEFT, cv2.COLOR_RGB2BGR), (2560, 1920))
    jpeg = np.frombuffer(cv2.imencode(".jpg", large)[1], np.uint8)
    capture = JpegStream([jpeg, jpeg[:200], jpeg, jpeg, jpeg], 2560, 1920)
    settings = Settings(source="http://camera.example/live", max_side=640)
    source = open_source(settings, FakeClock(step_s=0.01), lambda *_: capture)
    assert capture.get(cv2.CAP_PROP_FORMAT) == -1
    images = [source.read().image for _ in range(2)]
    assert {image.shape for image in images} == {(480, 640, 3)}
    assert images[0][240, 100].argmax() == 0, "red is on the left, in RGB"
    assert source.skip() is not None
    assert len(capture.pictures) == 1, "a damaged one is passed over"


def test_any_other_source_is_reduced_after_decoding():
    large = cv2.resize(cv2.cvtColor(RED_ON_THE_LEFT, cv2.COLOR_RGB2BGR), (3840, 2160))
    settings = Settings(source="rtsp://camera.example/live")
    source = open_source(settings, FakeClock(step_s=0.01), lambda *_: FakeCapture([large] * 2))
    assert (source.info.width, source.info.height) == (1920, 1080)
    assert source.read().image.shape == (1080, 1920, 3)
