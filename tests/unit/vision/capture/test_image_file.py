"""Image files that are no files, too large or too slow: refused in time, each with one line that names it."""

import os
import threading
import time

import numpy as np
import pytest
from PIL import Image

from app.errors import CameraUnavailable, UnreadableMedia
from app.settings import Settings
from app.vision.capture import image_file, image_source
from app.vision.capture.image_file import read_image
from app.vision.capture.image_source import MAX_BLOCKED_READS, SEARCH_TIMEOUT_S, ImageSource
from app.vision.runtime.time_limit import TimeLimit
from tests.support.fakes import FakeClock
from tests.support.images import write_large, write_slow_jpeg

SIDE = 20_000
SMALL = np.full((48, 64, 3), 90, np.uint8)


def refusal(path, **options) -> str:
    with pytest.raises(UnreadableMedia, match=path.name) as caught:
        read_image(path, **options)
    line = str(caught.value)
    assert "\n" not in line
    return line


def test_a_named_pipe_is_refused_without_waiting_for_a_writer(tmp_path):
    os.mkfifo(tmp_path / "pipe.jpg")
    assert "not a regular file" in refusal(tmp_path / "pipe.jpg")


def test_a_device_is_refused(tmp_path):
    (tmp_path / "zero.png").symlink_to("/dev/zero")
    assert "not a regular file" in refusal(tmp_path / "zero.png")


def test_a_pipe_that_takes_the_name_of_an_image_meanwhile_is_refused(tmp_path, monkeypatch):
    """What counts is the file that was opened, not the one that had the name before."""
    path = tmp_path / "a.png"
    Image.fromarray(SMALL).save(path)
    real_open = os.open

    def swap_then_open(name, flags):
        path.unlink()
        os.mkfifo(path)
        return real_open(name, flags)

    monkeypatch.setattr(image_file.os, "open", swap_then_open)
    assert "not a regular file" in refusal(path)


def test_a_jpeg_of_20000_pixels_a_side_is_reduced_while_it_is_decoded(tmp_path):
    write_large(tmp_path / "large.jpg", SIDE)
    image = read_image(tmp_path / "large.jpg", max_side=1920)
    assert image.shape == (1920, 1920, 3)
    assert abs(int(image[960, 960, 0]) - 200) < 3
    assert abs(int(image[10, 10, 0]) - 90) < 3


@pytest.mark.parametrize(
    ("name", "options"), [("large.png", {}), ("large.jpg", {"progressive": True}), ("large.tif", {})]
)
def test_what_cannot_be_reduced_while_it_is_decoded_is_refused_by_its_header(name, options, tmp_path, monkeypatch):
    write_large(tmp_path / name, 12_000, **options)
    monkeypatch.setattr(image_file, "_decode", lambda *_: pytest.fail("it was decoded"))
    assert "megapixels" in refusal(tmp_path / name, max_side=1920)


def test_the_limit_can_be_set(tmp_path):
    write_large(tmp_path / "a.png", 1200)
    assert "1 megapixels" in refusal(tmp_path / "a.png", max_megapixels=1.0)
    assert read_image(tmp_path / "a.png", max_megapixels=2.0).shape == (1200, 1200, 3)


@pytest.mark.parametrize("orientation", [1, 6])
@pytest.mark.parametrize("name", ["a.jpg", "a.png"])
def test_a_reduced_image_keeps_its_shape_and_orientation(name, orientation, tmp_path):
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(np.full((300, 900, 3), 90, np.uint8)).save(tmp_path / name, exif=exif)
    assert read_image(tmp_path / name, max_side=450).shape == ((150, 450, 3) if orientation == 1 else (450, 150, 3))


def test_decoding_is_broken_off_when_the_time_is_over(tmp_path):
    """Counted in processor time, which other processes of the computer do not lengthen."""
    write_slow_jpeg(tmp_path / "slow.jpg", scans=150, side=3000)
    started_s = time.process_time()
    read_image(tmp_path / "slow.jpg")
    whole_s = time.process_time() - started_s
    started_s = time.process_time()
    assert "takes longer than" in refusal(tmp_path / "slow.jpg", timeout_s=whole_s / 4)
    assert time.process_time() - started_s < 0.75 * whole_s


def test_an_image_without_memory_for_it_is_refused(tmp_path, monkeypatch):
    def fail(*_):
        raise MemoryError

    Image.fromarray(SMALL).save(tmp_path / "a.png")
    monkeypatch.setattr(image_file, "_decode", fail)
    assert "not enough memory" in refusal(tmp_path / "a.png")


class BlockedDisk:
    """A disk that stops responding for some images; the calls return once let go."""

    def __init__(self, monkeypatch, *names):
        self._names, self._read, self.let_go = names, read_image, threading.Event()
        monkeypatch.setattr(image_source, "read_image", self)
        monkeypatch.setattr(image_source, "IMAGE_TIMEOUT_S", 0.1)

    def __call__(self, path, *limits):
        if path.name in self._names:
            self.let_go.wait(20)
        return self._read(path, *limits)


def folder(path, names):
    for name in names:
        Image.fromarray(SMALL).save(path / name)
    return Settings(source=str(path))


def test_an_image_that_takes_too_long_is_named_and_left_out(tmp_path, monkeypatch, caplog):
    disk = BlockedDisk(monkeypatch, "b.png")
    source = ImageSource(folder(tmp_path, ["a.png", "b.png", "c.png"]), time.monotonic)
    assert [source.read().index for _ in range(2)] == [0, 1]
    assert source.read() is None
    disk.let_go.set()
    assert [record.getMessage().count("b.png") for record in caplog.records] == [1]
    assert "longer than 0.1 s" in caplog.text


def test_a_disk_that_does_not_respond_at_all_is_given_up(tmp_path, monkeypatch):
    names = [f"{number}.png" for number in range(10)]
    disk = BlockedDisk(monkeypatch, *names[1:])
    source = ImageSource(folder(tmp_path, names), time.monotonic)
    source.read()
    with pytest.raises(CameraUnavailable, match="take too long to read; copy them"):
        source.read()
    assert source._time_limit.blocked_calls == MAX_BLOCKED_READS
    disk.let_go.set()


def test_a_folder_without_a_readable_image_for_long_is_given_up(tmp_path):
    settings = folder(tmp_path, ["a.png"])
    for number in range(10):
        (tmp_path / f"b{number}.png").write_bytes(b"damaged")
    source = ImageSource(settings, FakeClock(step_s=SEARCH_TIMEOUT_S / 3))
    source.read()
    with pytest.raises(CameraUnavailable, match="take too long"):
        source.read()


def test_a_time_limit_gives_results_and_errors_of_calls_in_time():
    limit = TimeLimit(5.0)
    assert limit.call(lambda: 3) == 3
    with pytest.raises(ZeroDivisionError):
        limit.call(lambda: 1 // 0)
    assert limit.blocked_calls == 0
