"""The complete server behind a real nginx that ends TLS, as docs/network.md describes it."""

from __future__ import annotations

import http.client
import re
import shutil
import ssl
import subprocess
import sys
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
from tests.support.web import wait_until

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
OWNER, GUESSING, OTHER = "127.0.0.1", "127.0.0.2", "127.0.0.3"

pytestmark = pytest.mark.skipif(NGINX is None, reason="nginx is not installed: apt-get install nginx")

MAIN_CONFIG = """
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {blocks}
}}
"""


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


def nginx_config(folder: Path, server_port: int, proxy_port: int, certificate: Path, key: Path) -> str:
    """The example of docs/network.md with the ports and files of the test."""
    blocks = re.findall(r"```nginx\n(.*?)```", (PROJECT / "docs" / "network.md").read_text(), re.DOTALL)
    text = "\n".join(reversed(blocks))
    for documented, used in {
        "listen 443 ssl": f"listen 127.0.0.1:{proxy_port} ssl",
        "/etc/ssl/faces.example.pem": str(certificate),
        "/etc/ssl/faces.example.key": str(key),
        "http://127.0.0.1:5000": f"http://127.0.0.1:{server_port}",
    }.items():
        assert text.count(documented) == 1, documented
        text = text.replace(documented, used)
    return MAIN_CONFIG.format(folder=folder, blocks=text)


@pytest.fixture(scope="module")
def proxied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxied]:
    folder = tmp_path_factory.mktemp("proxied")
    certificate, key = make_certificate(folder)
    port, proxy_port, log_file = free_port(), free_port(), folder / "printed.txt"
    (folder / "nginx.conf").write_text(nginx_config(folder, port, proxy_port, certificate, key))
    options = ["--source", "demo", "--fps", "10", "--port", str(port), "--data", str(folder / "data")]
    command = [sys.executable, "-m", "app", "run", *options, "--behind-proxy", "127.0.0.1", "--names", "faces.example"]
    with log_file.open("wb") as out:
        server = subprocess.Popen(command, cwd=PROJECT, stdout=out, stderr=out)
    nginx = subprocess.Popen([str(NGINX), "-p", str(folder), "-c", str(folder / "nginx.conf")], stderr=subprocess.PIPE)
    try:
        link = wait_until(lambda: re.search(r"/\?token=(\S+)", log_file.read_text()), timeout_s=30)
        proxied = Proxied(port, proxy_port, certificate, link[1])
        wait_until(lambda: (folder / "nginx.pid").is_file(), timeout_s=10)
        admitted = wait_until(lambda: proxied.request("GET", f"/?token={proxied.token}"), timeout_s=10)
        assert admitted.status == 303
        proxied.cookie = admitted.headers["Set-Cookie"].partition(";")[0]
        assert "Secure" in admitted.headers["Set-Cookie"], "the scheme is the proxy's"
        yield proxied
        assert "Traceback" not in log_file.read_text()
    finally:
        for process in (nginx, server):
            process.terminate()
            process.wait(10)


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
