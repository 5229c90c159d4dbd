"""A Redis server of its own, and the processes that meet in it, for tests on this computer."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests
import socketio
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import URL, create_engine, make_url, text
from sqlalchemy.pool import NullPool

from app.cluster.keys import ROWS, TOKEN
from app.cluster.row_messages import unpack_entries
from app.cluster.stream_reader import StreamReader
from app.paths import PROJECT
from app.sessions.rows.records import Observation
from tests.e2e.server import free_port
from tests.support.postgresql.server import TestServer

REDIS_SERVER = shutil.which("redis-server")
DATABASE = "sessions"
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
    """`redis-server` without a file: `kill` and `start` make it empty.

    Args:
        options: Further ones of the command line.
        certificate: That of the server, for TLS.
    """

    def __init__(self, folder: Path, *options: str, certificate: Path | None = None) -> None:
        if REDIS_SERVER is None:
            pytest.skip("NO REDIS: several machines are not tested here; apt-get install redis-server")
        self.port, self._folder, self._options = free_port(), folder, options
        self._listen = ["--port", "0", "--tls-port"] if certificate else ["--port"]
        self.url = f"redis{'s' if certificate else ''}://127.0.0.1:{self.port}"
        self.client = Redis(
            port=self.port, password=PASSWORD, ssl=bool(certificate), ssl_ca_certs=certificate and str(certificate)
        )
        self.start()

    def start(self) -> None:
        command = [str(REDIS_SERVER), *self._listen, str(self.port), "--save", "", "--dir", str(self._folder)]
        command += ["--requirepass", PASSWORD, *self._options]
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
        module: What runs the command line.
    """

    def __init__(
        self,
        folder: Path,
        name: str,
        url: str | None,
        arguments: Sequence[str],
        environ: Mapping[str, str] | None = None,
        *,
        module: str = "app",
    ) -> None:
        self.name, self._file = name, folder / f"{name}.log"
        program = [sys.executable, "-W", "ignore", "-m", module]
        self._command = [*program, *arguments, *(["--redis", url] if url else [])]
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
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self, timeout_s: float = 20.0) -> int:
        """End it as a supervisor does; returns its status."""
        self.process.terminate()
        try:
            return self.process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self.kill()
            raise


class RowListener(threading.Thread):
    """Reads every row that is on its way to the database, beside the recorders."""

    def __init__(self, redis: Redis) -> None:
        super().__init__(daemon=True)
        self._reader, self._closing = StreamReader(redis), threading.Event()
        self.rows: set[tuple[int, int, int]] = set()
        self.start()

    def run(self) -> None:
        while not self._closing.is_set():
            try:
                entries = self._reader.entries([ROWS], 0.5).get(ROWS, ())
            except (RedisError, OSError):
                time.sleep(0.05)
                continue
            for fields in entries:
                found = unpack_entries(fields[b"rows"])
                session_id, rows = int(fields[b"session"]), (row for row in found if isinstance(row, Observation))
                self.rows |= {(session_id, row.track_id, row.time_ms) for row in rows}

    def close(self) -> None:
        self._closing.set()
        self.join()


@dataclass
class Cluster:
    """Cameras, web nodes and a recorder."""

    redis: RedisServer
    folder: Path
    ports: list[int] = field(default_factory=lambda: [free_port() for _ in range(2)])
    cameras: tuple[str, ...] = ("door", "lobby")
    web_options: tuple[str, ...] = ()
    camera_options: tuple[str, ...] = ()
    postgresql: TestServer | None = None
    parts: dict[str, Part] = field(default_factory=dict)
    listener: RowListener | None = None
    _headers: dict[str, str] = field(default_factory=dict)

    @property
    def storage(self) -> list[str]:
        """The options that name the database: that of a PostgreSQL server, else a file that all parts share."""
        if self.postgresql:
            return ["--database", self.postgresql.url(DATABASE)]
        return ["--data", str(self.folder / "data")]

    @property
    def database_url(self) -> URL:
        if self.postgresql is None:
            return make_url(f"sqlite:///{self.folder}/data/sessions.sqlite3")
        address = self.postgresql.address(DATABASE)
        return address.url.set(password=address.password)

    def query(self, statement: str, **values: Any) -> list[Any]:
        """The rows of an SQL statement."""
        engine = create_engine(self.database_url, poolclass=NullPool)
        with engine.connect() as connection:
            return list(connection.execute(text(statement), values))

    def unsaved_rows(self, session_id: int) -> set[tuple[int, int, int]]:
        """Session, track and time of rows that were on their way and are not in the database."""
        assert self.listener
        seen = {row for row in self.listener.rows if row[0] == session_id}
        assert seen, "no rows were seen"
        saved = self.query(
            "SELECT session_id, track_id, time_ms FROM observations WHERE session_id = :id", id=session_id
        )
        return seen - {tuple(row) for row in saved}

    @property
    def headers(self) -> dict[str, str]:
        """What a request needs where nodes ask for the token that they share."""
        if self.web_options and not self._headers and (token := self.redis.client.get(TOKEN)):
            self._headers["Authorization"] = f"Bearer {token.decode()}"
        return self._headers

    def start_all(self) -> None:
        """Start every part, and wait until every node shows every camera."""
        self.listener = RowListener(self.redis.client)
        server = os.environ.get("CLUSTER_SERVER", "eventlet")
        for name in self.cameras:
            self.start(name, "camera", "--name", name, "--source", "demo", *self.camera_options)
        for number, port in enumerate(self.ports):
            options = ["--port", str(port), "--server", server, *self.storage, *self.web_options]
            self.start(f"web-{number}", "web", *options)
        self.start("recorder", "recorder", *self.storage)
        self.wait_for_pictures()

    def close(self) -> None:
        for part in self.parts.values():
            part.kill()
        if self.listener:
            self.listener.close()
        self.redis.close()
        if self.postgresql:
            self.postgresql.close()

    def start(self, name: str, *arguments: str) -> None:
        self.parts[name] = Part(
            self.folder, name, self.redis.url, arguments, self.postgresql and self.postgresql.environ
        )

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
        with self.page(node, camera) as page:
            return page.call(event, payload, timeout=10)

    @contextmanager
    def page(self, node: int, camera: str) -> Iterator[socketio.SimpleClient]:
        """A page of a node, which shows a camera."""
        session = requests.Session()
        session.headers.update(self.headers)
        with socketio.SimpleClient(http_session=session) as page:
            url = f"http://127.0.0.1:{self.ports[node]}?camera={camera}"
            page.connect(url, transports=["polling"], wait_timeout=10)
            yield page
