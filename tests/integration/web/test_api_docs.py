"""Every example of docs/api.md has exactly the keys that the server sends."""

from __future__ import annotations

import json
import re
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from app.attributes.attribute_set import own_attributes
from app.attributes.estimate import ClassEstimate, NumberEstimate, VectorEstimate
from app.paths import ASSETS, PROJECT
from tests.support.fakes import make_explanation, make_face, with_estimates
from tests.support.web import RunningApp, running_app, wait_until

EXAMPLES = {
    name: json.loads(text)
    for name, text in re.findall(r"```json (\w+)\n(.*?)```", (PROJECT / "docs/api.md").read_text(), re.DOTALL)
}
ELLIPSIS = "..."  # in an example: further keys of the same form
DERIVED = [attribute for attribute in own_attributes() if attribute.derive]
# Keys that derived attributes add by the rules in the document; the examples leave them out.
DERIVED_KEYS = {
    *(attribute.name for attribute in DERIVED),
    *(column.name for attribute in DERIVED for column in attribute.columns),
}


def assert_same_form(example: Any, payload: Any, where: str) -> None:
    """Compare keys and types at every depth; "..." in an example stands for any further content."""
    if example is None or payload is None:
        return
    if isinstance(example, dict):
        assert isinstance(payload, dict), where
        if ELLIPSIS not in example and not where.endswith((".histogram", ".mean", ".races", ".masks")):
            assert sorted(payload.keys() - DERIVED_KEYS) == sorted(example), where
        for key in example.keys() & payload.keys():
            assert_same_form(example[key], payload[key], f"{where}.{key}")
    elif isinstance(example, list):
        assert isinstance(payload, list), where
        for entry in payload if example else []:
            assert_same_form(example[0], entry, f"{where}[]")
    else:
        number = isinstance(example, (int, float)) and not isinstance(example, bool)
        kind = (int, float) if number else type(example)
        assert isinstance(payload, kind), f"{where}: {payload!r} is not of the kind of {example!r}"


@pytest.fixture
def web(tmp_path: Path):
    with running_app(tmp_path) as web:
        web.start_vision(notice="No webcam found. Showing the demo; plug one in and choose it under Camera.")
        yield web


@pytest.fixture
def app_with_session(web: RunningApp) -> RunningApp:
    """The app after a session with two persons."""
    page = web.connect_page()
    web.send_event(page, "session_start", {"name": "Trailer test"})
    for index in range(3):
        web.publish_frame(index, make_face(1), make_face(2, "sad"))
    wait_until(lambda: len(web.camera.stats()["session"]["mean"]) == 0)
    web.send_event(page, "session_stop", {})
    return web


def newest_event(web: RunningApp, event: str) -> Any:
    """The newest event of this name that a page receives while frames arrive."""
    page = web.connect_page()
    received_events: list[Any] = []

    def arrived() -> bool:
        web.publish_frame(100, make_face(1))
        received_events.extend(received["args"][0] for received in page.get_received() if received["name"] == event)
        return bool(received_events)

    wait_until(arrived)
    return received_events[-1]


def test_every_example_of_the_documentation_is_tested():
    held = {
        "analyzed",
        "attributes",
        "derived",
        "explanation",
        "face",
        "healthz",
        "tile",
        "job",
        "camera_link",
        "cameras",
        "models",
        "summary",
        "detail",
        "figures",
        "timeline",
        "marker",
        "edited",
        "compare",
        "comparison",
        "row",
        "live_row",
        "status",
        "stats",
    }
    elsewhere = {"analyze", "bench"}  # in test_command_docs.py
    elsewhere |= {"marker_event", "rule_event"}  # in unit/webhook/test_notifications.py
    assert set(EXAMPLES) == held | elsewhere


def test_healthz(web: RunningApp):
    web.publish_frame(1)
    assert_same_form(EXAMPLES["healthz"], web.client.get("/healthz").get_json(), "healthz")


def test_tile(web: RunningApp):
    (tile,) = web.client.get("/api/wall").get_json()["cameras"]
    assert_same_form(EXAMPLES["tile"], tile, "tile")


def test_explanation(web: RunningApp):
    web.link.explanation = make_explanation()
    answer = web.client.post("/api/people/1/explanation").get_json()
    assert_same_form(EXAMPLES["explanation"], answer, "explanation")


def test_cameras(web: RunningApp):
    assert_same_form(EXAMPLES["cameras"], web.client.get("/api/cameras").get_json(), "cameras")


def test_camera_link(web: RunningApp):
    assert_same_form(EXAMPLES["camera_link"], web.client.post("/api/camera-link").get_json(), "camera_link")


