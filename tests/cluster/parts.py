"""A Redis server of its own, and the processes that meet in it, for tests on this computer."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import socketio
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from app.cluster.keys import TOKEN
from app.paths import PROJECT
from tests.e2e.server import free_port

REDIS_SERVER = shutil.which("redis-server")
PASSWORD = "secret-of-the-tests"
START_TIMEOUT_S = 60.0
# What viewers wait at most for a part that is started again at once.
BACK_WITHIN_S = 10.0


def wait_for(condition: Callable[[], Any], timeout_s: float = START_TIMEOUT_S, what: str = "") -> Any:
    """Wait for a true value of `condition`, which may fail meanwhile, and return it."""
    deadline_s = time.monotonic() + timeout_s
    error: Exception | None = None
    while time.monotonic() < deadline_s:
        try:
            if value := condition():
                return value
        except (OSError, RedisError, KeyError, ValueError) as failed:
            error = failed
        time.sleep(0.05)
    raise AssertionError(f"{what or 'the condition'} was not met within {timeout_s:g} s ({error})")


class RedisServer:
    """`redis-server` without a file, as `kill` and `start` again make it empty."""

    def __init__(self, folder: Path, *options: str, password: str = PASSWORD) -> None:
        if REDIS_SERVER is None:
            pytest.skip("NO REDIS: several machines are not tested here; apt-get install redis-server")
        self.port, self._folder, self._options, self._password = free_port(), folder, options, password
        self.url = f"redis://127.0.0.1:{self.port}"
        self.client = Redis(port=self.port, password=password)
        self.start()

    def start(self) -> None:
        command = [str(REDIS_SERVER), "--port", str(self.port), "--save", "", "--dir", str(self._folder)]
        command += ["--requirepass", self._password, *self._options]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        wait_for(self.client.ping, what="Redis")

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def close(self) -> None:
        self.kill()
        self.client.close()


class Part:
    """One process: `camera`, `web` or `recorder`.

    Args:
        url: Of Redis; None for a part that needs none.
        arguments: The command and its options.
        environ: Variables besides those of the tests and the password.
    """

    def __init__(
        self,
        folder: Path,
        name: str,
        url: str | None,
        arguments: Sequence[str],
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self.name, self._file = name, folder / f"{name}.log"
        self._command = [sys.executable, "-W", "ignore", "-m", "app", *arguments, *(["--redis", url] if url else [])]
        self._environ = {**os.environ, "REDIS_PASSWORD": PASSWORD, **(environ or {})}
        self.start()

    def start(self) -> None:
        with self._file.open("a") as log:
            self.process = subprocess.Popen(
                self._command, cwd=PROJECT, stdout=log, stderr=log, env=self._environ, start_new_session=True
            )

    @property
    def log(self) -> str:
        """What it has written so far."""
        return self._file.read_text()

    def kill(self) -> None:
        """End it with its vision process, as a machine that fails does."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self, timeout_s: float = 15.0) -> int:
        """End it as a supervisor does; returns its status."""
        self.process.terminate()
        try:
            return self.process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self.kill()
            raise


@dataclass
class Cluster:
    """Cameras, web nodes and a recorder."""

    redis: RedisServer
    folder: Path
    ports: list[int] = field(default_factory=lambda: [free_port() for _ in range(2)])
    cameras: tuple[str, ...] = ("door", "lobby")
    web_options: tuple[str, ...] = ()
    parts: dict[str, Part] = field(default_factory=dict)

    @property
    def data(self) -> Path:
        """Folder of the sessions file, which stands for the database."""
        return self.folder / "data"

    def query(self, statement: str, **values: Any) -> list[Any]:
        """The rows of an SQL statement."""
        engine = create_engine(f"sqlite:///{self.data}/sessions.sqlite3", poolclass=NullPool)
        with engine.connect() as connection:
            return list(connection.execute(text(statement), values))

    @property
    def headers(self) -> dict[str, str]:
        """What a request needs where nodes ask for the token that they share."""
        token = self.redis.client.get(TOKEN)
        return {"Authorization": f"Bearer {token.decode()}"} if token else {}

    def start_all(self) -> None:
        """Start every part, and wait until every node shows every camera."""
        server = os.environ.get("CLUSTER_SERVER", "eventlet")
        for name in self.cameras:
            self.start(name, "camera", "--name", name, "--source", "demo")
        for number, port in enumerate(self.ports):
            options = ["--port", str(port), "--server", server, "--data", str(self.data), *self.web_options]
            self.start(f"web-{number}", "web", *options)
        self.start("recorder", "recorder", "--data", str(self.data))
        self.wait_for_pictures()

    def close(self) -> None:
        for part in self.parts.values():
            part.kill()
        self.redis.close()

    def start(self, name: str, *arguments: str) -> None:
        self.parts[name] = Part(self.folder, name, self.redis.url, arguments)

    def read(self, path: str, node: int = 0, method: str = "GET", body: Any = None) -> Any:
        """The JSON that a node answers; HTTPError for another status than 2xx."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json", **self.headers}
        request = urllib.request.Request(f"http://127.0.0.1:{self.ports[node]}{path}", data, headers, method=method)
        with urllib.request.urlopen(request, timeout=10) as response:
            content = response.read()
        return json.loads(content) if content.startswith(b"{") else content

    def frame(self, node: int, camera: str) -> int | None:
        """Number of the frame in the picture that a viewer of a node gets now."""
        url = f"http://127.0.0.1:{self.ports[node]}/snapshot.jpg?camera={camera}"
        request = urllib.request.Request(url, headers=self.headers)
        with suppress(urllib.error.HTTPError), urllib.request.urlopen(request, timeout=10) as response:
            assert response.read(2) == b"\xff\xd8"
            return int(response.headers["X-Frame"])
        return None

    def wait_for_pictures(self, timeout_s: float = 60.0) -> None:
        for node in range(len(self.ports)):
            for camera in self.cameras:
                wait_for(lambda n=node, c=camera: self.frame(n, c), timeout_s, f"a picture of {camera} on node {node}")

    def ask(self, event: str, payload: dict[str, Any], node: int = 0, camera: str = "lobby") -> dict[str, Any]:
        """Send an event of a page; returns the acknowledgement."""
        with socketio.SimpleClient() as page:
            url = f"http://127.0.0.1:{self.ports[node]}?camera={camera}"
            page.connect(url, headers=self.headers, transports=["polling"], wait_timeout=10)
            return page.call(event, payload, timeout=10)
