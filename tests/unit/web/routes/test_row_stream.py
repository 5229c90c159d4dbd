"""`GET /api/live.jsonl`: the rows of the running session, as exports have them."""

from __future__ import annotations

import http.client
import json
import time
from pathlib import Path

import pytest

from tests.support.fakes import make_face
from tests.support.web import RunningApp, http_server, running_app


@pytest.fixture
def web(tmp_path: Path):
    with running_app(tmp_path) as web:
        web.start_vision()
        yield web


def read_rows(response: http.client.HTTPResponse, count: int) -> list[dict]:
    found: list[dict] = []
    while len(found) < count:
        line = response.readline()
        assert line, "the server ended the response"
        if line.strip():
            found.append(json.loads(line))
    return found


def test_rows_come_as_they_are_recorded_and_equal_those_of_exports(web: RunningApp):
    with http_server(web.app) as port:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        connection.request("GET", "/api/live.jsonl")
        response = connection.getresponse()
        assert response.getheader("Content-Type") == "application/x-ndjson"
        page = web.connect_page()
        web.send_event(page, "session_start", {"rate": 10})
        web.publish_frame(0, make_face(7), make_face(9, "sad"))
        time.sleep(0.11)
        web.publish_frame(1, make_face(7))
        first = read_rows(response, 2)  # while the session is running
        assert [row["track_id"] for row in first] == [1, 2]
        web.send_event(page, "session_stop", {})
        rows = [*first, *read_rows(response, 1)]
        connection.close()
        connection.request("GET", f"/api/live.jsonl?after={first[0]['id']}")
        assert read_rows(connection.getresponse(), 2) == rows[1:]
        connection.close()
    exported = web.client.get("/api/sessions/1/export.json").get_json()["rows"]
    assert [{**row, "id": 0} for row in rows] == [
        {name: {**one, "id": 0}[name] for name in row} for row, one in zip(rows, exported, strict=True)
    ]
    assert exported[0].keys() - rows[0].keys() == {"person_id", "person_name", "markers"}


@pytest.mark.parametrize("after", ["first", "-1", "1.5", "9" * 16])
def test_what_is_no_id_is_refused(web: RunningApp, after: str):
    answer = web.client.get(f"/api/live.jsonl?after={after}")
    assert answer.status_code == 400
    assert answer.get_json()["error"].startswith("after is the id of a row")
