"""A web node: its cameras come and go, it holds no models, and it is ready without any of them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.errors import UnknownItem
from app.sessions.store import SessionStore
from app.settings import Settings
from app.web import ServerContext, add_camera, close_app, create_node_app, remove_camera
from app.web.live.services import EXTENSION_NAME
from tests.support.fakes import FakeLink


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    settings = Settings(data=str(tmp_path))
    app, _ = create_node_app(SessionStore(tmp_path), settings, ServerContext())
    yield app
    close_app(app)


def add(app: Flask, name: str) -> FakeLink:
    link = FakeLink()
    add_camera(app, name, link, Settings(source=name, camera=(f"{name}={name}",)))
    return link


def names(client: FlaskClient) -> list[str]:
    return [tile["name"] for tile in client.get("/api/wall").get_json()["cameras"]]


def test_cameras_come_and_go(app: Flask):
    client, cameras = app.test_client(), app.extensions[EXTENSION_NAME].cameras
    with pytest.raises(UnknownItem, match="no camera is connected"):
        _ = cameras.first
    assert client.get("/").status_code == 200
    assert client.get("/healthz").get_json() == {"status": "waiting", "cameras": {}}
    links = [add(app, name) for name in ("lobby", "door")]
    assert names(client) == ["door", "lobby"]
    assert client.get("/healthz").get_json()["status"] == "ok", "although no frames arrive"
    assert client.get("/api/wall/frames?shown=1").status_code == 200, "of a page that knows one camera only"
    remove_camera(app, "door")
    assert names(client) == ["lobby"]
    for link in links:
        link.close()


def test_a_node_that_learns_of_no_cameras_is_not_ready(app: Flask):
    app.extensions[EXTENSION_NAME].cameras.is_connected = lambda: False
    assert app.test_client().get("/healthz").status_code == 503


@pytest.mark.parametrize("path", ["/try", "/learn", "/api/jobs"])
def test_what_needs_models_is_refused_with_one_line(app: Flask, path: str):
    response = app.test_client().get(path)
    assert response.status_code == 404
    assert "holds no models" in response.get_json()["error"]
    assert 'href="/try"' not in app.test_client().get("/sessions").get_data(as_text=True)
