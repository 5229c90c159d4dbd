"""Cameras, web nodes and a real Redis: what a viewer of any node sees, and what becomes of it when a part ends.

`make test-cluster` runs it. CLUSTER_SERVER=threading chooses the other web server.
"""

from __future__ import annotations

import urllib.error
from pathlib import Path

import pytest

from app.cluster.keys import CameraKeys
from tests.cluster.parts import BACK_WITHIN_S, PASSWORD, Cluster, wait_for

pytestmark = pytest.mark.timeout(300)


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


def test_every_part_ends_when_its_supervisor_says_so(cluster: Cluster):
    session_key = CameraKeys("lobby").session
    assert cluster.ask("session_start", {})["ok"]
    wait_for(lambda: cluster.redis.client.get(session_key), 5, "the session of the camera")
    assert {name: part.stop() for name, part in cluster.parts.items()} == dict.fromkeys(cluster.parts, 0)
    assert cluster.redis.client.get(session_key), "the next process of the camera goes on with it"
    assert not cluster.redis.client.exists(CameraKeys("lobby").owner)
    assert [name for name, part in cluster.parts.items() if "Traceback" in part.log] == []


def _status_code(cluster: Cluster, path: str) -> int:
    try:
        cluster.read(path)
    except urllib.error.HTTPError as error:
        return error.code
    return 200
