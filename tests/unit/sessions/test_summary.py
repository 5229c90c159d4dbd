"""Histograms, means, person summaries and timelines."""

from dataclasses import replace
from datetime import UTC, datetime

from app.sessions import summary
from app.sessions.records import PersonSecond, SessionHeader

HEAD = SessionHeader(1, "x", datetime(2026, 1, 31, 14, 0, tzinfo=UTC), None, "0", False, ("happy", "sad"))


def make_record(time_s: int, person_id: int, happy: float, frames: int = 10, age: float | None = 30.0) -> PersonSecond:
    label = "happy" if happy >= 0.5 else "sad"
    return PersonSecond(person_id, time_s, frames, label, (happy, 1 - happy), age, None if age is None else 0.25)


def test_the_first_of_equally_probable_labels_is_dominant():
    assert summary.dominant_label(("happy", "sad"), (0.5, 0.5)) == "happy"
    assert summary.dominant_label(("happy", "sad"), None) is None


def test_labels_outside_the_list_get_their_own_bin():
    assert summary.histogram(("happy", "sad"), {"unsure": 3, "sad": 1}) == {"happy": 0, "sad": 1, "unsure": 3}


def test_empty_counts_have_no_most_frequent_label():
    assert summary.most_frequent({"happy": 0}) is None
    assert summary.most_frequent({}) is None


def test_detail_by_person_and_second():
    records = [make_record(0, 1, 1.0), make_record(0, 2, 0.0), make_record(7, 1, 0.4, age=None)]
    detail = summary.session_detail(HEAD, records, datetime(2026, 1, 31, 14, 1, tzinfo=UTC))
    assert detail["session"]["running"]
    assert detail["session"]["duration_s"] == 60.0
    assert detail["session"]["histogram"] == {"happy": 1, "sad": 2}
    assert detail["mean"] == {"happy": 0.4667, "sad": 0.5333}
    assert [(entry["time_s"], entry["persons"], entry["mean"]["happy"]) for entry in detail["timeline"]] == [
        (0, 2, 0.5),
        (7, 1, 0.4),
    ]
    first = detail["persons"][0]
    assert first["last_seen_at"] == "2026-01-31T14:00:07.000+00:00"
    assert (first["person_seconds"], first["age_years"], first["sex"]) == (2, 30.0, "male")


def test_the_mean_age_is_weighted_by_frames():
    records = [make_record(0, 1, 1.0, frames=30, age=20.0), make_record(1, 1, 1.0, frames=10, age=40.0)]
    assert summary.person_summaries(HEAD, records)[0]["age_years"] == 25.0


def test_masks_and_races_are_counted_by_person_second():
    records = [
        replace(make_record(0, 1, 1.0), mask="none", race="asian"),
        replace(make_record(1, 1, 1.0), mask="mask", race="unsure"),
        make_record(2, 2, 1.0),
    ]
    detail = summary.session_detail(HEAD, records, HEAD.started_at)
    for name, counts in {"masks": {"none": 1, "mask": 1}, "races": {"asian": 1, "unsure": 1}}.items():
        assert detail[name] == counts
        assert [person[name] for person in detail["persons"]] == [counts, {}]


def test_the_sex_of_a_small_child_is_unsure():
    assert summary.person_summaries(HEAD, [make_record(0, 1, 1.0, age=3.0)])[0]["sex"] == "unsure"


def test_a_session_without_faces_has_empty_details():
    detail = summary.session_detail(HEAD, [], HEAD.started_at)
    assert (detail["mean"], detail["persons"], detail["timeline"]) == ({}, [], [])
    assert detail["session"]["dominant"] is None


def test_a_wall_clock_set_back_gives_no_negative_duration():
    shown = summary.session_summary(HEAD, {}, persons=0, person_seconds=0, now=datetime(2025, 1, 1, tzinfo=UTC))
    assert shown["duration_s"] == 0.0
