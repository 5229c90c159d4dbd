"""What is drawn for web nodes, by the clock of a real Redis."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from app.cluster.connection import now_s
from app.cluster.keys import CameraKeys
from app.cluster.view_leases import LEASE_S, MAX_VIEWS, Wanted, add_leases, read_leases
from tests.cluster.parts import RedisServer


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with closing(RedisServer(tmp_path_factory.mktemp("leases"))) as server:
        yield server


def lease(server: RedisServer, keys: CameraKeys, wanted: Wanted, ago_s: float = 0.0) -> None:
    with server.client.pipeline() as pipeline:
        add_leases(pipeline, keys, wanted, now_s(server.client) - ago_s)
        pipeline.execute()


def test_leases_of_all_nodes_count_until_they_end(server: RedisServer):
    keys = CameraKeys("lobby")
    assert not read_leases(server.client, keys, ()).is_any
    lease(server, keys, Wanted(("", "boxes"), numbers=True))
    lease(server, keys, Wanted(("boxes,emotion;small;ko",)))
    lease(server, keys, Wanted(("ids",)), ago_s=LEASE_S)
    assert read_leases(server.client, keys, ()) == Wanted(["", "boxes", "boxes,emotion;small;ko"], numbers=True)
    lease(server, keys, Wanted(("boxes",)), ago_s=LEASE_S - 0.01)
    assert "boxes" in read_leases(server.client, keys, ()).views, "no node shortens the lease of another"


def test_of_too_many_views_those_that_are_drawn_keep_their_place(server: RedisServer):
    keys = CameraKeys("door")
    views = tuple(f"view-{number:02}" for number in range(MAX_VIEWS + 4))
    lease(server, keys, Wanted(views))
    drawn = views[-3:]
    wanted = read_leases(server.client, keys, drawn).views
    assert len(wanted) == MAX_VIEWS
    assert set(drawn) <= set(wanted)
