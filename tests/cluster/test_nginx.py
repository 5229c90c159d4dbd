"""Two web nodes behind a real nginx with deploy/nginx.conf: what clients see, also after a node was killed.

`make test-cluster` runs it.
"""

from __future__ import annotations

import http.client
import re
import ssl
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from tests.cluster.parts import Part, RedisServer, wait_for
from tests.e2e.server import free_port
from tests.support.certificates import make_certificate
from tests.support.processes.nginx import needs_nginx, nginx_config, running_nginx

pytestmark = [pytest.mark.timeout(300), needs_nginx]
# nginx needs two failures of at most 3 s each, then the node is left out.
BACK_WITHIN_S = 10.0
CLIENTS = [f"127.0.0.{number}" for number in range(1, 9)]


class Site:
    """A camera and two web nodes, as clients of nginx see them."""

    def __init__(self, folder: Path, redis: RedisServer) -> None:
        self.folder, self.ports, self.port = folder, [free_port(), free_port()], free_port()
        self.certificate, self.key = make_certificate(folder)
        self.camera = Part(folder, "lobby", redis.url, ["camera", "--name", "lobby", "--source", "demo", "--fps", "10"])
        options = ["web", "--behind-proxy", "127.0.0.1", "--names", "faces.example", "--data", str(folder / "data")]
        self.nodes = [Part(folder, f"web-{port}", redis.url, [*options, "--port", str(port)]) for port in self.ports]
        link = wait_for(lambda: re.search(r"token=(\S+)", self.nodes[0].log), what="the link of a node")
        self.headers = {"Authorization": f"Bearer {link[1]}"}

    def request(self, client: str, path: str, body: str | None = None) -> http.client.HTTPResponse:
        """The response to a client of this address; OSError if there is none."""
        context = ssl.create_default_context(cafile=self.certificate)
        options = {"timeout": 10, "source_address": (client, 0), "context": context}
        connection = http.client.HTTPSConnection("localhost", self.port, **options)
        connection.request("GET" if body is None else "POST", path, body=body, headers=self.headers)
        return connection.getresponse()

    def frames(self, client: str, count: int) -> bool:
        """Whether the live video of a client brings so many frames."""
        with closing(self.request(client, "/video_feed?camera=lobby")) as stream:
            found = 0
            while stream.status == 200 and found < count and (line := stream.readline()):
                found += line.startswith(b"Content-Type: image/jpeg")
            return found == count

    def polls(self, client: str) -> bool:
        """Whether a client's Socket.IO connection works by requests, which must all reach one node."""
        path = "/socket.io/?EIO=4&transport=polling&camera=lobby"
        opened = re.search(rb'"sid":"([^"]+)"', self.request(client, path).read())
        if not opened:
            return False
        path += f"&sid={opened[1].decode()}"
        statuses = [self.request(client, path, "40").status] + [self.request(client, path).status for _ in range(3)]
        return statuses == [200] * 4

    def works(self, client: str) -> bool:
        page = self.request(client, "/cameras/lobby")
        return page.status == 200 and self.frames(client, 3) and self.polls(client)

    def close(self) -> None:
        for part in (self.camera, *self.nodes):
            part.kill()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with ExitStack() as open_parts:
        redis = open_parts.enter_context(closing(RedisServer(tmp_path)))
        site = open_parts.enter_context(closing(Site(tmp_path, redis)))
        config = nginx_config(tmp_path, site.ports, site.port, site.certificate, site.key)
        open_parts.enter_context(running_nginx(config))
        yield site


def test_clients_are_served_by_two_nodes_and_by_the_other_one_when_theirs_is_killed(site: Site) -> None:
    for client in CLIENTS:
        wait_for(lambda one=client: site.works(one), what=f"the page of {client}")
    site.nodes[0].kill()
    for client in CLIENTS:
        wait_for(lambda one=client: site.works(one), BACK_WITHIN_S, f"the page of {client} without its node")
    site.nodes[0].start()
    for client in CLIENTS:
        assert site.works(client)
