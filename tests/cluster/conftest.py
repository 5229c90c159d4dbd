"""Cameras, web nodes and a recorder on a real Redis, shared by the tests of one module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.cluster.parts import Cluster, RedisServer


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Two cameras, two web nodes and one recorder, all of which run."""
    folder = tmp_path_factory.mktemp("cluster")
    redis = RedisServer(folder)
    cluster = Cluster(redis, folder)
    try:
        cluster.start_all()
        yield cluster
    finally:
        cluster.close()