def test_status_event_and_route(web: RunningApp):
    web.send_event(web.connect_page(), "session_start", {})
    event = newest_event(web, "status")
    assert_same_form(EXAMPLES["status"], event, "status")
    assert sorted(event["session"]) == ["demo", "id", "marker_names", "name", "rate", "started_at"]
    route = web.client.get("/api/status").get_json()
    assert_same_form(EXAMPLES["stats"], route.pop("stats"), "stats")
    assert_same_form(EXAMPLES["status"], route, "status")


def test_status_route_before_the_first_frame(web: RunningApp):
    assert web.client.get("/api/status").get_json()["stats"] is None


def test_stats_event_with_and_without_a_session(web: RunningApp):
    without = newest_event(web, "stats")
    assert_same_form(EXAMPLES["stats"], without, "stats")
    assert without["session"] is None
    web.send_event(web.connect_page(), "session_start", {})
    during = newest_event(web, "stats")
    assert_same_form(EXAMPLES["stats"], during, "stats")
    assert during["session"] is not None
    for face in during["faces"]:
        assert_same_form(EXAMPLES["face"], face, "face")


def test_sessions_and_detail(app_with_session: RunningApp):
    (summary,) = app_with_session.client.get("/api/sessions").get_json()["sessions"]
    assert_same_form(EXAMPLES["summary"], summary, "summary")
    detail = app_with_session.client.get(f"/api/sessions/{summary['id']}").get_json()
    example = {**EXAMPLES["detail"], "session": EXAMPLES["summary"]}
    assert_same_form(example, detail, "detail")
    assert list(summary["histogram"]) or summary["histogram"] == dict.fromkeys(detail["labels"], 0)
    assert len(detail["persons"]) == 2
    assert detail["timeline"]
    light = app_with_session.client.get(f"/api/sessions/{summary['id']}?figures=0").get_json()
    assert light == {key: value for key, value in detail.items() if key not in ("mean", "persons", "timeline")}


def test_live_rows(app_with_session: RunningApp):
    with closing(app_with_session.client.get("/api/live.jsonl?after=0", buffered=False)) as answer:
        lines = islice(answer.response, 1, 2)
        rows = [json.loads(line) for line in b"".join(lines).splitlines()]
    assert len(rows) == 2
    for row in rows:
        assert_same_form(EXAMPLES["live_row"], row, "live_row")


def test_figures_timeline_markers_people_and_comparison(app_with_session: RunningApp):
    client, base = app_with_session.client, "/api/sessions/1"
    figures = client.get(f"{base}/figures?people=1,2").get_json()
    assert_same_form(EXAMPLES["figures"] | {"persons": EXAMPLES["detail"]["persons"]}, figures, "figures")
    timeline = client.get(f"{base}/timeline?curves=1").get_json()
    assert sorted(timeline) == sorted(EXAMPLES["timeline"])
    assert [lane["id"] for lane in timeline["lanes"]] == [1, 2]
    without = client.get(f"{base}/timeline?curves=1&lanes=0").get_json()
    alone = client.get(f"{base}/lanes").get_json()
    assert {**without, **alone} == timeline
    named = client.put(f"{base}/marker-names", json={"1": "Trailer 1"}).get_json()
    assert named == {"marker_names": {"1": "Trailer 1"}}
    page = app_with_session.connect_page()
    marker = client.post(f"{base}/markers", json={"key": 1, "time": 0, "end": 0.001})
    assert marker.status_code == 201
    assert_same_form(EXAMPLES["marker"], marker.get_json(), "marker")
    assert any(one["name"] == "markers" for one in page.get_received())
    compared = client.post("/api/compare", json=EXAMPLES["compare"]).get_json()
    assert sorted(compared) == sorted(EXAMPLES["comparison"])
    for key in ("groups", "differences"):
        assert sorted(compared[key][0]) == sorted(EXAMPLES["comparison"][key][0])
    assert sorted(compared["curves"]["groups"][0]) == sorted(EXAMPLES["comparison"]["curves"]["groups"][0])
    merged = client.post(f"{base}/people/merge", json={"people": [1, 2]}).get_json()
    assert_same_form(EXAMPLES["edited"], merged, "edited")
    assert client.post(f"{base}/undo").get_json()["edits"] == []
    assert client.post(f"{base}/undo").status_code == 409
    assert client.get(f"{base}/people/suggestions").get_json() == {"suggestions": []}
    for path in ("circumplex", "events", "export.xlsx", "export.parquet"):
        assert client.get(f"{base}/{path}").status_code == 200
    assert client.delete(f"{base}/markers/1").status_code == 204
    assert client.patch(base, json={"tags": ["pilot"]}).get_json()["tags"] == ["pilot"]
    assert client.get("/api/sessions?search=trailer&tag=pilot").get_json()["tags"] == ["pilot"]
    assert client.get("/api/sessions?search=nowhere").get_json()["sessions"] == []


