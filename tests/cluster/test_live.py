"""Cameras, web nodes and a real Redis: what a viewer of any node sees, and what becomes of it when a part ends.

`make test-cluster` runs it. CLUSTER_SERVER=threading chooses the other web server.
"""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import socketio

from app.cluster.keys import CameraKeys
from tests.cluster.parts import PASSWORD, Part, RedisServer, wait_for
from tests.e2e.server import free_port

pytestmark = pytest.mark.timeout(300)
# What viewers wait at most for a part that is started again at once.
BACK_WITHIN_S = 10.0


@dataclass
class Cluster:
    """Two cameras, two web nodes and a recorder."""

    redis: RedisServer
    folder: Path
    ports: list[int]
    parts: dict[str, Part] = field(default_factory=dict)

    def start(self, name: str, *arguments: str) -> None:
        self.parts[name] = Part(self.folder, name, self.redis.url, arguments)

    def read(self, path: str, node: int = 0, method: str = "GET", body: Any = None) -> Any:
        """The JSON that a node answers; HTTPError for another status than 2xx."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"http://127.0.0.1:{self.ports[node]}{path}", data, headers, method=method)
        with urllib.request.urlopen(request, timeout=10) as response:
            content = response.read()
        return json.loads(content) if content.startswith(b"{") else content

    def frame(self, node: int, camera: str) -> int | None:
        """Number of the frame in the picture that a viewer of a node gets now."""
        url = f"http://127.0.0.1:{self.ports[node]}/snapshot.jpg?camera={camera}"
        with suppress(urllib.error.HTTPError), urllib.request.urlopen(url, timeout=10) as response:
            assert response.read(2) == b"\xff\xd8"
            return int(response.headers["X-Frame"])
        return None

    def wait_for_pictures(self, timeout_s: float = 60.0) -> None:
        for node in range(len(self.ports)):
            for camera in ("door", "lobby"):
                wait_for(lambda n=node, c=camera: self.frame(n, c), timeout_s, f"a picture of {camera} on node {node}")

    def ask(self, event: str, payload: dict[str, Any], node: int = 0, camera: str = "lobby") -> dict[str, Any]:
        """Send an event of a page; returns the acknowledgement."""
        with socketio.SimpleClient() as page:
            page.connect(f"http://127.0.0.1:{self.ports[node]}?camera={camera}", transports=["polling"])
            return page.call(event, payload, timeout=10)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    folder = tmp_path_factory.mktemp("cluster")
    redis = RedisServer(folder)
    cluster = Cluster(redis, folder, [free_port(), free_port()])
    server, data = os.environ.get("CLUSTER_SERVER", "eventlet"), str(folder / "data")
    try:
        for name in ("lobby", "door"):
            cluster.start(name, "camera", "--name", name, "--source", "demo")
        for number, port in enumerate(cluster.ports):
            cluster.start(f"web-{number}", "web", "--port", str(port), "--server", server, "--data", data)
        cluster.start("recorder", "recorder", "--data", data)
        cluster.wait_for_pictures()
        yield cluster
    finally:
        for part in cluster.parts.values():
            part.kill()
        redis.close()


def test_every_node_shows_every_camera_on_its_wall(cluster: Cluster):
    for node in range(2):
        assert [tile["name"] for tile in cluster.read("/api/wall", node)["cameras"]] == ["door", "lobby"]
        assert b'data-camera="door"' in cluster.read("/", node)
        assert cluster.read("/healthz", node)["status"] == "ok"


def test_numbers_belong_to_the_camera_that_is_asked_for(cluster: Cluster):
    for camera in ("door", "lobby"):
        status = cluster.read(f"/api/status?camera={camera}")
        assert status["camera"]["kind"] == "demo"
        assert status["stats"]["frame"] > 0
        assert status["vision"] == {"state": "running", "pid": None, "restarts": 0, "error": None}


def test_a_pause_of_one_node_is_seen_on_the_other(cluster: Cluster):
    acknowledged = cluster.ask("camera_pause", {}, node=0)
    assert acknowledged["ok"], acknowledged
    told = wait_for(lambda: cluster.read("/api/status?camera=lobby", node=1)["pause"], 5, "the pause")
    assert told == acknowledged["pause"]
    assert cluster.ask("camera_resume", {}, node=1)["ok"]
    wait_for(lambda: cluster.frame(0, "lobby"), BACK_WITHIN_S, "a picture after the pause")
    assert cluster.read("/api/status?camera=lobby")["pause"] is None


def test_a_node_analyses_nothing_itself_and_says_so(cluster: Cluster):
    for path, method in (("/try", "GET"), ("/learn", "GET"), ("/api/jobs", "GET"), ("/api/camera-link", "POST")):
        with pytest.raises(urllib.error.HTTPError) as refused:
            cluster.read(path, method=method)
        assert refused.value.code == 404
        assert b"started with run" in refused.value.read()
    assert b'href="/try"' not in cluster.read("/sessions")


def test_frames_in_redis_are_few_and_expire(cluster: Cluster):
    wait_for(lambda: cluster.frame(0, "lobby"))
    keys = CameraKeys("lobby")
    pictures = cluster.redis.client.keys(keys.pictures("*").replace("{", "\\{"))
    assert pictures, "there is no picture in Redis"
    for key in [*pictures, keys.results]:
        assert cluster.redis.client.xlen(key) <= 2
        assert 0 < cluster.redis.client.pttl(key) <= 5000


def test_only_what_a_node_asks_for_is_drawn(cluster: Cluster):
    keys = CameraKeys("lobby")
    wait_for(lambda: cluster.frame(0, "lobby"))
    pattern = keys.pictures("*").replace("{", "\\{")
    wait_for(lambda: not cluster.redis.client.keys(pattern), 15, "the end of pictures that nobody asks for")
    wait_for(lambda: cluster.frame(1, "lobby"), 5, "a picture after a while without viewers")


def test_no_password_is_in_the_list_of_processes_or_in_a_log(cluster: Cluster):
    for part in cluster.parts.values():
        assert PASSWORD not in Path(f"/proc/{part.process.pid}/cmdline").read_text()
        assert PASSWORD not in part.log


def test_a_node_that_is_killed_comes_back(cluster: Cluster):
    cluster.parts["web-1"].kill()
    cluster.parts["web-1"].start()
    cluster.wait_for_pictures()


def test_a_camera_that_is_killed_comes_back(cluster: Cluster):
    key = CameraKeys("lobby").owner
    before = cluster.redis.client.get(key)
    cluster.parts["lobby"].kill()
    cluster.parts["lobby"].start()
    wait_for(lambda: cluster.redis.client.get(key) not in (None, before), BACK_WITHIN_S, "a new process of the camera")
    wait_for(lambda: (cluster.frame(1, "lobby") or 1000) < 300, 2 * BACK_WITHIN_S, "one of its first frames")


def test_pages_say_that_a_camera_is_away_and_show_it_when_it_is_back(cluster: Cluster):
    cluster.parts["door"].kill()
    told = wait_for(lambda: cluster.read("/api/status?camera=door")["vision"]["error"], 6, "the end of a camera")
    assert "does not answer" in told
    assert cluster.frame(0, "lobby") is not None
    assert cluster.read("/healthz")["status"] == "ok", "a node is ready without one of its cameras"
    cluster.parts["door"].start()
    cluster.wait_for_pictures()


def test_pictures_are_back_after_redis_was_restarted_empty(cluster: Cluster):
    cluster.redis.kill()
    wait_for(lambda: _status_code(cluster, "/healthz") == 503, 15, "a node that is not ready")
    cluster.redis.start()
    cluster.wait_for_pictures(2 * BACK_WITHIN_S)
    assert all("Redis is back" in part.log for part in cluster.parts.values())


def _status_code(cluster: Cluster, path: str) -> int:
    try:
        cluster.read(path)
    except urllib.error.HTTPError as error:
        return error.code
    return 200
