"""Figures for a monitoring system."""

import os
import re
from dataclasses import replace
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from app.paths import PROJECT
from app.web.live.frame_counters import FrameCounters
from tests.support.fakes import make_result
from tests.support.web import RunningApp, running_app

PREFIX = "live_analysis_"


@pytest.fixture
def web(tmp_path: Path):
    with running_app(tmp_path) as web:
        web.ready()
        yield web


def told(web: RunningApp) -> dict[tuple[str, str], float]:
    """Values by name and label."""
    answer = web.client.get("/metrics")
    assert answer.status_code == 200
    assert answer.mimetype == "text/plain"
    samples = [sample for family in text_string_to_metric_families(answer.text) for sample in family.samples]
    return {(one.name.removeprefix(PREFIX), "".join(one.labels.values())): one.value for one in samples}


def test_figures_follow_what_happens(web: RunningApp):
    page, stream = web.socket(), web.client.get("/video_feed", buffered=False)
    for index in (1, 2, 5):
        web.frame(index)
    web.link.feed("vision", {"state": "running", "pid": os.getpid(), "restarts": 2, "error": None})
    web.frame(6)
    figures = told(web)
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


def test_a_vision_process_that_is_gone_has_no_memory(web: RunningApp):
    web.link.feed("vision", {"state": "running", "pid": 2**22 + 1, "restarts": 0, "error": None})
    web.frame(1)
    assert ("memory_bytes", "vision") not in told(web)


def test_before_the_first_picture_it_answers_too(tmp_path: Path):
    with running_app(tmp_path) as web:
        assert told(web)["healthy", ""] == 0


def test_every_name_is_documented(web: RunningApp):
    web.frame(1)
    document = (PROJECT / "docs/api.md").read_text()
    for name, _ in told(web):
        assert re.sub("_(sum|count)$", "", name) in document


def test_pictures_that_nobody_watched_are_not_dropped():
    counters = FrameCounters()
    counters.add(make_result(0))
    counters.add(replace(make_result(15), skipped_while_idle=14))
    counters.add(replace(make_result(32), skipped_while_idle=14))
    assert (counters.frames, counters.dropped) == (3, 2)


def test_a_source_that_begins_again_has_dropped_nothing():
    counters = FrameCounters()
    for index in (7, 8, 0, 1):
        counters.add(make_result(index))
    assert (counters.frames, counters.dropped) == (4, 0)