@pytest.mark.parametrize(
    ("query", "status"),
    [("from=9&to=3", 400), ("people=x", 400), ("people=9", 404), ("markers=4", 404), ("to=nan", 400)],
)
def test_a_filter_that_makes_no_sense_is_refused(app_with_session: RunningApp, query: str, status: int):
    assert app_with_session.client.get(f"/api/sessions/1/figures?{query}").status_code == status


def test_acknowledgements_carry_a_summary(web: RunningApp):
    page = web.connect_page()
    started = web.send_event(page, "session_start", {"name": "Trailer test"})
    renamed = web.send_event(page, "session_rename", {"id": started["session"]["id"], "name": "New name"})
    stopped = web.send_event(page, "session_stop", {})
    for acknowledgement in (started, renamed, stopped):
        assert sorted(acknowledgement) == ["ok", "session"]
        assert_same_form(EXAMPLES["summary"], acknowledgement["session"], "summary")


def test_exports_have_the_row_in_this_order(app_with_session: RunningApp):
    exported = app_with_session.client.get("/api/sessions/1/export.json")
    document = json.loads(exported.text)
    assert sorted(document) == ["rows", "session"]
    assert_same_form(EXAMPLES["summary"], document["session"], "summary")
    for row in document["rows"]:
        assert_same_form(EXAMPLES["row"], row, "row")
    header, *lines = app_with_session.client.get("/api/sessions/1/export.csv").text.splitlines()
    assert [name for name in header.split(",") if name not in DERIVED_KEYS] == list(EXAMPLES["row"])
    assert len(lines) == len(document["rows"]) == 2


def test_attributes_have_the_fields_of_their_kind(web: RunningApp):
    examples = {example["kind"]: example for example in EXAMPLES["attributes"]["attributes"]}
    described = web.client.get("/api/attributes").get_json()["attributes"]
    for attribute in described:
        assert sorted(attribute) == sorted(examples[attribute["kind"]]), attribute["name"]
    for example in examples.values():
        (own,) = [attribute for attribute in described if attribute["name"] == example["name"]]
        assert own == example


def test_derived_attributes_have_the_form_of_the_example(web: RunningApp):
    labels = {"facing": ClassEstimate(label="facing")}
    numbers = {name: NumberEstimate(value["value"]) for name, value in EXAMPLES["derived"].items() if "value" in value}
    pose = {"head_pose": VectorEstimate(EXAMPLES["derived"]["head_pose"])}
    web.publish_frame(1, with_estimates(make_face(1), **pose, **labels, **numbers))
    (face,) = web.client.get("/api/status").get_json()["stats"]["faces"]
    assert {name: face[name] for name in EXAMPLES["derived"]} == EXAMPLES["derived"]


def test_models(tmp_path: Path, models_dir: Path):
    with running_app(tmp_path, models=str(models_dir)) as web:
        assert_same_form(EXAMPLES["models"], web.client.get("/api/models").get_json(), "models")


def test_pictures_and_jobs(web: RunningApp):
    portrait = (ASSETS / "portraits" / "eileen_collins.png").read_bytes()
    record = web.client.post("/api/analyze", data=portrait, query_string={"name": "photo.jpg"}).get_json()
    assert_same_form(EXAMPLES["analyzed"], record, "analyzed")
    job = web.client.post("/api/jobs", data=b"PK\x03\x04 damaged", query_string={"name": "photos.zip"}).get_json()
    for payload in (job, web.client.get("/api/jobs").get_json()["jobs"][0]):
        assert_same_form(EXAMPLES["job"], payload, "job")


@pytest.mark.parametrize("path", ["/api/sessions/99", "/api/nothing", "/video_feed?show=moustache", "/healthz"])
def test_errors_are_one_line(tmp_path: Path, path: str):
    with running_app(tmp_path) as web:
        answer = web.client.get(path)
        assert answer.status_code >= 400
        if path != "/healthz":
            assert sorted(answer.get_json()) == ["error"]
            assert "\n" not in answer.get_json()["error"]


def test_delete(app_with_session: RunningApp):
    app_with_session.send_event(app_with_session.connect_page(), "session_start", {})
    assert app_with_session.client.delete("/api/sessions/2").status_code == 409
    assert app_with_session.client.delete("/api/sessions/1").status_code == 204
    assert app_with_session.client.delete("/api/sessions/1").status_code == 404


def test_delete_all(app_with_session: RunningApp):
    page = app_with_session.connect_page()
    app_with_session.send_event(page, "session_start", {})
    assert app_with_session.client.delete("/api/sessions").status_code == 409
    app_with_session.send_event(page, "session_stop", {})
    assert app_with_session.client.delete("/api/sessions", headers={"Origin": "http://evil.example"}).status_code == 403
    assert app_with_session.client.delete("/api/sessions").status_code == 204
    assert app_with_session.client.get("/api/sessions").get_json() == {"sessions": [], "tags": []}
