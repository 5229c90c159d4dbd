"""A PostgreSQL server of the test: a new one in a temporary folder, on a free port, with passwords and TLS."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import psutil

from app.sessions.database.server_address import ServerAddress, parse_address

# Debian keeps the programs of each version here, besides what is on the path.
DEBIAN_FOLDER = Path("/usr/lib/postgresql")
PASSWORD = "only for tests"
ROLE = "faces"
START_TIMEOUT_S = 60.0
# The computer does not fail in a test; the server does.
FAST = ("fsync=off", "full_page_writes=off", "max_connections=40")


def find_programs() -> Path | None:
    """The folder with `initdb` and `postgres`, the newest version first; None if PostgreSQL is not installed."""
    folders = [*sorted(DEBIAN_FOLDER.glob("*/bin"), reverse=True)]
    folders += [Path(found).parent for found in [shutil.which("initdb")] if found]
    return next((one for one in folders if (one / "initdb").exists() and (one / "postgres").exists()), None)


def command_prefix() -> list[str] | None:
    """What runs a program as somebody else than root, whom PostgreSQL refuses; None if nobody is there."""
    if os.geteuid() != 0:
        return []
    with contextlib.suppress(KeyError):
        pwd.getpwnam("postgres")
        return ["runuser", "-u", "postgres", "--"]
    return None


def missing() -> str | None:
    """Why no server can be started here, in one line; None if it can."""
    if find_programs() is None:
        return "PostgreSQL is not installed (Debian: apt install postgresql): its tests are SKIPPED"
    return None if command_prefix() is not None else "there is no user postgres: the tests of PostgreSQL are SKIPPED"


class TestServer:
    """A running server.

    Args:
        settings: Further ones, as `postgresql.conf` has them, such as `shared_buffers=1GB`.
        folder: Where its data lies and stays after `close`, to be opened again; by default a temporary folder.
    """

    __test__ = False

    def __init__(self, settings: tuple[str, ...] = FAST, folder: Path | None = None) -> None:
        programs, prefix = find_programs(), command_prefix()
        assert programs is not None
        assert prefix is not None
        self._programs, self._prefix, self._settings = programs, prefix, settings
        self._is_kept = folder is not None
        self.folder = folder or Path(tempfile.mkdtemp(prefix="postgresql-"))
        self.data = self.folder / "data"
        self.port = _free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self.is_new = not self.data.exists()
        if self.is_new:
            self.folder.mkdir(exist_ok=True)
            self._hand_over(self.folder)
            self._initialize()
        self.start()
        if self.is_new:
            self.psql(f"CREATE ROLE {ROLE} LOGIN PASSWORD '{PASSWORD}'")

    def start(self) -> None:
        """Start it, also again after `stop`."""
        settings = ["listen_addresses=127.0.0.1", f"port={self.port}", f"unix_socket_directories={self.folder}"]
        arguments = [part for one in (*settings, *self._settings) for part in ("-c", one)]
        log = (self.folder / "server.log").open("ab")
        command = [*self._prefix, str(self._programs / "postgres"), "-D", str(self.data), *arguments]
        self._process = subprocess.Popen(command, stdout=log, stderr=log, cwd="/")
        self._wait()

    def stop(self, mode: str = "immediate") -> None:
        """Stop it: `immediate` without a chance to write anything, or `fast`."""
        if self._process is not None:
            self._run("pg_ctl", "stop", "-D", str(self.data), "-m", mode, "-w")
            self._process.wait(START_TIMEOUT_S)
            self._process = None

    def pause(self) -> None:
        """Let it answer nothing, with open connections, until `resume`."""
        for process in self._processes():
            with contextlib.suppress(psutil.NoSuchProcess):  # the server ends some by itself
                process.suspend()

    def resume(self) -> None:
        """Let it answer again."""
        for process in self._processes():
            with contextlib.suppress(psutil.NoSuchProcess):  # the server ends some by itself
                process.resume()

    def close(self) -> None:
        """Stop it and remove its folder, unless it was named. May be called twice."""
        if self._is_kept:
            self.stop("fast")
            return
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def create_database(self, name: str) -> None:
        """Create an empty database."""
        self.psql(f'CREATE DATABASE "{name}" OWNER {ROLE}')

    def drop_database(self, name: str) -> None:
        """Drop a database, whoever uses it."""
        self.psql(f'DROP DATABASE "{name}" WITH (FORCE)')

    def psql(self, statement: str, database: str = "postgres") -> str:
        """The output of a statement, run by the superuser over the socket."""
        arguments = ["-h", str(self.folder), "-p", str(self.port), "-U", "postgres", "-d", database, "-Atc", statement]
        return self._run("psql", "-v", "ON_ERROR_STOP=1", *arguments)

    def url(self, database: str, **query: str) -> str:
        """The URL of a database over TCP, without the password."""
        parameters = "&".join(f"{name}={value}" for name, value in query.items())
        return f"postgresql+psycopg://{ROLE}@127.0.0.1:{self.port}/{database}{f'?{parameters}' if parameters else ''}"

    def address(self, database: str) -> ServerAddress:
        """The address of a database with the password."""
        return parse_address(self.url(database), self.environ)

    @property
    def environ(self) -> Mapping[str, str]:
        """The variables that a server of the app needs."""
        return {"DATABASE_PASSWORD": PASSWORD}

    def use_certificate(self, pem: bytes) -> None:
        """Serve over TLS with this certificate and key."""
        path = self.folder / "server.pem"
        path.write_bytes(pem)
        path.chmod(0o600)
        self._hand_over(path)
        for name in ("ssl_cert_file", "ssl_key_file"):
            self.psql(f"ALTER SYSTEM SET {name} = '{path}'")
        self.psql("ALTER SYSTEM SET ssl = on")
        self.psql("SELECT pg_reload_conf()")

    def processor_s(self) -> float:
        """Seconds of the processor that the server's running processes have taken."""
        return float(sum(sum(one.cpu_times()[:2]) for one in self._processes()))

    def _processes(self) -> list[psutil.Process]:
        assert self._process is not None
        root = psutil.Process(self._process.pid)
        return [root, *root.children(recursive=True)]

    def _initialize(self) -> None:
        options = ["--auth-host=scram-sha-256", "--auth-local=trust", "--username=postgres", "--locale=C.UTF-8"]
        self._run("initdb", "-D", str(self.data), "--no-sync", *options)

    def _wait(self) -> None:
        deadline_s = time.monotonic() + START_TIMEOUT_S
        while True:
            try:
                self.psql("SELECT 1")
                break
            except subprocess.CalledProcessError:
                if time.monotonic() > deadline_s:
                    raise
                time.sleep(0.1)

    def _run(self, program: str, *arguments: str) -> str:
        command = [*self._prefix, str(self._programs / program), *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True, cwd="/").stdout.strip()

    def _hand_over(self, path: Path) -> None:
        if self._prefix:
            user = pwd.getpwnam("postgres")
            os.chown(path, user.pw_uid, user.pw_gid)


@contextlib.contextmanager
def running_server(settings: tuple[str, ...] = FAST) -> Iterator[TestServer]:
    """A server that ends with the block."""
    server = TestServer(settings)
    try:
        yield server
    finally:
        server.close()


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
