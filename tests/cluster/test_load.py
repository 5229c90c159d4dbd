"""Cameras, web nodes and viewers behind nginx: rates, processor time by part, and what viewers see while parts end.

It measures, so nothing else should run beside it. The defaults suit two cores; the figures of docs/scaling.md are of

    CLUSTER_CAMERAS=8 CLUSTER_NODES=3 CLUSTER_VIEWERS=300 CLUSTER_FPS=6 CLUSTER_SECONDS=20 make test-cluster
"""

from __future__ import annotations

import json
import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from app.cluster.keys import ROWS, TOKEN
from app.paths import PROJECT
from tests.cluster.faults import Fault, Session, gap_seconds, is_a_row_there_twice, lost_seconds
from tests.cluster.parts import DATABASE, Cluster, Part, RedisServer, wait_for
from tests.cluster.test_sessions import wait_for_seconds
from tests.e2e.server import free_port
from tests.support.postgresql.server import TestServer, missing
from tests.support.processes.nginx import NGINX, nginx_config, running_nginx

pytestmark = [
    pytest.mark.timeout(1800),
    pytest.mark.skipif(
        NGINX is None, reason="NO NGINX: viewers behind a proxy are not tested here; apt-get install nginx"
    ),
]

CAMERAS = tuple(f"camera-{number}" for number in range(1, int(os.environ.get("CLUSTER_CAMERAS", "2")) + 1))
NODES = int(os.environ.get("CLUSTER_NODES", "2"))
VIEWERS = int(os.environ.get("CLUSTER_VIEWERS", "20"))
# Of each camera. On a computer without a free core, the proxy takes new viewers late.
FPS = os.environ.get("CLUSTER_FPS", "30")
SECONDS = float(os.environ.get("CLUSTER_SECONDS", "10"))
# What viewers wait at most after a part was killed and started again; 10 on a computer that does nothing else.
MAX_AWAY_S = float(os.environ.get("CLUSTER_MAX_AWAY_S", "30"))
# Beside a gap that a killed camera tells of. Others may have a second without a frame on a busy computer.
MAX_LOST_S = 5


class Viewers:
    """Viewers behind the proxy, until `stop`."""

    def __init__(self, port: int, token: str) -> None:
        command = [sys.executable, "-m", "tests.cluster.viewers", str(port), token, str(VIEWERS), *CAMERAS]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, cwd=PROJECT, stdin=pipe, stdout=pipe, text=True)
        self.times_s: list[list[float]] = []

    def stop(self) -> None:
        """End all viewers, and read when their pictures came."""
        out, _ = self.process.communicate(timeout=60)
        self.times_s = json.loads(out)

    def rates(self, start_s: float, end_s: float) -> list[float]:
        """Pictures a second of each viewer, in order of the rates."""
        counts = (sum(start_s <= at_s < end_s for at_s in times_s) for times_s in self.times_s)
        return sorted(count / (end_s - start_s) for count in counts)

    def longest_wait_s(self, start_s: float, end_s: float) -> float:
        """The longest time that any viewer was without a picture."""
        return max(_longest_wait_s([at_s for at_s in times_s if start_s <= at_s < end_s], start_s, end_s)
                   for times_s in self.times_s)  # fmt: skip


def _longest_wait_s(times_s: list[float], start_s: float, end_s: float) -> float:
    marks = [start_s, *times_s, end_s]
    return max(later - earlier for earlier, later in zip(marks, marks[1:], strict=False))


def processor_s(pids: dict[str, int]) -> dict[str, float]:
    """Processor time of each process; that of vision processes, which others have started, under a name of its own."""
    found = {}
    for name, pid in pids.items():
        process = psutil.Process(pid)
        own = {"": process} | {f"vision of {name}{number}": one for number, one in enumerate(process.children())}
        for title, one in own.items():
            with suppress(psutil.NoSuchProcess):
                times = one.cpu_times()
                found[title or name] = times.user + times.system
    return found


@dataclass
class Window:
    """A time in which viewers watched, and the share of a core that each part took."""

    start_s: float
    end_s: float
    cores: dict[str, float]


