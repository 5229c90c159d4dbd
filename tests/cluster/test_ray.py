"""`analyze --ray` on a real cluster: two nodes on this computer, of which a worker and then one whole node are killed.

`make test-cluster` runs it, with Ray in an environment of its own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import psutil
import pytest
from PIL import Image

from app.bench.batch.ray_cluster import RayCluster, kill_node

pytest.importorskip("ray", reason="Ray is not installed; `make test-cluster` installs it")

ROOT = Path(__file__).resolve().parents[2]
PICTURES = int(os.environ.get("CLUSTER_PICTURES", "5000"))
HEAD_CPUS, NODE_CPUS = 1, 2
WAIT_TIMEOUT_S = 180.0
RUN_TIMEOUT_S = 900.0

pytestmark = pytest.mark.timeout(3000)


@pytest.fixture(scope="module")
def cluster() -> Iterator[RayCluster]:
    with closing(RayCluster(HEAD_CPUS, NODE_CPUS)) as cluster:
        yield cluster


def actors(node: subprocess.Popen[bytes]) -> list[psutil.Process]:
    """The processes of the actors of a node."""
    running = psutil.Process(node.pid).children(recursive=True)
    return [one for one in running if one.status() != psutil.STATUS_ZOMBIE and "ray::Worker" in one.name()]


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pictures")
    for number in range(16):
        Image.fromarray(np.full((64, 64, 3), 10 * number, np.uint8)).save(folder / f"original-{number:02}.png")
    for number in range(16, PICTURES):
        os.link(folder / f"original-{number % 16:02}.png", folder / f"{number:05}.png")
    return folder


def start(cluster: RayCluster, folder: Path, out: Path, models: Path, *options: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "app", "analyze", str(folder), "--out", str(out), "--crops"]
    command += ["--models", str(models), *options]
    return subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True, env=cluster.environment)


def finish(process: subprocess.Popen[str]) -> str:
    _, told = process.communicate(timeout=RUN_TIMEOUT_S)
    assert process.returncode == 0, told
    return told


def rows(out: Path) -> int:
    return out.read_bytes().count(b"\n") if out.exists() else 0


def wait_for(process: subprocess.Popen[str], condition: Callable[[], object]) -> None:
    deadline_s = time.monotonic() + WAIT_TIMEOUT_S
    while not condition():
        assert process.poll() is None, process.communicate()[1]
        assert time.monotonic() < deadline_s
        time.sleep(0.1)


def test_every_picture_is_there_once_after_a_worker_and_a_node_were_killed(
    cluster: RayCluster, pictures: Path, models_dir: Path, tmp_path: Path
):
    out = tmp_path / "out.jsonl"
    process = start(cluster, pictures, out, models_dir, "--ray", cluster.address)
    wait_for(process, lambda: rows(out) > PICTURES // 10 and actors(cluster.node))
    actors(cluster.node)[0].kill()
    wait_for(process, lambda: rows(out) > PICTURES // 3)
    before = rows(out)
    kill_node(cluster.node)
    told = finish(process)
    records = [json.loads(line) for line in out.read_text().splitlines()]
    assert Counter(Path(record["path"]).name for record in records) == Counter(os.listdir(pictures))
    assert [record for record in records if "error" in record] == []
    assert f"{PICTURES:,} files" in told
    print(f"measured: {before} of {PICTURES} rows when the node was killed; all there once at the end")


def test_the_head_alone_gives_the_rows_of_the_local_pool(
    cluster: RayCluster, pictures: Path, models_dir: Path, tmp_path: Path
):
    few = tmp_path / "few"
    few.mkdir()
    for number in range(16):
        os.link(pictures / f"original-{number:02}.png", few / f"{number:02}.png")
    finish(start(cluster, few, tmp_path / "local.jsonl", models_dir, "--workers", "1"))
    finish(start(cluster, few, tmp_path / "ray.jsonl", models_dir, "--ray", cluster.address))
    assert sorted(tmp_path.joinpath("ray.jsonl").read_text().splitlines()) == sorted(
        tmp_path.joinpath("local.jsonl").read_text().splitlines()
    )
