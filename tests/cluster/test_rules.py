"""The rules of the webhook in a camera's process: nobody needs to watch."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from app.cluster.keys import CameraKeys
from tests.cluster.parts import Part, RedisServer, wait_for
from tests.support.interface.webhook_receiver import SECRET, webhook_receiver

pytestmark = pytest.mark.timeout(120)

RULE = "people > 0 for 0.5s"


def test_a_camera_that_nobody_watches_tells_of_its_rules(tmp_path: Path):
    redis = RedisServer(tmp_path)
    environ = {"WEBHOOK_SECRET": SECRET.decode()}
    with webhook_receiver() as receiver:
        options = ["--name", "hall", "--source", "demo", "--webhook", receiver.url, "--rules", RULE]
        camera = Part(tmp_path, "hall", redis.url, ["camera", *options], environ)
        try:
            wait_for(lambda: receiver.requests, what="an event")
            told = {key: receiver.events[0][key] for key in ("event", "camera", "rule", "change", "session_id")}
            assert told == {"event": "rule", "camera": "hall", "rule": RULE, "change": "hit", "session_id": None}
            assert not redis.client.keys(CameraKeys("hall").pictures("*").replace("{", "\\{")), "nobody watches"
            assert camera.stop() == 0
        finally:
            camera.kill()
            redis.close()


@pytest.mark.parametrize(
    ("options", "reason"),
    [(["--rules", "often"], "'often' is no rule"), (["--rules", RULE, "--webhook", "ftp://host"], "webhook")],
)
def test_a_rule_that_is_none_ends_the_camera_with_one_line(tmp_path: Path, options: list[str], reason: str):
    redis = RedisServer(tmp_path)
    given = ["camera", "--name", "hall", "--source", "demo", "--webhook", "http://127.0.0.1/", *options]
    camera = Part(tmp_path, "hall", redis.url, given, {"WEBHOOK_SECRET": SECRET.decode()})
    try:
        assert camera.process.wait(30) == 1
        assert reason in camera.log
        assert camera.log.strip().count("\n") == 0
    except subprocess.TimeoutExpired:
        pytest.fail(f"it runs: {camera.log}")
    finally:
        camera.kill()
        redis.close()
