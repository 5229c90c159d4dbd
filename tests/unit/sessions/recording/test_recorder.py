"""Frame results become one record per person and second."""

import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.attributes.attribute_set import AttributeSet
from app.attributes.estimate import NumberEstimate
from app.attributes.kinds import ClassAttribute
from app.domain import Box, FaceResult
from app.errors import SessionError
from app.sessions.disk_worker import DiskWorker
from app.sessions.recording.local_recorder import LocalRecorder
from app.sessions.rows.records import NewSession, Observation
from app.sessions.store import SessionStore
from tests.support.fakes import LABELS, make_emotion, make_face, with_mask
from tests.support.recording.recorder_harness import ATTRIBUTES, RecorderHarness
from tests.support.web import wait_until


def test_frames_of_a_second_become_one_record_of_means(harness: RecorderHarness):
    session_id = harness.start()
    harness.add_frame(make_face(1, "happy", age_years=30, p_female=0.8))
    harness.add_frame(make_face(1, "happy", age_years=40, p_female=0.6))
    harness.add_frame(make_face(1, "sad", age_years=50, p_female=0.7))
    harness.recorder.stop()
    (record,) = harness.records(session_id)
    assert (record.track_id, record.time_ms, record.frames) == (1, 0, 3)
    assert record.label("emotion") == "happy"
    probabilities, sad = record.probabilities("emotion"), make_emotion("sad").probabilities
    assert probabilities is not None
    assert sad is not None
    assert list(probabilities) == list(LABELS)
    assert probabilities["happy"] == pytest.approx((0.7 + 0.7 + sad["happy"]) / 3, abs=1e-4)
    assert record.estimates["age"] == NumberEstimate(40.0, (32.0, 48.0))
    assert (record.probabilities("sex") or {})["female"] == 0.7


