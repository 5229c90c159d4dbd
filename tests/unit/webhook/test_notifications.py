"""The webhook of a running app: markers of pages and programs, rules on frames; off unless configured."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from app.errors import SettingsError
from app.paths import PROJECT
from tests.support.fakes import make_face
from tests.support.interface.webhook_receiver import SECRET, Receiver, webhook_receiver
from tests.support.web import RunningApp, running_app, wait_until

RULES = "mean happy > .5 for 2s; nobody for 60s"
EXAMPLES = {
    name: json.loads(text)
    for name, text in re.findall(r"```json (\w+_event)\n(.*?)```", (PROJECT / "docs/api.md").read_text(), re.DOTALL)
}


@pytest.fixture
def receiver():
    with webhook_receiver() as receiver:
        yield receiver


@pytest.fixture
def web(tmp_path: Path, receiver: Receiver):
    with running_app(tmp_path, webhook_secret=SECRET, webhook=receiver.url, rules=RULES) as web:
        web.start_vision()
        yield web


def test_markers_of_pages_and_of_programs_are_told(web: RunningApp, receiver: Receiver):
    page = web.connect_page()
    session = web.send_event(page, "session_start", {"marker_names": {"1": "Trailer 1"}})["session"]
    web.send_event(page, "marker_add", {"key": 1})
    web.client.post(f"/api/sessions/{session['id']}/markers", json={"name": "Stimulus"})
    wait_until(lambda: len(receiver.requests) == 2)
    assert [event["marker"]["name"] for event in receiver.events] == ["Trailer 1", "Stimulus"]
    event = receiver.events[0]
    assert sorted(event) == sorted(EXAMPLES["marker_event"])
    assert sorted(event["marker"]) == sorted(EXAMPLES["marker_event"]["marker"])
    assert (event["event"], event["session_id"]) == ("marker", session["id"])


def test_a_marker_is_set_although_the_receiver_refuses_it(web: RunningApp, receiver: Receiver):
    receiver.statuses = [400]
    page = web.connect_page()
    web.send_event(page, "session_start", {})
    assert web.send_event(page, "marker_add", {})["ok"]
    wait_until(lambda: receiver.requests)
    assert web.client.get("/api/sessions/1/markers").get_json()["markers"][0]["name"] == "Marker"


def test_rules_are_told_when_they_begin_and_end_to_apply(web: RunningApp, receiver: Receiver):
    frames = [*(("happy", at) for at in range(10, 6, -1)), *(("sad", at) for at in range(6, 2, -1))]
    for index, (label, seconds_ago) in enumerate(frames):
        web.publish_frame(index, make_face(1, label), latency_s=seconds_ago)
    wait_until(lambda: len(receiver.requests) == 2)
    hit, over = receiver.events
    assert sorted(hit) == sorted(EXAMPLES["rule_event"])
    assert (hit["rule"], hit["change"], hit["value"]) == ("mean happy > .5 for 2s", "hit", 0.7)
    assert (over["rule"], over["change"], over["session_id"]) == ("mean happy > .5 for 2s", "over", None)
    assert hit["id"] != over["id"]


def test_nothing_is_sent_unless_configured(tmp_path: Path):
    with running_app(tmp_path) as web:
        web.start_vision()
        page = web.connect_page()
        web.send_event(page, "session_start", {})
        assert web.send_event(page, "marker_add", {})["ok"]
        assert web.services.notifications._delivery is None


def test_a_wrong_rule_ends_the_start(tmp_path: Path):
    options = {"webhook_secret": SECRET, "webhook": "http://receiver.example/"}
    with pytest.raises(SettingsError, match="is no rule"), running_app(tmp_path, rules="hello", **options):
        pass
