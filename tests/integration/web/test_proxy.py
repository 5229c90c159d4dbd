"""The complete server behind a real nginx that ends TLS, with deploy/nginx.conf."""

from __future__ import annotations

import http.client
import http.server
import re
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from simple_websocket import Client, ConnectionError

from app.paths import PROJECT
from app.web.security.token_auth import MAX_WRONG_TOKENS
from tests.e2e.server import free_port
from tests.support.certificates import make_certificate
from tests.support.processes.nginx import needs_nginx, nginx_config, running_nginx
from tests.support.web import wait_until

OWNER, GUESSING, OTHER = "127.0.0.1", "127.0.0.2", "127.0.0.3"

pytestmark = needs_nginx


@dataclass
class Proxied:
    """A server behind nginx.

    Attributes:
        port: Of the server itself.
        proxy_port: Of nginx.
    """

    port: int
    proxy_port: int
    certificate: Path
    token: str
    cookie: str = ""

    @property
    def origin(self) -> str:
        return f"https://localhost:{self.proxy_port}"

    def request(
        self, method: str, path: str, client: str = OWNER, direct: bool = False, **headers: str
    ) -> http.client.HTTPResponse:
        """A request of the client with this address; underscores in names of headers become hyphens."""
        options: dict[str, Any] = {"timeout": 10, "source_address": (client, 0)}
        if direct:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, **options)
        else:
            context = ssl.create_default_context(cafile=self.certificate)
            connection = http.client.HTTPSConnection("localhost", self.proxy_port, context=context, **options)
        connection.request(method, path, headers={name.replace("_", "-"): text for name, text in headers.items()})
        return connection.getresponse()


@pytest.fixture(scope="module")
def proxied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxied]:
    folder = tmp_path_factory.mktemp("proxied")
    certificate, key = make_certificate(folder)
    port, proxy_port, log_file = free_port(), free_port(), folder / "printed.txt"
    config = nginx_config(folder, [port], proxy_port, certificate, key)
    options = ["--source", "demo", "--fps", "10", "--port", str(port), "--data", str(folder / "data")]
    command = [sys.executable, "-m", "app", "run", *options, "--behind-proxy", "127.0.0.1", "--names", "faces.example"]
    with log_file.open("wb") as out:
        server = subprocess.Popen(command, cwd=PROJECT, stdout=out, stderr=out)
    try:
        link = wait_until(lambda: re.search(r"/\?token=(\S+)", log_file.read_text()), timeout_s=30)
        proxied = Proxied(port, proxy_port, certificate, link[1])
        with running_nginx(config):
            admitted = wait_until(lambda: proxied.request("GET", f"/?token={proxied.token}"), timeout_s=10)
            assert admitted.status == 303
            proxied.cookie = admitted.headers["Set-Cookie"].partition(";")[0]
            assert "Secure" in admitted.headers["Set-Cookie"], "the scheme is the proxy's"
            yield proxied
        assert "Traceback" not in log_file.read_text()
    finally:
        server.terminate()
        server.wait(10)


def test_pages_of_the_public_address_may_change_something_and_others_may_not(proxied: Proxied):
    origins = {proxied.origin: 404, f"http://localhost:{proxied.proxy_port}": 403, "https://evil.example": 403}
    for origin, status in origins.items():
        response = proxied.request("DELETE", "/api/sessions/9", Cookie=proxied.cookie, Origin=origin)
        assert response.status == status, origin


def test_socket_io_works_for_pages_of_the_public_address_only(proxied: Proxied):
    url = f"wss://localhost:{proxied.proxy_port}/socket.io/?EIO=4&transport=websocket"
    context = ssl.create_default_context(cafile=proxied.certificate)
    headers = {"Cookie": proxied.cookie}  # this client leaves the port out of its Host header
    with closing(Client.connect(url, headers={**headers, "Origin": "https://localhost"}, ssl_context=context)) as page:
        assert page.receive(5).startswith("0{")
        page.send("40")
        assert page.receive(5).startswith('42["status"')
    page.thread.join(5)  # or it would read from the next socket with the same descriptor
    with pytest.raises(ConnectionError):
        Client.connect(url, headers={**headers, "Origin": "http://localhost"}, ssl_context=context)


