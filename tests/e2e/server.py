"""The complete server as a process, as a user starts it."""

from __future__ import annotations

import json
import os
import re
import secrets
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[2]
YUNET = PROJECT.parent / "shared" / "models" / "face_detection_yunet_2026may.onnx"
START_TIMEOUT_S = 30.0
FIRST_PORT = 20_000
PORTS = 12_000


def wait_until(condition: Callable[[], Any], timeout_s: float = 10.0, what: str = "it") -> Any:
    """Wait for a true value of `condition` and return it; fail after the timeout."""
    deadline_s = time.monotonic() + timeout_s
    while not (value := condition()):
        assert time.monotonic() < deadline_s, f"{what} did not happen within {timeout_s:g} s"
        time.sleep(0.05)
    return value


class Server:
    """`python -m app run` on a free port; can be killed and restarted on the same port and data.

    Args:
        options: Further command-line options.

    Attributes:
        port: Where it listens.
        url: The address of the live page.
        data: The folder of the sessions file.
    """

    def __init__(self, source: str, data: Path, *, fps: int, options: Sequence[str] = ()) -> None:
        self.port = free_port()
        self._source = source
        self._fps = fps
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None
        self.data = data
        self.url = f"http{'s' if '--https' in options else ''}://127.0.0.1:{self.port}"

    def start(self, until: str = "ok") -> None:
        """Start it and wait until the status of /healthz is `until`."""
        options = [
            "--source",
            self._source,
            "--port",
            str(self.port),
            "--data",
            str(self.data),
            "--fps",
            str(self._fps),
            *self._options,
        ]
        detector = ["--detector", str(YUNET)] if YUNET.exists() and "--detector" not in self._options else []
        self.data.mkdir(parents=True, exist_ok=True)
        with (self.data / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "app", "run", *options, *detector], cwd=PROJECT, stdout=log, stderr=log
            )
        wait_until(lambda: self._is(until), START_TIMEOUT_S, "the start of the server")

    def _is(self, status: str) -> bool:
        assert self._process is not None
        log = (self.data / "server.log").read_text()
        assert self._process.poll() is None, f"the server ended while starting:\n{log[-2000:]}"
        return self.health().get("status") == status

    def health(self) -> dict[str, Any]:
        """The response of /healthz; empty while the server is not reachable."""
        try:
            return self.get_json("/healthz")
        except urllib.error.HTTPError as error:
            with error:
                return dict(json.load(error))
        except OSError:
            return {}

    @property
    def token(self) -> str:
        """The token of the printed link; empty without one."""
        links = re.findall(r"/\?token=(\S+)", (self.data / "server.log").read_text())
        return links[-1] if links else ""

    def get(self, path: str) -> bytes:
        request = urllib.request.Request(self.url + path, headers={"Authorization": f"Bearer {self.token}"})
        with urllib.request.urlopen(request, timeout=10, context=self._tls()) as response:
            return bytes(response.read())

    def _tls(self) -> ssl.SSLContext | None:
        """Trusts the certificate that a server with `--https` has made."""
        certificate = self.data / "https.pem"
        return ssl.create_default_context(cafile=certificate) if certificate.exists() else None

    def get_json(self, path: str) -> Any:
        return json.loads(self.get(path))

    def stop(self, number: signal.Signals = signal.SIGINT) -> None:
        """Stop it with Ctrl-C, or with another signal."""
        self._end(number)

    def kill(self) -> None:
        """Kill it, as a power cut would."""
        self._end(signal.SIGKILL)

    @property
    def pid(self) -> int:
        """Process id of the running server."""
        assert self._process is not None
        return self._process.pid

    def kill_vision(self) -> int:
        """Kill the vision process; returns its process id."""
        pid = int(self.health()["vision"]["pid"])
        os.kill(pid, signal.SIGKILL)
        return pid

    def _end(self, number: signal.Signals) -> None:
        if self._process is None:
            return
        self._process.send_signal(number)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None


def free_port() -> int:
    """A port that nobody listens on, below those that Linux gives to outgoing connections: none takes it meanwhile."""
    while True:
        port = FIRST_PORT + secrets.randbelow(PORTS)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("", port))
            return port