def measure(pids: dict[str, int]) -> Window:
    """Let viewers watch for a while."""
    before, start_s = processor_s(pids), time.monotonic()
    time.sleep(SECONDS)
    after, end_s = processor_s(pids), time.monotonic()
    return Window(start_s, end_s, {name: (after[name] - taken_s) / SECONDS for name, taken_s in before.items()})


def tell(title: str, viewers: Viewers, window: Window) -> None:
    rates = viewers.rates(window.start_s, window.end_s)
    print(f"\n{title}: {len(CAMERAS)} cameras, {VIEWERS} viewers")
    print(
        f"  pictures/s of a viewer: least {rates[0]:.1f}, median {statistics.median(rates):.1f}, most {rates[-1]:.1f}"
    )
    groups: dict[str, float] = {}
    for name, share in window.cores.items():
        group = "vision" if name.startswith("vision") else re.sub(r"-\d+$", "", name)
        groups[group] = groups.get(group, 0.0) + share
    print("  cores: " + ", ".join(f"{name} {share:.3f}" for name, share in groups.items()))
    shown, drawn = sum(rates), len(CAMERAS) * statistics.median(rates)
    print(
        f"  a picture that a viewer gets: {1000 * (groups.get('web', 0) + groups.get('run', 0)) / shown:.2f} ms of web"
    )
    if "camera" in groups:
        print(f"  a picture that a camera gives: {1000 * groups['camera'] / drawn:.2f} ms beside its vision process, "
              f"{1000 * groups['redis'] / drawn:.2f} ms of Redis")  # fmt: skip


@contextmanager
def proxy(folder: Path, ports: list[int]) -> Iterator[tuple[int, int]]:
    """nginx as in deploy/nginx.conf, but without TLS; yields its port and the id of its process."""
    folder.mkdir()
    port = free_port()
    config = nginx_config(folder, ports, port, folder / "none", folder / "none")
    text = "\n".join(line for line in config.read_text().splitlines() if not line.strip().startswith("ssl_"))
    for written, used in {f":{port} ssl": f":{port}", "worker_connections 256": "worker_connections 4096"}.items():
        assert written in text
        text = text.replace(written, used)
    config.write_text(text)
    with running_nginx(config):
        yield port, int((folder / "nginx.pid").read_text())


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    folder = tmp_path_factory.mktemp("load")
    redis = RedisServer(folder)
    options = ("--behind-proxy", "127.0.0.1")
    # As its default, what was committed outlives an end without warning.
    postgresql = None if missing() else TestServer(("max_connections=40",))
    ports = [free_port() for _ in range(NODES)]
    cluster = Cluster(redis, folder, ports, CAMERAS, options, ("--fps", FPS), postgresql)
    try:
        if postgresql:
            postgresql.create_database(DATABASE)
        else:
            print(f"\n{missing()}; the sessions are in a file")
        cluster.start_all()
        yield cluster
    finally:
        cluster.close()


def test_viewers_behind_a_proxy_see_every_camera_also_while_parts_end(cluster: Cluster):
    token = wait_for(lambda: cluster.redis.client.get(TOKEN)).decode()
    with proxy(cluster.folder / "nginx", cluster.ports) as (port, nginx_pid):
        viewers = Viewers(port, token)
        time.sleep(VIEWERS / 50 + 5)
        pids = {name: part.process.pid for name, part in cluster.parts.items()}
        window = measure(
            {**pids, "redis": cluster.redis.process.pid, "nginx": nginx_pid, "viewers": viewers.process.pid}
        )
        sessions = [start_session(cluster, camera) for camera in CAMERAS]
        for session in sessions:
            wait_for_seconds(cluster, session.id, 2)
        faults = [break_part(cluster, title, act) for title, act in FAULTS.items()]
        for session in sessions:
            wait_for_seconds(cluster, session.id, 3)
            assert cluster.ask("session_stop", {}, camera=session.camera)["ok"]
        wait_for(lambda: cluster.redis.client.xlen(ROWS) == 0, 20, "the confirmation of all rows")
        viewers.stop()
    tell("through Redis", viewers, window)
    slowest = viewers.rates(window.start_s, window.end_s)[0]
    problems = [] if slowest > 0 else ["a viewer saw nothing"]
    for fault in faults:  # all are told, so that a slow one hides nothing of the others
        problems += [f"{fault.title}: {problem}" for problem in judge(cluster, viewers, sessions, fault)]
    assert [session.camera for session in sessions if is_a_row_there_twice(cluster, session)] == []
    assert [cluster.unsaved_rows(session.id) for session in sessions] == [set() for _ in sessions]
    assert problems == []