def test_frames_arrive_one_by_one(proxied: Proxied):
    stream = proxied.request("GET", "/video_feed", Cookie=proxied.cookie)
    assert stream.status == 200
    assert sum(stream.readline().startswith(b"Content-Type: image/jpeg") for _ in range(400)) >= 2
    stream.close()


def test_wrong_tokens_of_one_client_lock_out_nobody_else_behind_the_proxy(proxied: Proxied):
    for _ in range(2 * MAX_WRONG_TOKENS):
        refused = proxied.request("GET", "/api/status", GUESSING, Authorization="Bearer guess")
    assert refused.status == 429
    assert proxied.request("GET", "/api/status", OTHER, Authorization="Bearer guess").status == 401
    for client in (OWNER, OTHER, GUESSING):
        right = proxied.request("GET", "/api/status", client, Authorization=f"Bearer {proxied.token}")
        assert right.status == 200, client
        assert proxied.request("GET", "/api/status", client, Cookie=proxied.cookie).status == 200, client
    assert proxied.request("GET", f"/?token={proxied.token}", direct=True).status == 303, "the owner at the computer"


def test_headers_of_others_than_the_proxy_do_not_count(proxied: Proxied):
    forged = {"X_Forwarded_For": "192.0.2.1", "X_Forwarded_Proto": "https", "Authorization": "Bearer guess"}
    answers = [
        proxied.request("GET", "/api/status", "127.0.0.9", direct=True, **{**forged, "X_Forwarded_For": f"192.0.2.{n}"})
        for n in range(2 * MAX_WRONG_TOKENS)
    ]
    assert answers[-1].status == 429, "they are counted as one client"
    delete = {"Authorization": f"Bearer {proxied.token}", "Origin": "https://127.0.0.1", "Host": "127.0.0.1"}
    refused = proxied.request("DELETE", "/api/sessions/9", "127.0.0.9", direct=True, **{**forged, **delete})
    assert refused.status == 403, "the scheme is not believed"


def test_a_picture_of_several_megabytes_passes(proxied: Proxied):
    """More than nginx takes by default, 1 MB. What is no picture is refused by the app, not by nginx."""
    context = ssl.create_default_context(cafile=proxied.certificate)
    with closing(http.client.HTTPSConnection("localhost", proxied.proxy_port, context=context, timeout=30)) as client:
        headers = {"Cookie": proxied.cookie, "Content-Type": "image/jpeg", "Origin": proxied.origin}
        client.request("POST", "/api/analyze", body=bytes(3_000_000), headers=headers)
        assert client.getresponse().status == 422


class Node(http.server.ThreadingHTTPServer):
    """A stand-in for a web node, which answers with its own port."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), NodeHandler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def end(self) -> None:
        self.shutdown()
        self.server_close()


class NodeHandler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(str(self.server.server_port).encode())

    def log_message(self, *_: Any) -> None:
        pass


def test_a_client_stays_with_its_node_until_that_one_fails(tmp_path: Path):
    nodes = [Node() for _ in range(3)]
    certificate, key = make_certificate(tmp_path)
    behind = Proxied(0, free_port(), certificate, "")
    clients = [f"127.0.0.{number}" for number in range(1, 31)]

    def ports() -> list[int]:
        return [int(behind.request("GET", "/", client).read()) for client in clients]

    with running_nginx(
        nginx_config(tmp_path, [node.server_port for node in nodes], behind.proxy_port, certificate, key)
    ):
        first = ports()
        assert first == ports()
        assert len(set(first)) == 3, "clients of one network are spread over the nodes"
        nodes[0].end()
        moved = ports()
        lost = nodes[0].server_port
        assert lost not in moved
        assert [port for port in first if port != lost] == [b for a, b in zip(first, moved, strict=True) if a != lost]
    for node in nodes[1:]:
        node.end()
