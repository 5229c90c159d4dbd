"""Perceived race appears in pages, files and exports only if it is switched on."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from app.processes.vision_supervisor import VisionProcessLink
from app.sessions.store import FILE_NAME, SessionStore
from app.settings import DEFAULT_CAMERA, Settings
from app.web import ServerContext, close_app, create_app
from app.web.live.services import EXTENSION_NAME
from tests.support.web import wait_until

TIMEOUT_S = 40.0
PREDICTED_LABEL = "other"  # of the tiny model, for every face


@pytest.mark.parametrize("race", [False, True])
def test_race_is_reported_only_if_switched_on(tmp_path: Path, models_dir: Path, race: bool):
    settings = Settings(source="demo", detector="haar", models=str(models_dir), data=str(tmp_path), race=race)
    links = {DEFAULT_CAMERA: VisionProcessLink(settings)}
    app, socketio = create_app(links, SessionStore(tmp_path), settings, ServerContext())
    camera = app.extensions[EXTENSION_NAME].cameras.first
    try:
        socket, client = socketio.test_client(app), app.test_client()
        wait_until(lambda: camera.state.models_known and not camera.state.picture_problem, TIMEOUT_S)
        assert socket.emit("session_start", {}, callback=True)["ok"]
        wait_until(lambda: sum(camera.recorder.live_totals()["histogram"].values()), TIMEOUT_S)
        wait_until(lambda: camera.stats()["faces"], TIMEOUT_S)
        said = {"status": client.get("/api/status").text, "events": json.dumps(socket.get_received())}
        assert socket.emit("session_stop", {}, callback=True)["ok"]
        said |= {"detail": client.get("/api/sessions/1").text, "json": client.get("/api/sessions/1/export.json").text}
        table = client.get("/api/sessions/1/export.csv").text
    finally:
        close_app(app)
    assert {name: f'"{PREDICTED_LABEL}"' in text for name, text in said.items()} == dict.fromkeys(said, race)
    assert {row["race"] for row in csv.DictReader(io.StringIO(table))} == {PREDICTED_LABEL if race else ""}
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection:
        stored = {label for (label,) in connection.execute("SELECT race FROM observations")}
    assert stored == {PREDICTED_LABEL if race else None}
