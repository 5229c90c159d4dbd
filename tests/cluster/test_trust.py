"""Redis over TLS: its certificate is checked, its password comes from a file. A hidden face never leaves a camera."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import ConnectionError, RedisError

from app.cluster.camera_process import HIDDEN, CameraProcess
from app.cluster.connection import open_redis, reason_of
from app.cluster.node.redis_link import RedisLink
from app.settings import Settings
from app.wire import Message
from tests.cluster.parts import PASSWORD, RedisServer
from tests.support.certificates import make_certificate
from tests.support.fakes import FakeLink, status_body
from tests.support.web import wait_until


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RedisServer, Path]]:
    """A server with TLS alone, and its certificate."""
    folder = tmp_path_factory.mktemp("tls")
    certificate, key = make_certificate(folder)
    files = ["--tls-cert-file", str(certificate), "--tls-key-file", str(key), "--tls-ca-cert-file", str(certificate)]
    with closing(RedisServer(folder, *files, "--tls-auth-clients", "no", certificate=certificate)) as server:
        yield server, certificate


def connect(server: RedisServer, certificate: Path | None, environ: dict[str, str]) -> Redis:
    settings = Settings(redis=f"rediss://127.0.0.1:{server.port}", redis_ca=certificate and str(certificate))
    return open_redis(settings, environ)


def test_a_server_is_trusted_by_its_certificate(redis: tuple[RedisServer, Path], tmp_path: Path):
    server, certificate = redis
    file = tmp_path / "password"
    file.write_text(f"{PASSWORD}\n")
    assert connect(server, certificate, {"REDIS_PASSWORD_FILE": str(file)}).ping()
    with pytest.raises(ConnectionError, match="certificate verify failed"):
        connect(server, None, {"REDIS_PASSWORD": PASSWORD}).ping()


def test_a_wrong_password_is_told_without_repeating_it(redis: tuple[RedisServer, Path]):
    server, certificate = redis
    with pytest.raises(RedisError) as refused:
        connect(server, certificate, {"REDIS_PASSWORD": "not-the-password"}).ping()
    assert "REDIS_PASSWORD" in reason_of(refused.value)
    assert "not-the-password" not in reason_of(refused.value)


def test_a_camera_that_hides_faces_explains_none(redis: tuple[RedisServer, Path]):
    server, certificate = redis
    client = connect(server, certificate, {"REDIS_PASSWORD": PASSWORD})
    vision, viewer = FakeLink(), RedisLink(client, "hall")
    settings = Settings(source="demo", camera=("hall=demo",), blur=True)
    camera = CameraProcess(client, vision, settings)
    received: list[Message] = []
    threads = [threading.Thread(target=camera.run, daemon=True)]
    threads += [threading.Thread(target=lambda: received.extend(iter(viewer.receive, None)), daemon=True)]
    for thread in threads:
        thread.start()
    vision.feed("vision", {"state": "running", "pid": 1, "restarts": 0, "error": None})
    vision.feed("status", status_body())
    wait_until(lambda: [one for one in received if one.type == "status"])
    viewer.send("explain", {"request": 1, "person": 1, "attribute": "emotion"})
    (answer,) = wait_until(lambda: [one for one in received if one.type == "explanation"])
    assert answer.body == {"request": 1, "error": HIDDEN}
    assert "explain" not in [type for type, _ in vision.sent]
    viewer.close()
    camera.stop()
    threads[0].join(5)
