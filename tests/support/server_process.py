"""The web process on its production server (`tests/support/processes/web_process.py`), and attacks on it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psutil

from app.paths import PROJECT


class WebProcess:
    """A running web process.

    Args:
        folder: For its sessions and its log.
        timeout_s: Time that a client may take to read or send something.
        jpeg_bytes: Size of a frame.
        server: Which web server; by default that of the variable SERVER.
    """

    def __init__(self, folder: Path, timeout_s: float = 30.0, jpeg_bytes: int = 0, server: str | None = None) -> None:
        self._log_file = folder / "web.log"
        command = [sys.executable, "-W", "ignore", "-m", "tests.support.processes.web_process"]
        command += [str(folder), str(timeout_s), str(jpeg_bytes)]
        pipe = subprocess.PIPE
        env = {**os.environ, **({"SERVER": server} if server else {})}
        with self._log_file.open("w") as log:
            self.process = subprocess.Popen(
                command, cwd=PROJECT, stdin=pipe, stdout=pipe, stderr=log, text=True, env=env
            )
        assert self.process.stdout is not None
        port = self.process.stdout.readline()
        assert port, f"the server did not start:\n{self.log}"
        self.port = int(port)
        self.url = f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        """What it has logged so far."""
        return self._log_file.read_text()

    @property
    def memory_bytes(self) -> int:
        """Resident memory."""
        return int(psutil.Process(self.process.pid).memory_info().rss)

    def stop(self) -> int:
        """Stop it; returns how often it asked for the cameras."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        assert self.process.poll() is None, f"the server has ended by itself:\n{self.log[-2000:]}"
        self.process.stdin.close()
        try:
            assert self.process.wait(10) == 0
            return int(self.process.stdout.readline())
        finally:
            self.process.kill()
            self.process.wait()
            self.process.stdout.close()


def start_flood(kind: str, port: int, seconds: float) -> subprocess.Popen[str]:
    """Attack a server for a while in a process of its own, which prints how much the server took."""
    command = [sys.executable, "-m", "tests.support.processes.flood", kind, str(port), str(seconds)]
    return subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True)
