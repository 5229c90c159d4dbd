"""The complete server on the network, over HTTPS, with a camera URL that contains a password."""

from __future__ import annotations

import json
import os
import re
import socket
import ssl
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
from simple_websocket import Client, ConnectionError

from app.paths import PROJECT
from tests.e2e.server import free_port
from tests.support.certificates import make_certificate
from tests.support.web import wait_until

SECRETS = ("hunter2", "s3cret", "watchman7")
CAMERA = f"rtsp://{SECRETS[2]}:{SECRETS[0]}@127.0.0.1:9/live?pwd={SECRETS[1]}"
POLLING = "/socket.io/?EIO=4&transport=polling"
WEBSOCKET = "/socket.io/?EIO=4&transport=websocket"


@dataclass
class NetworkServer:
    """A running server.

    Attributes:
        printed: All it has said so far, on both streams, as one file.
        data: The folder of its sessions.
    """

    port: int
    certificate: Path
    log_file: Path
    data: Path
    token: str
    cookie: str = ""

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}"

    def get(self, path: str, **options) -> requests.Response:
        """Request as a browser with the cookie, or with `cookies={}` as one without."""
        return requests.get(
            self.url + path, **{"cookies": self._cookies, "verify": self.certificate, "timeout": 5, **options}
        )

    @contextmanager
    def websocket(self, cookie: str, origin: str | None = None) -> Iterator[Client]:
        headers = {"Cookie": f"access-{self.port}={cookie}"}
        if origin:
            headers["Origin"] = origin
        context = ssl.create_default_context(cafile=self.certificate)
        client = Client.connect(f"wss{self.url[5:]}{WEBSOCKET}", headers=headers, ssl_context=context)
        try:
            yield client
        finally:
            client.close()
            client.thread.join(5)  # or it would read from the next socket with the same descriptor

    @property
    def _cookies(self) -> dict[str, str]:
        return {f"access-{self.port}": self.cookie}


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NetworkServer]:
    folder = tmp_path_factory.mktemp("network")
    cert, key = make_certificate(folder)
    port, log_file = free_port(), folder / "printed.txt"
    options = ["--host", "0.0.0.0", "--port", str(port), "--cert", str(cert), "--key", str(key), "--log-level", "debug"]
    command = [sys.executable, "-W", "ignore", "-m", "app", "run", *options, "--data", str(folder / "data")]
    with log_file.open("wb") as out:
        process = subprocess.Popen(command, cwd=PROJECT, stdout=out, stderr=out, env={**os.environ, "CAMERA": CAMERA})
    try:
        link = wait_until(lambda: re.search(r"https://\S+/\?token=(\S+)", log_file.read_text()), timeout_s=30)
        server = NetworkServer(port, cert, log_file, folder / "data", link[1])
        admitted = server.get(f"/?token={server.token}", cookies={}, allow_redirects=False)
        server.cookie = admitted.cookies[f"access-{port}"]
        assert (admitted.status_code, "Secure" in admitted.headers["Set-Cookie"]) == (303, True)
        yield server
    finally:
        process.terminate()
        process.wait(10)


def test_routes_streams_and_sockets_require_the_token(network: NetworkServer):
    for path in ("/", "/video_feed", "/snapshot.jpg", "/api/status", POLLING, WEBSOCKET):
        assert network.get(path, cookies={}).status_code == 401, path
    for cookie in ("", network.token, network.cookie[:-1]):
        with pytest.raises(ConnectionError), network.websocket(cookie):
            pass
    for path in ("/", "/api/status", POLLING):
        assert network.get(path).status_code == 200, path
    with closing(network.get("/video_feed", stream=True)) as stream:
        assert stream.headers["Content-Type"].startswith("multipart/x-mixed-replace")
        assert stream.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    with network.websocket(network.cookie) as page:
        assert page.receive(5).startswith("0{")


def test_other_origins_get_no_socket_and_change_nothing_even_with_the_cookie(network: NetworkServer):
    for foreign in ("https://evil.example", "http://localhost", "null"):
        with pytest.raises(ConnectionError), network.websocket(network.cookie, origin=foreign):
            pass
    # This client leaves the port out of its Host header.
    with network.websocket(network.cookie, origin="https://localhost") as page:
        assert page.receive(5).startswith("0{")
    delete = {"cookies": {f"access-{network.port}": network.cookie}, "verify": network.certificate, "timeout": 5}
    for origin, status in (("https://evil.example", 403), ("null", 403), (network.url, 404)):
        response = requests.delete(f"{network.url}/api/sessions/9", headers={"Origin": origin}, **delete)
        assert response.status_code == status, origin


def test_unknown_host_names_are_refused(network: NetworkServer):
    assert network.get("/api/status", headers={"Host": "evil.example"}).status_code == 403


def test_broken_stalled_and_plain_connections_do_not_block_others(network: NetworkServer):
    stalled = [socket.create_connection(("127.0.0.1", network.port)) for _ in range(20)]
    stalled[0].sendall(b"\x16\x03\x01")
    for words in (b"", b"x", b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", b"\x16\x03\x01\x02\x00\x01"):
        for _ in range(20):
            broken = socket.create_connection(("127.0.0.1", network.port))
            broken.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # closing sends a reset
            broken.sendall(words)
            broken.close()
    assert network.get("/api/status").status_code == 200
    for connection in stalled:
        connection.close()


def test_the_password_of_a_stream_is_neither_shown_nor_stored(network: NetworkServer):
    wait_until(lambda: network.get("/api/status").json()["camera"]["error"], timeout_s=20)
    texts = [network.get(path).text for path in ("/", "/api/status", "/api/cameras", "/healthz", "/snapshot.jpg")]
    with network.websocket(network.cookie) as page:
        page.send("40")
        for event, payload, is_accepted in [
            ("session_start", {"name": "Kept"}, False),  # without a picture there is nothing to record
            ("camera_select", {"source": "rtsp://127.0.0.1:9/live?pwd=..."}, True),
        ]:
            page.send("420" + json.dumps([event, payload]))
            while not texts[-1].startswith("430"):
                texts.append(page.receive(10))
            assert json.loads(texts[-1][3:])[0]["ok"] is is_accepted, texts[-1]
            assert is_accepted or "rtsp://127.0.0.1:9/live" in texts[-1]
            texts.append("acknowledged")
    texts.append(network.log_file.read_text())
    stored = b"".join(path.read_bytes() for path in network.data.rglob("*") if path.is_file())
    assert b"SQLite" in stored
    for secret in SECRETS:
        assert [text for text in texts if secret in text] == []
        assert secret.encode() not in stored


def test_the_token_is_printed_once_and_no_traceback(network: NetworkServer):
    output = network.log_file.read_text()
    assert output.count(network.token) == 1
    assert network.cookie not in output
    assert "Traceback" not in output
