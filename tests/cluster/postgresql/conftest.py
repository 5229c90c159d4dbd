"""One server for all tests of this folder, and an empty database for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.sessions.database.server_address import ServerAddress
from tests.support.postgresql.server import TestServer, missing


@pytest.fixture(scope="session")
def server() -> Iterator[TestServer]:
    if reason := missing():
        pytest.skip(reason)
    server = TestServer()
    yield server
    server.close()


@pytest.fixture
def database(server: TestServer) -> Iterator[str]:
    """The name of an empty database."""
    name = "sessions"
    server.create_database(name)
    yield name
    server.drop_database(name)


@pytest.fixture
def address(server: TestServer, database: str) -> ServerAddress:
    return server.address(database)