def start_session(cluster: Cluster, camera: str) -> Session:
    told = cluster.ask("session_start", {"name": camera}, camera=camera)
    assert told["ok"], told
    return Session(camera, int(told["session"]["id"]), time.monotonic())


def judge(cluster: Cluster, viewers: Viewers, sessions: list[Session], fault: Fault) -> list[str]:
    """Print what a fault cost viewers and sessions; returns what of it is too much."""
    wait_s = viewers.longest_wait_s(fault.start_s, fault.end_s)
    lost = {session.camera: lost_seconds(cluster, session, fault) for session in sessions}
    gap_s = sum(gap_seconds(cluster, session, fault) for session in sessions)
    print(f"  {fault.title}: longest time without a picture {wait_s:.1f} s; seconds of all sessions: {gap_s} in gaps, "
          f"{sum(map(len, lost.values()))} lost beside ({lost})")  # fmt: skip
    problems = [fault.problem] if fault.problem else []
    if wait_s > MAX_AWAY_S:
        problems.append(f"a viewer waited {wait_s:.1f} s, more than {MAX_AWAY_S:g}")
    return problems + [f"{name} lost {seconds}" for name, seconds in lost.items() if len(seconds) > MAX_LOST_S]


def kill_and_start(name: str) -> Callable[[Cluster], None]:
    def act(cluster: Cluster) -> None:
        cluster.parts[name].kill()
        cluster.parts[name].start()

    return act


def restart_redis(cluster: Cluster) -> None:
    cluster.redis.kill()
    cluster.redis.start()


def restart_postgresql(cluster: Cluster) -> None:
    if cluster.postgresql:
        cluster.postgresql.stop()
        time.sleep(2)
        cluster.postgresql.start()


FAULTS: dict[str, Callable[[Cluster], None]] = {
    "camera killed": kill_and_start(CAMERAS[0]),
    "web node killed": kill_and_start("web-0"),
    "recorder killed": kill_and_start("recorder"),
    "Redis restarted empty": restart_redis,
    "PostgreSQL restarted": restart_postgresql,
}


def break_part(cluster: Cluster, title: str, act: Callable[[Cluster], None]) -> Fault:
    """End a part and wait until everything is there again."""
    start_s, problem = time.monotonic(), None
    act(cluster)
    time.sleep(3)
    try:
        cluster.wait_for_pictures(2 * MAX_AWAY_S)
    except AssertionError as error:
        problem = str(error)
    time.sleep(2)
    return Fault(title, start_s, time.monotonic(), problem)


def test_the_same_viewers_on_one_server_without_redis(tmp_path: Path):
    port = free_port()
    cameras = [f"--camera={camera}=demo" for camera in CAMERAS]
    options = ["--fps", FPS, "--behind-proxy", "127.0.0.1", "--data", str(tmp_path / "data"), "--port", str(port)]
    server = Part(tmp_path, "run", None, ["run", *cameras, *options])
    try:
        token = wait_for(lambda: re.search(r"token=(\S+)", server.log))[1]
        with proxy(tmp_path / "nginx", [port]) as (proxy_port, nginx_pid):
            viewers = Viewers(proxy_port, token)
            time.sleep(VIEWERS / 50 + 10)
            window = measure({"run": server.process.pid, "nginx": nginx_pid, "viewers": viewers.process.pid})
            viewers.stop()
    finally:
        server.kill()
    tell("on one server without Redis", viewers, window)
    assert viewers.rates(window.start_s, window.end_s)[0] > 0, "a viewer saw nothing"
