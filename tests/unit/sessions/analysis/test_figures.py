"""Figures under a filter agree with the rows, whatever intervals they are summed up from."""

import random
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from statistics import fmean
from typing import Any

import pytest

from app.attributes.estimate import ClassEstimate, VectorEstimate
from app.attributes.kinds import BinaryAttribute, ClassAttribute, VectorAttribute
from app.errors import InvalidRequest, UnknownItem
from app.sessions.analysis.events import find_events
from app.sessions.analysis.figures import figures
from app.sessions.analysis.selection import Filter, select_by, subtract, unite
from app.sessions.analysis.suggestions import suggest_merges
from app.sessions.analysis.timeline import circumplex, timeline
from app.sessions.edits.markers import add_marker
from app.sessions.rows.frame_sums import most_frequent, most_probable
from app.sessions.rows.records import NewSession, Observation
from app.sessions.store import SessionStore
from tests.support.sessions import WallClock, make_record, session_attributes

SECONDS = 200
UNFILTERED = Filter()


def start(store: SessionStore, *others: Any, rate: int = 1) -> int:
    attributes = session_attributes(("happy", "sad"), *others)
    return store.start(NewSession(None, source="0", demo=False, attributes=attributes, rate=rate))["id"]


@pytest.fixture
def store(tmp_path: Path) -> SessionStore:
    """A session of 200 s with three people at 5 rows a second, the last of whom is seen for a while only."""
    store, chance = SessionStore(tmp_path, now=WallClock()), random.Random(3)
    session_id = start(store, rate=5)
    rows = [
        make_record(step / 5, track, round(chance.random(), 4), duration_ms=200, age_years=20.0 + 10 * track)
        for step in range(5 * SECONDS)
        for track in (1, 2, 3)
        if track < 3 or 60 <= step / 5 < 90
    ]
    store.add(session_id, rows)
    store.stop(session_id, SECONDS)
    return store


def compute(
    store: SessionStore, function: Callable[..., Any], chosen: Filter = UNFILTERED, *args: Any, **more: Any
) -> Any:
    return store.read(
        1,
        lambda connection, header, now: function(connection, select_by(connection, header, chosen, now), *args, **more),
    )


@pytest.mark.parametrize(
    ("start_ms", "end_ms"), [(0, None), (0, 60_000), (12_345, 173_210), (61_000, 61_400), (59_800, 120_200)]
)
def test_any_span_is_summed_up_exactly(store: SessionStore, start_ms: int, end_ms: int | None):
    found = compute(store, figures, Filter(people=(1, 3), start_ms=start_ms, end_ms=end_ms))
    rows = [
        row
        for row in store.records(1)[1]
        if row.track_id in (1, 3) and start_ms <= row.time_ms < (end_ms or 1000 * SECONDS)
    ]
    assert found["rows"] == len(rows)
    assert found["person_seconds"] == pytest.approx(len(rows) / 5)
    mean = fmean((row.probabilities("emotion") or {})["happy"] for row in rows)
    assert found["mean"]["happy"] == pytest.approx(mean, abs=6e-5)
    labels = [row.label("emotion") for row in rows]
    assert found["histogram"] == pytest.approx({name: labels.count(name) / 5 for name in ("happy", "sad")})


def test_excluded_spans_and_markers_select_time(store: SessionStore):
    def mark(name: str, time: float, end: float, *, excluded: bool = False) -> int:
        values = {"name": name, "time": time, "end": end, "excluded": excluded}
        return store.edit(1, lambda connection, header, now: add_marker(connection, header, values, now, None)).id

    trailer, _ = mark("trailer", 10, 40.5), mark("pause", 20, 30, excluded=True)
    found = compute(store, figures, Filter(markers=(trailer,)))
    assert found["spans"] == [{"start_s": 10.0, "end_s": 20.0}, {"start_s": 30.0, "end_s": 40.5}]
    assert found["person_seconds"] == pytest.approx(2 * 20.5, abs=0.5)
    assert compute(store, figures, Filter(markers=(trailer,), with_excluded=True))["duration_s"] == 30.5
    with pytest.raises(InvalidRequest, match="reversed"):
        compute(store, figures, Filter(start_ms=5000, end_ms=4000))
    with pytest.raises(UnknownItem, match="no person 9"):
        compute(store, figures, Filter(people=(9,)))


def test_an_interval_needs_five_people(store: SessionStore):
    found = compute(store, figures)
    assert found["intervals"] is None
    assert found["interval_reason"] == "an interval over people needs 5 people; there are 3"
    assert found["ages"] == [{"low": low, "high": low + 10, "people": 1} for low in (30, 40, 50)]


