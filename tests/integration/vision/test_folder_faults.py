"""The real vision process on a folder of images that hang, are huge or never end, and at its limits."""

import os
import resource
import sys
from pathlib import Path

import numpy as np
import psutil
import pytest
from PIL import Image

from app.settings import Settings
from app.vision.runtime.process_limits import memory_limit_bytes
from tests.support.images import write_large, write_slow_jpeg
from tests.support.vision import Watched, patched, seconds_until

SIDE = 20_000
LARGE_SIDE = 12_000  # 144 megapixels, in less time than 400
FPS = 5.0
NEXT_S = 8.0  # one image that is left out after 2 s, on a busy computer
PATIENT_S = 20.0
PATIENT = patched(
    capture__image_source__IMAGE_TIMEOUT_S=PATIENT_S
)  # a busy computer needs more than 2 s for 400 megapixels


@pytest.fixture
def report(capfd):
    """Prints a line despite `capfd`."""

    def report(line):
        with capfd.disabled():
            print(f"measured: {line}")

    return report


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "images"
    folder.mkdir()
    for name in ("a.png", "c.png", "z.png"):
        Image.fromarray(np.full((48, 64, 3), 90, np.uint8)).save(folder / name)
    return folder


@pytest.fixture
def watch(tmp_path):
    watched = []

    def start(source, command=(sys.executable, "-m", "app.vision.worker"), **changes):
        settings = Settings(source=str(source), models=str(tmp_path / "none"), detector="haar")
        watched.append(Watched(settings.with_options(**changes), command=command))
        return watched[-1]

    yield start
    for one in watched:
        one.link.close()


def play(one, count):
    """The shapes of that many frames, and the longest time between two of them."""
    shapes, longest_s = [], 0.0
    for _ in range(count):
        longest_s = max(longest_s, seconds_until(lambda: shapes.append(one.frame())))
    return [(frame.height, frame.width) for frame in shapes], longest_s


def highest_mb(pid):
    """Most memory that the process has used."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1024


def test_a_named_pipe_and_an_image_that_takes_too_long_are_named_and_left_out(folder, watch, capfd, report):
    os.mkfifo(folder / "b.jpg")
    write_slow_jpeg(folder / "d.jpg", scans=200)
    one = watch(folder, fps=FPS, loop=True)
    pid = one.vision("running")["pid"]
    shapes, longest_s = play(one, 8)
    report(f"frames at most {longest_s:.1f} s apart")
    assert set(shapes) == {(48, 64)}
    assert longest_s < NEXT_S
    assert one.link._restarts == 0
    assert psutil.pid_exists(pid)
    log = capfd.readouterr().err
    for name, reason in (("b.jpg", "not a regular file"), ("d.jpg", "takes longer than 2 s")):
        assert [line.count(reason) for line in log.splitlines() if name in line] == [1], "told once, not in every loop"


def test_images_of_up_to_20000_pixels_a_side_neither_fill_the_memory_nor_end_the_process(folder, watch, capfd, report):
    write_large(folder / "b.jpg", SIDE)
    write_large(folder / "d.jpg", LARGE_SIDE, progressive=True)
    write_large(folder / "e.png", LARGE_SIDE)
    one = watch(folder, PATIENT, fps=FPS, loop=True)
    pid = one.vision("running")["pid"]
    shapes, longest_s = play(one, 10)
    report(f"frames at most {longest_s:.1f} s apart, {highest_mb(pid):.0f} MB at most")
    assert set(shapes) == {(48, 64), (1920, 1920)}
    assert longest_s < PATIENT_S
    assert highest_mb(pid) < 350
    assert one.link._restarts == 0
    log = capfd.readouterr().err
    assert [log.count(name) for name in ("b.jpg", "d.jpg", "e.png")] == [0, 1, 1]


@pytest.mark.soak
def test_the_largest_image_that_is_read_fits_into_the_memory_limit(folder, watch, report):
    Image.new("RGBA", (10_000, 10_000), (90, 20, 30, 128)).save(folder / "b.png", compress_level=1)
    one = watch(folder, fps=FPS)
    pid = one.vision("running")["pid"]
    shapes, _ = play(one, 3)
    report(f"{highest_mb(pid):.0f} MB at most, of {memory_limit_bytes(Settings()) / 1e6:.0f}")
    assert one.link._restarts == 0


LITTLE_MEMORY = """
import resource, sys
resource.setrlimit(resource.RLIMIT_DATA, (350 * 2**20, 350 * 2**20))
from app.vision.worker.__main__ import main
main(int(sys.argv[1]))
"""


def test_a_process_that_reaches_its_memory_limit_says_so_instead_of_crashed(watch):
    one = watch("demo", command=(sys.executable, "-c", LITTLE_MEMORY), width=7680, height=4320, max_side=7680)
    error = one.vision("restarting")["error"]
    assert "needed more memory than its limit" in error
    assert "exit code" not in error


def test_an_image_without_memory_for_it_is_left_out(folder, watch, capfd):
    Image.new("RGB", (9_000, 9_000)).save(folder / "b.png", compress_level=1)
    one = watch(folder, command=(sys.executable, "-c", LITTLE_MEMORY), fps=FPS)
    one.vision("running")
    assert play(one, 2)[0] == [(48, 64), (48, 64)]
    assert one.link._restarts == 0
    assert "not enough memory" in capfd.readouterr().err


def test_the_real_process_has_a_memory_limit_and_writes_no_core_dump(watch, report):
    one = watch("demo")
    process = psutil.Process(one.vision("running")["pid"])
    one.frame()
    assert process.rlimit(resource.RLIMIT_CORE) == (0, 0)
    limit = memory_limit_bytes(Settings())
    assert process.rlimit(resource.RLIMIT_DATA) == (limit, limit)
    report(f"{process.memory_info().rss / 1e6:.0f} MB of {limit / 1e6:.0f}")
