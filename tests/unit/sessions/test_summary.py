"""Histograms, means, person summaries and timelines."""

from datetime import UTC, datetime

from app.attributes.estimate import ClassEstimate, NumberEstimate, VectorEstimate
from app.attributes.kinds import BinaryAttribute, ClassAttribute, NumberAttribute, VectorAttribute
from app.sessions import summary
from app.sessions.records import PersonSecond, SessionHeader
from app.sessions.second_sums import most_frequent, most_probable
from tests.support.sessions import make_record as make_any_record
from tests.support.sessions import session_attributes

STARTED_AT = datetime(2026, 1, 31, 14, 0, tzinfo=UTC)
HEAD = SessionHeader(1, "x", STARTED_AT, None, "0", False, session_attributes(("happy", "sad")))


def make_record(
    time_s: int, person_id: int, happy: float, frames: int = 10, age: float | None = 30.0, **labels: str
) -> PersonSecond:
    p_female = None if age is None else 0.25
    return make_any_record(time_s, person_id, happy, frames=frames, age_years=age, p_female=p_female, **labels)


def test_the_first_of_equally_probable_labels_is_dominant():
    assert most_probable({"happy": 0.5, "sad": 0.5}) == "happy"
    assert most_probable({}) is None


def test_labels_outside_the_list_get_their_own_bin():
    assert summary.histogram(("happy", "sad"), {"unsure": 3, "sad": 1}) == {"happy": 0, "sad": 1, "unsure": 3}


def test_empty_counts_have_no_most_frequent_label():
    assert most_frequent({"happy": 0}) is None
    assert most_frequent({}) is None


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
        make_record(0, 1, 1.0, mask="none", race="asian"),
        make_record(1, 1, 1.0, mask="mask", race="unsure"),
        make_record(2, 2, 1.0),
    ]
    detail = summary.session_detail(HEAD, records, HEAD.started_at)
    for name, counts in {"masks": {"none": 1, "mask": 1}, "races": {"asian": 1, "unsure": 1}}.items():
        assert detail[name] == counts
        assert [person[name] for person in detail["persons"]] == [counts, {}]


def test_further_attributes_add_keys_by_what_their_sessions_keep():
    others = (
        ClassAttribute(name="glasses", title="Glasses", position=1, labels=("none", "glasses")),
        BinaryAttribute(name="beard", title="Beard", position=2, labels=("shaved", "bearded"), positive="bearded"),
        NumberAttribute(name="noise", title="Noise", position=3, unit="db"),
        VectorAttribute(name="gaze", title="Gaze", position=4, labels=("x", "y")),
    )
    head = SessionHeader(1, "x", STARTED_AT, None, "0", False, session_attributes(("happy", "sad"), *others))
    estimates = {
        "glasses": ClassEstimate(label="glasses"),
        "beard": ClassEstimate({"shaved": 0.2, "bearded": 0.8}),
        "noise": NumberEstimate(3.0),
        "gaze": VectorEstimate({"x": 0.5, "y": -0.5}),
    }
    records = [PersonSecond(1, 0, 30, estimates), PersonSecond(2, 0, 30)]
    detail = summary.session_detail(head, records, STARTED_AT)
    known, unknown = detail["persons"]
    added = known.keys() - summary.session_detail(HEAD, records, STARTED_AT)["persons"][0].keys()
    assert {name: (known[name], unknown[name]) for name in added} == {
        "glasses": ({"glasses": 1}, {}),
        "p_bearded": (0.8, None),
        "beard": ("bearded", None),
        "noise_db": (3.0, None),
        "gaze_x": (0.5, None),
        "gaze_y": (-0.5, None),
    }
    assert detail["glasses"] == {"glasses": 1}


def test_the_sex_of_a_small_child_is_unsure():
    assert summary.person_summaries(HEAD, [make_record(0, 1, 1.0, age=3.0)])[0]["sex"] == "unsure"


def test_a_session_without_faces_has_empty_details():
    detail = summary.session_detail(HEAD, [], HEAD.started_at)
    assert (detail["mean"], detail["persons"], detail["timeline"]) == ({}, [], [])
    assert detail["session"]["dominant"] is None


def test_a_wall_clock_set_back_gives_no_negative_duration():
    shown = summary.session_summary(HEAD, {}, persons=0, person_seconds=0, now=datetime(2025, 1, 1, tzinfo=UTC))
    assert shown["duration_s"] == 0.0
