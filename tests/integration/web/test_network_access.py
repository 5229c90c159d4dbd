"""The real server on the network, over HTTPS, with a camera whose address holds a password."""

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
class Network:
    """A running server.

    Attributes:
        printed: All it has said so far, on both streams, as one file.
        data: The folder of its sessions.
    """

    port: int
    certificate: Path
    printed: Path
    data: Path
    token: str
    cookie: str = ""

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}"

    def get(self, path: str, **options) -> requests.Response:
        """As a browser that opened the link, or with `cookies={}` as a stranger."""
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
            client.thread.join(5)  # else it takes bytes from whatever gets its descriptor next

    @property
    def _cookies(self) -> dict[str, str]:
        return {f"access-{self.port}": self.cookie}


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    folder = tmp_path_factory.mktemp("network")
    cert, key = make_certificate(folder)
    port, printed = free_port(), folder / "printed.txt"
    options = ["--host", "0.0.0.0", "--port", str(port), "--cert", str(cert), "--key", str(key), "--log-level", "debug"]
    command = [sys.executable, "-W", "ignore", "-m", "app", "run", *options, "--data", str(folder / "data")]
    with printed.open("wb") as out:
        process = subprocess.Popen(command, cwd=PROJECT, stdout=out, stderr=out, env={**os.environ, "CAMERA": CAMERA})
    try:
        link = wait_until(lambda: re.search(r"https://\S+/\?token=(\S+)", printed.read_text()), timeout_s=30)
        here = Network(port, cert, printed, folder / "data", link[1])
        admitted = here.get(f"/?token={here.token}", cookies={}, allow_redirects=False)
        here.cookie = admitted.cookies[f"access-{port}"]
        assert (admitted.status_code, "Secure" in admitted.headers["Set-Cookie"]) == (303, True)
        yield here
    finally:
        process.terminate()
        process.wait(10)


def test_routes_streams_and_sockets_ask_for_the_token(network: Network):
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


def test_a_foreign_page_gets_no_socket_and_changes_nothing_even_with_the_cookie(network: Network):
    for foreign in ("https://evil.example", "http://localhost", "null"):
        with pytest.raises(ConnectionError), network.websocket(network.cookie, origin=foreign):
            pass
    # This client leaves the port out of its Host header.
    with network.websocket(network.cookie, origin="https://localhost") as page:
        assert page.receive(5).startswith("0{")
    delete = {"cookies": {f"access-{network.port}": network.cookie}, "verify": network.certificate, "timeout": 5}
    for origin, status in (("https://evil.example", 403), ("null", 403), (network.url, 404)):
        answer = requests.delete(f"{network.url}/api/sessions/9", headers={"Origin": origin}, **delete)
        assert answer.status_code == status, origin


def test_a_name_that_is_none_of_ours_is_refused(network: Network):
    assert network.get("/api/status", headers={"Host": "evil.example"}).status_code == 403


def test_who_breaks_off_stalls_or_speaks_no_tls_holds_up_nobody(network: Network):
    stalled = [socket.create_connection(("127.0.0.1", network.port)) for _ in range(20)]
    stalled[0].sendall(b"\x16\x03\x01")
    for words in (b"", b"x", b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", b"\x16\x03\x01\x02\x00\x01"):
        for _ in range(20):
            broken = socket.create_connection(("127.0.0.1", network.port))
            broken.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # closes by a reset
            broken.sendall(words)
            broken.close()
    assert network.get("/api/status").status_code == 200
    for one in stalled:
        one.close()


def test_the_password_of_a_stream_is_nowhere_to_be_found(network: Network):
    wait_until(lambda: network.get("/api/status").json()["camera"]["error"], timeout_s=20)
    said = [network.get(path).text for path in ("/", "/api/status", "/api/cameras", "/healthz", "/snapshot.jpg")]
    with network.websocket(network.cookie) as page:
        page.send("40")
        for event, payload in [
            ("session_start", {"name": "Kept"}),
            ("session_stop", {}),
            ("camera_select", {"source": "rtsp://127.0.0.1:9/live?pwd=..."}),
        ]:
            page.send("420" + json.dumps([event, payload]))
            while not said[-1].startswith("430"):
                said.append(page.receive(10))
            assert json.loads(said[-1][3:])[0]["ok"], said[-1]
            said.append("acknowledged")
    said.append(network.get("/api/sessions").text)
    assert "rtsp://127.0.0.1:9/live" in said[-1]
    said.append(network.printed.read_text())
    kept = b"".join(path.read_bytes() for path in network.data.rglob("*") if path.is_file())
    assert b"Kept" in kept
    for secret in SECRETS:
        assert [text for text in said if secret in text] == []
        assert secret.encode() not in kept


def test_the_token_is_printed_once_and_nothing_fails_aloud(network: Network):
    printed = network.printed.read_text()
    assert printed.count(network.token) == 1
    assert network.cookie not in printed
    assert "Traceback" not in printed
