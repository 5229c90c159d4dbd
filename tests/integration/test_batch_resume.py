"""The command killed at ten random moments, its workers killed, and its memory."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import av
import numpy as np
import psutil
import pytest
from PIL import Image

from app.paths import PROJECT

KILLS = 10
PICTURES, VIDEOS, FRAMES = 120, 2, 100
MEMORY_PICTURES = 900
# Share by which the memory may grow over the last two thirds of the pictures.
MAX_GROWTH = 0.05


@pytest.fixture
def media(tmp_path: Path) -> Path:
    """Large pictures of one colour under many names, and videos."""
    folder = tmp_path / "in"
    folder.mkdir()
    Image.fromarray(np.full((1200, 1200, 3), 90, np.uint8)).save(folder / "p000.png")
    for number in range(1, PICTURES):
        os.link(folder / "p000.png", folder / f"p{number:03}.png")
    (folder / "broken.jpg").write_text("words")
    for number in range(VIDEOS):
        write_video(folder / f"q{number}.mp4")
    return folder


def write_video(path: Path) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 640, 480, "yuv420p"
        for number in range(FRAMES):
            image = np.full((480, 640, 3), number, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        container.mux(stream.encode(None))


def start(folder: Path, out: Path, models: Path, workers: int = 2) -> subprocess.Popen[str]:
    options = ["--out", str(out), "--models", str(models), "--crops", "--workers", str(workers)]
    return subprocess.Popen(
        [sys.executable, "-m", "app", "analyze", str(folder), *options],
        cwd=PROJECT,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process: subprocess.Popen[str]) -> str:
    _, told = process.communicate(timeout=110)
    assert process.returncode == 0, told
    return told


def size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def wait_for_rows(process: subprocess.Popen[str], out: Path, before: int) -> None:
    while process.poll() is None and size(out) <= before:
        time.sleep(0.02)


@pytest.mark.soak
@pytest.mark.timeout(300)
def test_killed_at_ten_random_moments_the_rows_are_complete_and_none_twice(
    media: Path, models_dir: Path, tmp_path: Path
):
    random_s, out = random.Random(22), tmp_path / "out.jsonl"
    killed_in_the_middle = 0
    for _ in range(KILLS):
        process = start(media, out, models_dir)
        wait_for_rows(process, out, size(out) if random_s.random() < 0.7 else -1)
        time.sleep(random_s.uniform(0.0, 0.3))
        killed_in_the_middle += process.poll() is None
        process.kill()
        process.communicate()
    rows_before = len(out.read_bytes().splitlines())
    told = finish(start(media, out, models_dir))
    reference = tmp_path / "reference.jsonl"
    finish(start(media, reference, models_dir))
    rows, expected = out.read_text().splitlines(), reference.read_text().splitlines()
    assert sorted(rows) == sorted(expected)
    assert len(set(rows)) == len(rows) == PICTURES + 1 + VIDEOS * FRAMES
    assert killed_in_the_middle >= 3
    print(f"measured: {killed_in_the_middle} of {KILLS} kills before the end, {rows_before} rows then")
    assert f"{PICTURES + 1 + VIDEOS} files" in told


def test_a_killed_worker_is_replaced_and_its_file_reported(media: Path, models_dir: Path, tmp_path: Path):
    out = tmp_path / "out.jsonl"
    process = start(media, out, models_dir)
    wait_for_rows(process, out, 0)
    workers = psutil.Process(process.pid).children()
    assert len(workers) == 2
    workers[0].send_signal(signal.SIGKILL)
    told = finish(process)
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    assert {Path(row["path"]) for row in rows} == set(media.iterdir())
    lost = [row for row in rows if "was not analysed" in row.get("error", "")]
    assert len(lost) == 1
    assert "worker ended 1" in told


def test_no_worker_outlives_a_killed_command(media: Path, models_dir: Path, tmp_path: Path):
    out = tmp_path / "out.jsonl"
    process = start(media, out, models_dir)
    wait_for_rows(process, out, 0)
    workers = psutil.Process(process.pid).children()
    process.kill()
    process.communicate()
    _, alive = psutil.wait_procs(workers, timeout=5)
    assert alive == []


def test_ctrl_c_says_how_to_go_on(media: Path, models_dir: Path, tmp_path: Path):
    out = tmp_path / "out.jsonl"
    process = start(media, out, models_dir)
    wait_for_rows(process, out, 0)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=10)
    assert process.returncode == 130, told
    assert "the same command goes on where it stopped" in told
    assert "Traceback" not in told


def test_the_memory_is_flat_over_many_pictures(models_dir: Path, tmp_path: Path):
    folder, out = tmp_path / "in", tmp_path / "out.jsonl"
    folder.mkdir()
    Image.fromarray(np.full((300, 300, 3), 90, np.uint8)).save(folder / "0.png")
    for number in range(1, MEMORY_PICTURES):
        os.link(folder / "0.png", folder / f"{number}.png")
    process = start(folder, out, models_dir, workers=1)
    measured = []
    while process.poll() is None:
        rows = out.read_bytes().count(b"\n") if out.exists() else 0
        measured.append((rows, memory_bytes(process.pid)))
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
