"""Videos for analysis: every frame, one every so many seconds, damaged ones."""

import io

import av
import cv2
import numpy as np
import pytest

from app.analysis.video_file import VideoFile
from app.errors import UnreadableMedia

FPS = 10
WIDTH, HEIGHT = 64, 48


def write(path, count, keyframe_interval=250):
    """Frame n is gray of 2 n."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=FPS, options={"crf": "10", "preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.codec_context.gop_size = keyframe_interval
        for number in range(count):
            image = np.full((HEIGHT, WIDTH, 3), 2 * number, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        container.mux(stream.encode(None))
    return path


def shown(frame):
    return round(frame.image.mean() / 2)


def test_all_frames_have_index_time_and_picture(tmp_path):
    video = VideoFile(write(tmp_path / "a.mp4", 12))
    assert (video.info.width, video.info.height, video.info.fps, video.duration_s) == (WIDTH, HEIGHT, 10, 1.2)
    frames = list(video.frames())
    assert [frame.index for frame in frames] == list(range(12))
    assert [frame.time_s for frame in frames] == pytest.approx([number / 10 for number in range(12)])
    assert [shown(frame) for frame in frames] == pytest.approx(range(12), abs=1)


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "avi", "ts"])
@pytest.mark.parametrize("keyframe_interval", [7, 250])
def test_one_frame_every_so_often(tmp_path, suffix, keyframe_interval):
    video = VideoFile(write(tmp_path / f"a.{suffix}", 100, keyframe_interval), every_s=2.5)
    frames = list(video.frames())
    assert [round(frame.time_s, 1) for frame in frames] == [0.0, 2.5, 5.0, 7.5]
    assert [frame.index for frame in frames] == [0, 25, 50, 75]
    assert [shown(frame) for frame in frames] == pytest.approx([0, 25, 50, 75], abs=1)


def test_an_interval_below_that_of_the_video_gives_every_frame(tmp_path):
    frames = list(VideoFile(write(tmp_path / "a.mp4", 12), every_s=0.03).frames())
    assert [frame.index for frame in frames] == list(range(12))


def test_frames_between_are_skipped_by_keyframes(tmp_path, monkeypatch):
    decoded = []
    video = VideoFile(write(tmp_path / "a.mp4", 120, keyframe_interval=10), every_s=4.0)
    decode = video._decode
    monkeypatch.setattr(video, "_decode", lambda: (decoded.append(frame) or frame for frame in decode()))
    assert [frame.index for frame in video.frames()] == [0, 40, 80]
    assert len(decoded) < 40, "of 120; each wanted one is at a keyframe"


def test_an_open_file_is_read_like_a_path(tmp_path):
    path = write(tmp_path / "a.mp4", 30, 5)
    video = VideoFile(io.BytesIO(path.read_bytes()), name="archive/a.mp4", every_s=1.0)
    assert [frame.index for frame in video.frames()] == [0, 10, 20]
    assert video.info.name == "a.mp4"


def test_frames_and_times_are_those_of_opencv(tmp_path):
    path = write(tmp_path / "a.mp4", 20)
    capture = cv2.VideoCapture(str(path))
    for frame in VideoFile(path).frames():
        success, image = capture.read()
        assert success
        assert frame.time_s == pytest.approx(capture.get(cv2.CAP_PROP_POS_MSEC) / 1000, abs=1e-3)
        assert np.abs(cv2.cvtColor(image, cv2.COLOR_BGR2RGB).astype(int) - frame.image).max() <= 2
    assert not capture.read()[0]
    capture.release()


def test_a_video_that_breaks_off_gives_the_frames_before(tmp_path):
    path = write(tmp_path / "a.ts", 60)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    frames = list(VideoFile(path).frames())
    assert 5 < len(frames) < 60


@pytest.mark.parametrize("content", [b"", b"words and more words", b"\x00" * 5000])
def test_what_is_no_video_is_refused_in_one_line(tmp_path, content):
    path = tmp_path / "a.mp4"
    path.write_bytes(content)
    with pytest.raises(UnreadableMedia, match="is not a readable image or video; replace or remove it") as refused:
        VideoFile(path)
    assert refused.value.reason == "neither image nor video"
    with pytest.raises(UnreadableMedia, match="there is no file"):
        VideoFile(tmp_path / "gone.mp4")


@pytest.mark.parametrize(("degrees", "turns"), [(90, 1), (-90, 3), (180, 2)])
def test_frames_are_turned_as_the_file_asks(tmp_path, monkeypatch, degrees, turns):
    """PyAV counts the rotation counterclockwise, as NumPy does."""
    path = write(tmp_path / "a.mp4", 2)
    plain = next(VideoFile(path).frames()).image

    class Turned:
        time = 0.0
        rotation = degrees

        def to_ndarray(self, format):
            return plain

    monkeypatch.setattr(VideoFile, "_decode", lambda self: iter([Turned(), Turned()]))
    video = VideoFile(path)
    assert (video.info.width, video.info.height) == ((HEIGHT, WIDTH) if turns % 2 else (WIDTH, HEIGHT))
    np.testing.assert_array_equal(next(video.frames()).image, np.rot90(plain, turns))
