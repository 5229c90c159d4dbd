"""The metrics for monitoring systems."""

import os
import re
from dataclasses import replace
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from app.paths import PROJECT
from app.web.live.frame_counters import FrameCounters
from tests.support.fakes import make_face, make_result, with_mask
from tests.support.web import RunningApp, running_app

PREFIX = "live_analysis_"


@pytest.fixture
def web(tmp_path: Path):
    with running_app(tmp_path) as web:
        web.start_vision()
        yield web


def read_metrics(web: RunningApp) -> dict[tuple[str, str], float]:
    """Values by name and label."""
    response = web.client.get("/metrics")
    assert response.status_code == 200
    assert response.mimetype == "text/plain"
    samples = [sample for family in text_string_to_metric_families(response.text) for sample in family.samples]
    return {(sample.name.removeprefix(PREFIX), "".join(sample.labels.values())): sample.value for sample in samples}


def test_metrics_reflect_frames_viewers_and_process(web: RunningApp):
    page, stream = web.connect_page(), web.client.get("/video_feed", buffered=False)
    for index in (1, 2, 5):
        web.publish_frame(index)
    web.link.feed("vision", {"state": "running", "pid": os.getpid(), "restarts": 2, "error": None})
    web.publish_frame(6)
    figures = read_metrics(web)
    assert figures["frames_total", ""] == 4
    assert figures["frames_dropped_total", ""] == 2
    assert figures["vision_restarts_total", ""] == 2
    assert (figures["viewers", ""], figures["pages", ""], figures["healthy", ""]) == (1, 1, 1)
    assert figures["watched", ""] == 1
    assert 0 <= figures["frame_age_seconds", ""] < 5
    assert figures["stage_seconds_count", "detect"] == 4
    assert figures["stage_seconds_sum", "detect"] == pytest.approx(0.016)
    assert figures["memory_bytes", "web"] > 10**7
    assert figures["memory_bytes", "vision"] > 10**7
    stream.close()
    page.disconnect()


def test_people_in_view_are_counted_by_label(web: RunningApp, monkeypatch: pytest.MonkeyPatch):
    web.publish_frame(1, make_face(1), make_face(2, "sad"), with_mask(make_face(3)))
    figures = read_metrics(web)
    assert [figures["people", f"emotion{label}"] for label in ("happy", "sad", "angry", "unsure")] == [1, 1, 0, 1]
    assert [figures["people", f"mask{label}"] for label in ("none", "mask", "wrong", "unsure")] == [2, 1, 0, 0]
    assert figures["people", "sexfemale"] == 3
    assert not [label for name, label in figures if name == "people" and label.startswith(("race", "age"))]
    monkeypatch.setattr(type(web.camera.broadcaster), "age_s", 60.0)
    assert read_metrics(web)["people", "emotionhappy"] == 0


def test_an_ended_vision_process_has_no_memory_metric(web: RunningApp):
    web.link.feed("vision", {"state": "running", "pid": 2**22 + 1, "restarts": 0, "error": None})
    web.publish_frame(1)
    assert ("memory_bytes", "vision") not in read_metrics(web)


def test_metrics_are_available_before_the_first_frame(tmp_path: Path):
    with running_app(tmp_path) as web:
        assert read_metrics(web)["healthy", ""] == 0


def test_every_metric_is_documented(web: RunningApp):
    web.publish_frame(1)
    document = (PROJECT / "docs/api.md").read_text()
    for name, _ in read_metrics(web):
        assert re.sub("_(sum|count)$", "", name) in document


def test_frames_skipped_while_idle_do_not_count_as_dropped():
    counters = FrameCounters()
    counters.add(make_result(0))
    counters.add(replace(make_result(15), skipped_while_idle=14))
    counters.add(replace(make_result(32), skipped_while_idle=14))
    assert (counters.frames, counters.dropped) == (3, 2)


def test_a_restarted_source_has_no_dropped_frames():
    counters = FrameCounters()
    for index in (7, 8, 0, 1):
        counters.add(make_result(index))
    assert (counters.frames, counters.dropped) == (4, 0)
