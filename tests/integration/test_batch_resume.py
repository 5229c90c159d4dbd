"""The command killed at ten random moments, a worker killed, and the memory."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import psutil
import pytest
from PIL import Image

from app.paths import PROJECT

KILLS = 10
# So many that no run ends before it is killed.
PICTURES, FRAMES = 600, 100
# Before and after the pictures.
VIDEOS = ("a.mp4", "q.mp4")
# Frames of a video that no test waits for: a minute of work.
LONG_FRAMES = 60_000
MEMORY_PICTURES = 900
# Share by which the memory may grow over the last two thirds of the pictures.
MAX_GROWTH = 0.05


def write_pictures(folder: Path, count: int, side: int) -> None:
    """Pictures of one colour; equal ones are links."""
    folder.mkdir()
    Image.fromarray(np.full((side, side, 3), 90, np.uint8)).save(folder / "p0000.png")
    for number in range(1, count):
        os.link(folder / "p0000.png", folder / f"p{number:04}.png")


def write_video(path: Path, size: tuple[int, int] = (640, 480)) -> None:
    width, height = size
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for number in range(FRAMES):
            image = np.full((height, width, 3), number, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        container.mux(stream.encode(None))


@pytest.fixture
def long_media(tmp_path: Path) -> Path:
    """Two long videos, with pictures between them. Transport streams may be joined by joining their bytes."""
    folder = tmp_path / "in"
    write_pictures(folder, 3, 20)
    write_video(tmp_path / "clip.ts", (32, 32))
    (folder / "a.ts").write_bytes((tmp_path / "clip.ts").read_bytes() * (LONG_FRAMES // FRAMES))
    os.link(folder / "a.ts", folder / "z.ts")
    return folder


def start(folder: Path, out: Path, models: Path, workers: int = 2) -> subprocess.Popen[str]:
    options = ["--out", str(out), "--models", str(models), "--crops", "--workers", str(workers)]
    return subprocess.Popen(
        [sys.executable, "-m", "app", "analyze", str(folder), *options],
        cwd=PROJECT,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=heed_ctrl_c,
    )


def heed_ctrl_c() -> None:
    """Undo what a shell does that runs the tests in the background: its processes ignore Ctrl-C, and so do theirs."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def finish(process: subprocess.Popen[str]) -> str:
    _, told = process.communicate(timeout=400)
    assert process.returncode == 0, told
    return told


def content(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b""


def wait_for(process: subprocess.Popen[str], condition: Callable[[], object]) -> None:
    """Wait while the process runs."""
    while not condition():
        assert process.poll() is None, process.communicate()[1]
        time.sleep(0.02)


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_killed_at_ten_random_moments_the_rows_are_complete_and_none_twice(models_dir: Path, tmp_path: Path):
    media = tmp_path / "in"
    write_pictures(media, PICTURES, 1200)
    (media / "broken.jpg").write_text("words")
    for name in VIDEOS:
        write_video(media / name)
    random_s, out = random.Random(22), tmp_path / "out.jsonl"
    for _ in range(KILLS):
        process, before = start(media, out, models_dir), content(out)
        if random_s.random() < 0.7:
            wait_for(process, lambda before=before: len(content(out)) > len(before))
        time.sleep(random_s.uniform(0.0, 0.3))
        assert process.poll() is None, "it ended before it was killed; take more pictures"
        process.kill()
        process.communicate()
    rows_before = content(out).count(b"\n")
    told = finish(start(media, out, models_dir))
    reference = tmp_path / "reference.jsonl"
    finish(start(media, reference, models_dir))
    rows, expected = out.read_text().splitlines(), reference.read_text().splitlines()
    assert sorted(rows) == sorted(expected)
    assert len(set(rows)) == len(rows) == PICTURES + 1 + len(VIDEOS) * FRAMES
    print(f"measured: {KILLS} kills in the middle, {rows_before} of {len(rows)} rows then")
    assert f"{PICTURES + 1 + len(VIDEOS):,} files" in told


def test_a_killed_worker_is_replaced_and_ctrl_c_says_how_to_go_on(long_media: Path, models_dir: Path, tmp_path: Path):
    """The worker is killed within a video of a minute, so that it always has a file to lose."""
    out = tmp_path / "out.jsonl"
    process = start(long_media, out, models_dir, workers=1)
    wait_for(process, lambda: content(out))
    (worker,) = psutil.Process(process.pid).children()
    worker.kill()
    wait_for(process, lambda: b"z.ts" in content(out))
    written = len(content(out))
    wait_for(process, lambda: len(content(out)) > written)  # then those before are recorded, too
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=30)
    assert process.returncode == 130, told
    assert "the same command goes on where it stopped" in told
    assert "Traceback" not in told
    assert "5 files" not in told, "the summary is for the end"
    records = [json.loads(line) for line in content(out).splitlines()]
    names = [Path(record["path"]).name for record in records if "error" not in record]
    assert [name for name in names if name.startswith("p")] == ["p0000.png", "p0001.png", "p0002.png"]
    assert 0 < names.count("a.ts") < LONG_FRAMES, "the rows until then are kept"
    (lost,) = [record for record in records if "error" in record]
    assert (Path(lost["path"]).name, "the worker process ended (killed" in lost["error"]) == ("a.ts", True)


def test_no_worker_outlives_a_killed_command(long_media: Path, models_dir: Path, tmp_path: Path):
    out = tmp_path / "out.jsonl"
    process = start(long_media, out, models_dir)
    wait_for(process, lambda: content(out))
    workers = psutil.Process(process.pid).children()
    assert len(workers) == 2
    process.kill()
    process.communicate()
    _, alive = psutil.wait_procs(workers, timeout=5)
    assert alive == []


@pytest.mark.soak
def test_the_memory_is_flat_over_many_pictures(models_dir: Path, tmp_path: Path):
    folder, out = tmp_path / "in", tmp_path / "out.jsonl"
    write_pictures(folder, MEMORY_PICTURES, 300)
    process = start(folder, out, models_dir, workers=1)
    measured = []
    while process.poll() is None:
        measured.append((content(out).count(b"\n"), memory_bytes(process.pid)))
        time.sleep(0.1)
    finish(process)
    early = max(used for rows, used in measured if rows <= MEMORY_PICTURES // 3)
    late = max(used for rows, used in measured)
    print(f"measured: {early / 1e6:.0f} MB in the first third, {late / 1e6:.0f} MB at most")
    assert late < early * (1 + MAX_GROWTH)


def memory_bytes(pid: int) -> int:
    """Memory of a process and its children; 0 once they have ended."""
    try:
        process = psutil.Process(pid)
        return sum(one.memory_info().rss for one in [process, *process.children(recursive=True)])
    except psutil.NoSuchProcess:
        return 0