def test_each_person_and_second_has_its_own_record(harness: RecorderHarness):
    session_id = harness.start()
    for _ in range(25):
        harness.add_frame(make_face(1), make_face(2, "sad"))
    harness.recorder.stop()
    assert [(record.time_ms // 1000, record.track_id) for record in harness.records(session_id)] == [
        (0, 1), (0, 2), (1, 1), (1, 2), (2, 1), (2, 2),
    ]  # fmt: skip


def test_a_second_is_saved_as_soon_as_it_is_over(harness: RecorderHarness):
    session_id = harness.start()
    for _ in range(11):
        harness.add_frame(make_face())
    assert [record.time_ms // 1000 for record in harness.records(session_id)] == [0]


def test_faces_without_attributes_are_still_counted(harness: RecorderHarness):
    session_id = harness.start()
    harness.add_frame(FaceResult(4, Box(0, 0, 1, 1), 0.9))
    summary = harness.recorder.stop()
    assert harness.records(session_id) == [Observation(1, 0, 1, score=0.9, box=Box(0, 0, 1, 1))]
    assert summary["dominant"] is None
    assert summary["person_seconds"] == 1


def test_masked_seconds_are_unsure_and_excluded_from_the_means(harness: RecorderHarness):
    session_id = harness.start()
    for step in range(30):
        harness.add_frame(make_face(1) if step < 14 else with_mask(make_face(1)))
    harness.add_frame(after_s=0)
    live = harness.recorder.live_totals()
    assert live is not None
    summary = harness.recorder.stop()
    bare, mixed, worn = harness.records(session_id)
    age = NumberEstimate(30.0, (22.0, 38.0))
    assert (bare.label("emotion"), bare.label("mask"), bare.estimates["age"]) == ("happy", "none", age)
    assert (mixed.label("emotion"), mixed.label("mask"), mixed.estimates["age"]) == ("unsure", "mask", age)
    assert mixed.probabilities("emotion") == bare.probabilities("emotion")
    assert (worn.label("emotion"), worn.label("mask"), worn.probabilities("emotion")) == ("unsure", "mask", None)
    assert "age" not in worn.estimates
    assert summary["histogram"]["unsure"] == live["histogram"]["unsure"] == 2
    assert live["masks"] == {"none": 1, "mask": 2}
    assert live["races"] == {"asian": 1, "unsure": 2}
    assert live["mean"]["happy"] == pytest.approx(0.7)


def test_live_totals_agree_with_the_file(harness: RecorderHarness):
    session_id = harness.start()
    for step in range(35):
        harness.add_frame(make_face(1, "happy" if step < 20 else "fear"), make_face(2, "sad"))
    harness.add_frame(after_s=0)
    live = harness.recorder.live_totals()
    assert live is not None
    stored = wait_until(lambda: harness.saved_detail(session_id, seconds=3))
    assert live["histogram"] == stored["session"]["histogram"]
    assert live["mean"] == pytest.approx(stored["mean"], abs=1e-3)
    assert live["persons"] == 2
    assert live["elapsed_s"] == pytest.approx(3.5)


def test_only_one_session_runs_at_a_time(harness: RecorderHarness):
    session_id = harness.start()
    with pytest.raises(SessionError, match=f"session {session_id} is running"):
        harness.start()
    harness.recorder.stop()
    with pytest.raises(SessionError, match="no session is running"):
        harness.recorder.stop()
    assert harness.start() == session_id + 1


def test_concurrent_starts_create_one_session(harness: RecorderHarness):
    outcomes: list[str] = []

    def try_to_start() -> None:
        try:
            harness.start()
            outcomes.append("started")
        except SessionError:
            outcomes.append("refused")

    threads = [threading.Thread(target=try_to_start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["refused"] * 7 + ["started"]


def test_a_clock_that_jumps_back_gives_no_negative_second(harness: RecorderHarness):
    session_id = harness.start()
    harness.add_frame(make_face(), after_s=-50)
    harness.add_frame(make_face())
    harness.recorder.stop()
    assert [record.time_ms // 1000 for record in harness.records(session_id)] == [0]


def test_a_switch_to_the_demo_marks_the_session(harness: RecorderHarness):
    session_id = harness.start()
    harness.recorder.note_source(demo=True)
    assert harness.recorder.current is not None
    assert harness.recorder.current["demo"] is True
    stored = harness.worker.call(harness.store.session, session_id)
    assert stored is not None
    assert stored["demo"] is True


def test_records_of_a_failed_save_are_saved_with_the_next_ones(
    harness: RecorderHarness, monkeypatch: pytest.MonkeyPatch
):
    session_id = harness.start()

    def refuse(*_: Any) -> None:
        raise SessionError("the disk is full")

    with monkeypatch.context() as full_disk:
        full_disk.setattr(harness.store, "add", refuse)
        for _ in range(25):
            harness.add_frame(make_face())
        harness.worker.call(lambda: None)
    harness.recorder.stop()
    assert [record.time_ms // 1000 for record in harness.records(session_id)] == [0, 1, 2]


def test_a_session_does_not_end_before_its_last_second_is_saved(
    harness: RecorderHarness, monkeypatch: pytest.MonkeyPatch
):
    session_id = harness.start()
    harness.add_frame(make_face())

    def refuse(*_: Any) -> None:
        raise SessionError("the file is locked; try again")

    with monkeypatch.context() as locked:
        locked.setattr(harness.store, "add", refuse)
        with pytest.raises(SessionError, match="locked"):
            harness.recorder.stop()
    harness.worker.call(lambda: None)
    assert harness.recorder.current is not None
    assert harness.recorder.stop()["person_seconds"] == 1
    assert len(harness.records(session_id)) == 1


def test_recording_never_waits_for_the_disk(harness: RecorderHarness, monkeypatch: pytest.MonkeyPatch):
    session_id = harness.start()
    disk_responds = threading.Event()
    real_add = harness.store.add
    monkeypatch.setattr(harness.store, "add", lambda *args: (disk_responds.wait(10), real_add(*args)))
    for _ in range(35):
        harness.add_frame(make_face())
    assert not disk_responds.is_set()
    disk_responds.set()
    harness.recorder.stop()
    assert [record.time_ms // 1000 for record in harness.records(session_id)] == [0, 1, 2, 3]


def test_a_start_that_times_out_leaves_no_session(tmp_path: Path):
    store, disk_responds = SessionStore(tmp_path), threading.Event()
    worker = DiskWorker(lambda function, *args: (disk_responds.wait(10), function(*args))[1], timeout_s=0.05)
    recorder = LocalRecorder(store, worker)
    for _ in range(2):  # the first start is in progress, the second still queued
        with pytest.raises(SessionError, match="did not respond"):
            recorder.start(NewSession("late", source="0", demo=False, attributes=ATTRIBUTES))
    disk_responds.set()
    worker.set_timeout(5)
    wait_until(lambda: worker.call(store.sessions) == [])
    assert recorder.current is None
    worker.close()


def test_an_unresponsive_disk_is_reported(harness: RecorderHarness, monkeypatch: pytest.MonkeyPatch):
    harness.start()
    disk_responds = threading.Event()
    real_add = harness.store.add
    monkeypatch.setattr(harness.store, "add", lambda *args: (disk_responds.wait(10), real_add(*args)))
    for _ in range(60):
        harness.add_frame(make_face())
    assert harness.recorder.save_problem is not None
    assert "does not respond" in harness.recorder.save_problem
    disk_responds.set()
    wait_until(lambda: harness.recorder.save_problem is None)


def test_a_session_keeps_what_is_served_and_nothing_of_a_model_that_is_off(harness: RecorderHarness):
    off = replace(ATTRIBUTES["race"], labels=("secret", "other"))
    not_enabled = ClassAttribute(name="glasses", title="Glasses", position=1000, labels=("hidden", "none"))
    attributes = AttributeSet(
        (*(off if one.name == "race" else one for one in ATTRIBUTES), not_enabled), ATTRIBUTES.served - {"race"}
    )
    summary = harness.recorder.start(NewSession(None, source="0", demo=False, attributes=attributes))
    kept = harness.worker.call(harness.store.attributes, summary["id"])
    assert kept is not None
    assert [one.name for one in kept] == ["emotion", "age", "sex", "race", "mask"]
    assert kept["race"].labels == ()
    assert kept.served == {"emotion", "age", "sex", "mask"}
    assert harness.worker.call(harness.store.attributes, 99) is None
