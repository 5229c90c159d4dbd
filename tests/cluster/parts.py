"""A Redis server of its own, and the processes that meet in it, for tests on this computer."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from redis.exceptions import RedisError

from app.paths import PROJECT
from tests.e2e.server import free_port

REDIS_SERVER = shutil.which("redis-server")
PASSWORD = "secret-of-the-tests"
START_TIMEOUT_S = 60.0


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
        url: Of Redis.
        arguments: The command and its options.
        environ: Variables besides those of the tests and the password.
    """

    def __init__(
        self, folder: Path, name: str, url: str, arguments: Sequence[str], environ: Mapping[str, str] | None = None
    ) -> None:
        self.name, self._file = name, folder / f"{name}.log"
        self._command = [sys.executable, "-W", "ignore", "-m", "app", *arguments, "--redis", url]
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
