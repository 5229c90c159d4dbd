"""A Ray cluster of two nodes on this computer, and what it takes longer than worker processes."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import psutil

from app.analysis.batch.progress import Progress
from app.analysis.batch.ray_pool import open_ray_pool
from app.analysis.batch.run import BatchOptions, OpenPool, run_batch
from app.analysis.pool import HANG_TIMEOUT_S
from app.paths import PROJECT
from app.settings import Settings

START_TIMEOUT_S = 180.0
OBJECT_STORE_BYTES = 100_000_000
WORKERS = 2


class RayCluster:
    """A head and a second node, each a `ray start` process with cores of its own.

    Attributes:
        address: `HOST:PORT` of the head.
        environment: For commands that use the cluster. It has the token of this cluster alone.
    """

    def __init__(self, head_cpus: int, node_cpus: int) -> None:
        self.environment = {
            **os.environ,
            "PYTHONPATH": str(PROJECT),
            "RAY_USAGE_STATS_ENABLED": "0",
            "RAY_worker_niceness": "0",  # as local workers; Ray's default, 15, leaves them little beside others
            "RAY_AUTH_MODE": "token",
            "RAY_AUTH_TOKEN": secrets.token_hex(32),
        }
        self._folder = Path(tempfile.mkdtemp(prefix="ray"))
        port = _free_port()
        self.address = f"127.0.0.1:{port}"
        head_options = [f"--port={port}", f"--temp-dir={self._folder}", "--include-dashboard=false"]
        self.head = self._start("--head", f"--num-cpus={head_cpus}", *head_options)
        self._wait_for_head(port)
        self.node = self._start(f"--address={self.address}", f"--num-cpus={node_cpus}")

    def close(self) -> None:
        """Kill both nodes and delete their files."""
        for node in (self.node, self.head):
            kill_node(node)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _start(self, *options: str) -> subprocess.Popen[bytes]:
        common = ["--block", "--disable-usage-stats", f"--object-store-memory={OBJECT_STORE_BYTES}"]
        command = [sys.executable, "-m", "ray.scripts.scripts", "start", *options, *common]
        with self._log.open("ab") as log:
            return subprocess.Popen(command, stdout=log, stderr=log, env=self.environment)

    def _wait_for_head(self, port: int) -> None:
        deadline_s = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline_s and self.head.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(0.5)
        log = self._log.read_text()
        self.head.kill()
        raise RuntimeError(f"Ray does not start: {log}")

    @property
    def _log(self) -> Path:
        return self._folder / "start.log"


def kill_node(node: subprocess.Popen[bytes]) -> None:
    """Kill all processes of a node at once."""
    if node.poll() is None:
        for one in [*psutil.Process(node.pid).children(recursive=True), psutil.Process(node.pid)]:
            if one.is_running():
                one.send_signal(signal.SIGKILL)
        node.wait()


@dataclass(frozen=True, slots=True)
class RunCost:
    """What a run costs.

    Attributes:
        first_s: Seconds until the first picture is done: processes start and load the models.
        total_s: Seconds in all.
        cpu_ms: Processor time of a picture after the first in milliseconds, over all processes; other programs hardly
            change it.
    """

    first_s: float
    total_s: float
    cpu_ms: float


def local_and_ray(names: Sequence[str], folder: Path) -> tuple[RunCost, RunCost]:
    """Costs with two worker processes, and on a cluster of two nodes with a core each, which runs already."""
    local = _measure(names, folder / "local.jsonl", None)
    with closing(RayCluster(1, WORKERS - 1)) as cluster:
        os.environ.update(cluster.environment)
        _measure(names[:WORKERS], folder / "first.jsonl", open_ray_pool(cluster.address, WORKERS, HANG_TIMEOUT_S))
        return local, _measure(names, folder / "ray.jsonl", open_ray_pool(cluster.address, WORKERS, HANG_TIMEOUT_S))


def _measure(names: Sequence[str], out: Path, open_pool: OpenPool | None) -> RunCost:
    started_s = time.perf_counter()
    done: list[tuple[float, float]] = []

    def note(progress: Progress) -> None:
        if progress.finished_now in (1, len(names)) and len(done) < min(2, progress.finished_now):
            done.append((time.perf_counter() - started_s, _cpu_s()))

    run_batch(names, out, Settings(), BatchOptions(workers=WORKERS), on_progress=note, open_pool=open_pool)
    (first_s, first_cpu_s), (total_s, cpu_s) = done
    return RunCost(first_s, total_s, 1000 * (cpu_s - first_cpu_s) / (len(names) - 1))


def _cpu_s() -> float:
    """Processor time of this process and of all below it, also of those that have ended."""
    process = psutil.Process()
    return sum(sum(one.cpu_times()[:4]) for one in [process, *process.children(recursive=True)])


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
