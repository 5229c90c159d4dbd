"""The wall of a web node in a browser: its tiles follow the cameras that come and go."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.cluster.parts import Cluster, Part, RedisServer, wait_for
from tests.e2e.conftest import OpenPage, browser, console_errors, open_page  # noqa: F401
from tests.e2e.server import free_port

pytestmark = pytest.mark.timeout(240)

# The wall asks for its cameras with each picture; a node looks for new ones each second.
COMES_WITHIN_S = 60.0
GOES_WITHIN_S = 30.0


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    """Two cameras and a web node that forgets them soon."""
    redis = RedisServer(tmp_path)
    cluster = Cluster(redis, tmp_path, ports=[free_port()])
    try:
        for name in cluster.cameras:
            cluster.start(name, "camera", "--name", name, "--source", "demo")
        options = ["web", "--server", "threading", "--port", str(cluster.ports[0]), *cluster.storage]
        cluster.parts["web-0"] = Part(tmp_path, "web-0", redis.url, options, module="tests.cluster.forgetful_node")
        cluster.wait_for_pictures()
        yield cluster
    finally:
        cluster.close()


def test_tiles_come_and_go_with_their_cameras(cluster: Cluster, open_page: OpenPage):  # noqa: F811
    page = open_page(f"http://127.0.0.1:{cluster.ports[0]}/")
    tiles = page.locator(".tile")
    live = page.locator(".tile[data-tone=ok]")
    names = "() => [...document.querySelectorAll('.tile')].map(({ dataset }) => dataset.camera)"
    expect(live).to_have_count(2)
    cluster.start("yard", "camera", "--name", "yard", "--source", "demo")
    expect(tiles).to_have_count(3, timeout=1000 * COMES_WITHIN_S)
    expect(live).to_have_count(3, timeout=1000 * COMES_WITHIN_S)
    assert page.evaluate(names) == ["door", "lobby", "yard"]
    cluster.parts["door"].kill()
    expect(tiles).to_have_count(2, timeout=1000 * GOES_WITHIN_S)
    assert page.evaluate(names) == ["lobby", "yard"]
    expect(live).to_have_count(2)
    wait_for(lambda: cluster.frame(0, "yard"), 5, "a picture of the camera that came")