def test_the_timeline_shows_gaps_and_lanes(store: SessionStore):
    found = compute(store, timeline, Filter(people=(3,)), (), points=20, with_curves=True)
    assert (found["step_s"], found["persons"]) == (10.0, [0] * 6 + [1] * 3 + [0] * 11)
    assert [value is None for value in found["mean"]["happy"]] == [count == 0 for count in found["persons"]]
    (lane,) = found["lanes"]
    assert (lane["runs"][0][0], lane["runs"][-1][1]) == (60.0, 90.0)
    assert found["curves"][0]["mean"] == found["mean"]
    fine = compute(store, timeline, Filter(start_ms=61_000, end_ms=62_000), (), points=400)
    assert (fine["step_s"], len(fine["persons"])) == (0.2, 5)
    assert compute(store, circumplex, points=100) == {"step_s": None, "people": []}


def test_events_are_what_differs_from_the_usual(tmp_path: Path):
    store = SessionStore(tmp_path, now=WallClock())
    session_id = start(store)
    smiles = {*range(20, 23), *range(50, 60)}
    store.add(session_id, [make_record(time, 1, 0.9 if time in smiles else 0.1) for time in range(100)])
    store.stop(session_id, 100)
    found = compute(store, find_events, Filter(), 5)
    assert [(one["start_s"], one["end_s"], one["usual"]) for one in found["longest"]] == [
        (50.0, 60.0, "sad"),
        (20.0, 23.0, "sad"),
    ]
    assert found["longest"][0]["strength"] == pytest.approx(0.9 - 0.204)


def test_a_person_who_returns_is_suggested_and_two_at_a_time_are_not(tmp_path: Path):
    store = SessionStore(tmp_path, now=WallClock())
    session_id = start(store)
    rows = [make_record(time, 1) for time in range(10)] + [make_record(time, 2) for time in range(15, 30)]
    rows += [make_record(time, 3) for time in range(5, 20)]
    rows += [make_record(time, 4, age_years=80.0, p_female=0.05) for time in range(40, 50)]
    store.add(session_id, rows)
    store.stop(session_id, 50)
    (found,) = [one for one in store.read(session_id, suggest_merges) if one["score"] > 0.9 and 4 not in one["people"]]
    assert (found["people"], found["gap_s"]) == ([1, 2], 6.0)


def test_further_attributes_add_keys_by_what_their_sessions_keep(tmp_path: Path):
    others = (
        ClassAttribute(name="glasses", title="Glasses", position=1, labels=("none", "glasses")),
        BinaryAttribute(name="beard", title="Beard", position=2, labels=("shaved", "bearded"), positive="bearded"),
        VectorAttribute(name="gaze", title="Gaze", position=4, labels=("x", "y")),
    )
    store = SessionStore(tmp_path, now=WallClock())
    session_id = start(store, *others)
    estimates = {
        "glasses": ClassEstimate(label="glasses"),
        "beard": ClassEstimate({"shaved": 0.2, "bearded": 0.8}),
        "gaze": VectorEstimate({"x": 0.5, "y": -0.5}),
    }
    store.add(session_id, [Observation(1, 0, 30, estimates), Observation(2, 0, 30)])
    detail = store.detail(session_id)
    known, unknown = (
        {key: one[key] for key in ("glasses", "p_bearded", "beard", "gaze_y")} for one in detail["persons"]
    )
    assert known == {"glasses": {"glasses": 1}, "p_bearded": 0.8, "beard": "bearded", "gaze_y": -0.5}
    assert unknown == {"glasses": {}, "p_bearded": None, "beard": None, "gaze_y": None}
    assert detail["glasses"] == {"glasses": 1}


def test_the_sex_of_a_small_child_is_unsure_and_a_clock_set_back_gives_no_negative_duration(tmp_path: Path):
    clock = WallClock()
    store = SessionStore(tmp_path, now=clock)
    session_id = start(store)
    store.add(session_id, [make_record(0, age_years=3.0)])
    clock.now -= timedelta(days=300)
    detail = store.detail(session_id)
    assert detail["persons"][0]["sex"] == "unsure"
    assert detail["session"]["duration_s"] == 0.0


def test_the_first_of_equals_is_dominant_and_empty_counts_have_none():
    assert most_probable({"happy": 0.5, "sad": 0.5}) == "happy"
    assert (most_probable({}), most_frequent({"happy": 0}), most_frequent({})) == (None, None, None)


def test_spans_are_united_and_subtracted():
    assert unite([(5, 9), (0, 3), (2, 4)]) == [(0, 4), (5, 9)]
    assert subtract([(0, 10)], [(2, 4), (8, 12)]) == [(0, 2), (4, 8)]
