"""From results to one record a person and second."""

import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.errors import SessionError
from app.sessions.disk_worker import DiskWorker
from app.sessions.recorder import Recorder
from app.sessions.records import PersonSecond
from app.sessions.store import SessionStore
from tests.support.fakes import LABELS, make_emotion, make_face, make_result, with_mask
from tests.support.web import wait_until


class Bench:
    """A recorder on a real file with a clock that the test moves."""

    def __init__(self, folder: Path) -> None:
        self.now_s = 1000.0
        self.index = 0
        self.store = SessionStore(folder)
        self.worker = DiskWorker()
        self.recorder = Recorder(self.store, self.worker, clock=lambda: self.now_s)

    def start(self) -> int:
        return self.recorder.start("test", source="0", demo=False, labels=LABELS)["id"]

    def see(self, *faces: dict[str, Any], after_s: float = 0.1) -> None:
        self.recorder.add(make_result(self.index, faces))
        self.index += 1
        self.now_s += after_s

    def saved(self, session_id: int, seconds: int) -> dict[str, Any] | None:
        """The session's detail once the file has so many seconds."""
        detail = self.worker.call(self.store.detail, session_id)
        return detail if detail and len(detail["timeline"]) >= seconds else None

    def records(self, session_id: int) -> list[PersonSecond]:
        found = self.worker.call(self.store.records, session_id)
        assert found is not None
        return found[2]


@pytest.fixture
def bench(tmp_path: Path):
    bench = Bench(tmp_path)
    yield bench
    bench.worker.close()


def test_frames_of_a_second_become_one_record_of_means(bench: Bench):
    session_id = bench.start()
    bench.see(make_face(1, "happy", age_years=30, p_female=0.8))
    bench.see(make_face(1, "happy", age_years=40, p_female=0.6))
    bench.see(make_face(1, "sad", age_years=50, p_female=0.7))
    bench.recorder.stop()
    (record,) = bench.records(session_id)
    assert (record.person_id, record.time_s, record.frames) == (1, 0, 3)
    assert record.dominant == "happy"
    assert record.probabilities is not None
    happy = (0.7 + 0.7 + make_emotion("sad")["probabilities"]["happy"]) / 3
    assert record.probabilities[LABELS.index("happy")] == pytest.approx(happy, abs=1e-4)
    assert (record.age_years, record.p_female) == (40.0, 0.7)


def test_each_person_and_second_has_its_own_record(bench: Bench):
    session_id = bench.start()
    for _ in range(25):
        bench.see(make_face(1), make_face(2, "sad"))
    bench.recorder.stop()
    assert [(record.time_s, record.person_id) for record in bench.records(session_id)] == [
        (0, 1), (0, 2), (1, 1), (1, 2), (2, 1), (2, 2),
    ]  # fmt: skip


def test_a_second_is_on_disk_as_soon_as_it_is_over(bench: Bench):
    session_id = bench.start()
    for _ in range(11):
        bench.see(make_face())
    assert [record.time_s for record in bench.records(session_id)] == [0]


def test_faces_without_attributes_are_still_counted(bench: Bench):
    session_id = bench.start()
    bench.see({"id": 4, "box": [0, 0, 1, 1], "score": 0.9})
    summary = bench.recorder.stop()
    assert bench.records(session_id) == [PersonSecond(4, 0, 1)]
    assert summary["dominant"] is None
    assert summary["person_seconds"] == 1


def test_behind_a_mask_seconds_are_unsure_and_have_no_part_in_the_means(bench: Bench):
    session_id = bench.start()
    for step in range(30):
        bench.see(make_face(1) if step < 14 else with_mask(make_face(1)))
    bench.see(after_s=0)
    live = bench.recorder.live_totals()
    assert live is not None
    summary = bench.recorder.stop()
    one, mixed, worn = bench.records(session_id)
    assert (one.dominant, one.mask, one.age_years) == ("happy", "none", 30.0)
    assert (mixed.dominant, mixed.mask, mixed.age_years) == ("unsure", "mask", 30.0)
    assert mixed.probabilities == one.probabilities
    assert (worn.dominant, worn.mask, worn.age_years, worn.probabilities) == ("unsure", "mask", None, None)
    assert summary["histogram"]["unsure"] == live["histogram"]["unsure"] == 2
    assert live["masks"] == {"none": 1, "mask": 2}
    assert live["races"] == {"asian": 1, "unsure": 2}
    assert live["mean"]["happy"] == pytest.approx(0.7)


def test_live_totals_agree_with_the_file(bench: Bench):
    session_id = bench.start()
    for step in range(35):
        bench.see(make_face(1, "happy" if step < 20 else "fear"), make_face(2, "sad"))
    bench.see(after_s=0)
    live = bench.recorder.live_totals()
    assert live is not None
    stored = wait_until(lambda: bench.saved(session_id, seconds=3))
    assert live["histogram"] == stored["session"]["histogram"]
    assert live["mean"] == pytest.approx(stored["mean"], abs=1e-3)
    assert live["persons"] == 2
    assert live["elapsed_s"] == pytest.approx(3.5)


def test_one_session_at_a_time(bench: Bench):
    session_id = bench.start()
    with pytest.raises(SessionError, match=f"session {session_id} is running"):
        bench.start()
    bench.recorder.stop()
    with pytest.raises(SessionError, match="no session is running"):
        bench.recorder.stop()
    assert bench.start() == session_id + 1


def test_many_who_start_at_once_get_one_session(bench: Bench):
    outcomes: list[str] = []

    def try_to_start() -> None:
        try:
            bench.start()
            outcomes.append("started")
        except SessionError:
            outcomes.append("refused")

    threads = [threading.Thread(target=try_to_start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["refused"] * 7 + ["started"]


def test_a_clock_that_stands_still_or_jumps_back_gives_no_negative_second(bench: Bench):
    session_id = bench.start()
    bench.see(make_face(), after_s=-50)
    bench.see(make_face())
    bench.recorder.stop()
    assert [record.time_s for record in bench.records(session_id)] == [0]


def test_a_switch_to_the_demo_is_written_down(bench: Bench):
    session_id = bench.start()
    bench.recorder.note_source(demo=True)
    assert bench.recorder.current is not None
    assert bench.recorder.current["demo"] is True
    stored = bench.worker.call(bench.store.session, session_id)
    assert stored is not None
    assert stored["demo"] is True


def test_records_that_the_disk_refused_are_saved_with_the_next(bench: Bench, monkeypatch: pytest.MonkeyPatch):
    session_id = bench.start()

    def refuse(*_: Any) -> None:
        raise SessionError("the disk is full")

    with monkeypatch.context() as full_disk:
        full_disk.setattr(bench.store, "add", refuse)
        for _ in range(25):
            bench.see(make_face())
        bench.worker.call(lambda: None)
    bench.recorder.stop()
    assert [record.time_s for record in bench.records(session_id)] == [0, 1, 2]


def test_a_session_does_not_end_before_its_last_second_is_saved(bench: Bench, monkeypatch: pytest.MonkeyPatch):
    session_id = bench.start()
    bench.see(make_face())

    def refuse(*_: Any) -> None:
        raise SessionError("the file is locked; try again")

    with monkeypatch.context() as locked:
        locked.setattr(bench.store, "add", refuse)
        with pytest.raises(SessionError, match="locked"):
            bench.recorder.stop()
    bench.worker.call(lambda: None)
    assert bench.recorder.current is not None
    assert bench.recorder.stop()["person_seconds"] == 1
    assert len(bench.records(session_id)) == 1


def test_recording_never_waits_for_the_disk(bench: Bench, monkeypatch: pytest.MonkeyPatch):
    session_id = bench.start()
    disk_answers = threading.Event()
    real_add = bench.store.add
    monkeypatch.setattr(bench.store, "add", lambda *args: (disk_answers.wait(10), real_add(*args)))
    for _ in range(35):
        bench.see(make_face())
    assert not disk_answers.is_set()
    disk_answers.set()
    bench.recorder.stop()
    assert [record.time_s for record in bench.records(session_id)] == [0, 1, 2, 3]


def gaps(bench: Bench, session_id: int) -> list[tuple[int, int]]:
    detail = bench.worker.call(bench.store.detail, session_id)
    assert detail is not None
    return [(gap["start_s"], gap["end_s"]) for gap in detail["gaps"]]


def test_seconds_without_pictures_are_marked_as_a_gap(bench: Bench):
    session_id = bench.start()
    for _ in range(15):
        bench.see(make_face())
    bench.now_s += 10
    bench.see()
    bench.recorder.stop()
    assert gaps(bench, session_id) == [(2, 11)]
    assert [record.time_s for record in bench.records(session_id)] == [0, 1]


def test_a_gap_may_come_first_and_last_and_be_all_there_is(bench: Bench):
    session_id = bench.start()
    bench.now_s += 5
    bench.see(make_face())
    bench.now_s += 20
    bench.recorder.stop()
    assert gaps(bench, session_id) == [(0, 5), (6, 25)]
    empty = bench.start()
    bench.now_s += 60
    bench.recorder.stop()
    assert gaps(bench, empty) == [(0, 60)]


def test_the_rate_that_a_gap_itself_lowers_does_not_hide_it(bench: Bench):
    session_id = bench.start()
    bench.see(make_face())
    bench.now_s += 6
    bench.recorder.add(replace(make_result(1, [make_face()]), fps=1 / 6))
    bench.recorder.stop()
    assert gaps(bench, session_id) == [(1, 6)]


def test_a_slow_source_has_no_gaps_between_its_pictures(bench: Bench):
    bench.recorder.add(replace(make_result(0), fps=0.25))
    session_id = bench.start()
    for index in range(4):
        bench.recorder.add(replace(make_result(index, [make_face()]), fps=0.25))
        bench.now_s += 4
    bench.recorder.stop()
    assert gaps(bench, session_id) == []
    assert [record.time_s for record in bench.records(session_id)] == [0, 4, 8, 12]


def test_a_clock_that_jumps_ahead_is_a_gap_and_one_that_jumps_back_is_nothing(bench: Bench):
    session_id = bench.start()
    bench.see(make_face())
    bench.now_s += 3600
    bench.see(make_face())
    bench.now_s -= 3600
    bench.see(make_face())
    live = bench.recorder.live_totals()
    assert live is not None
    assert live["elapsed_s"] >= 0
    bench.now_s -= 7200
    assert bench.recorder.stop()["duration_s"] >= 0
    assert gaps(bench, session_id) == [(1, 3600)]
    assert [record.time_s for record in bench.records(session_id)] == [0, 3600]


def test_a_start_that_the_disk_answers_too_late_leaves_no_session_behind(tmp_path: Path):
    store, disk_answers = SessionStore(tmp_path), threading.Event()
    worker = DiskWorker(lambda function, *args: (disk_answers.wait(10), function(*args))[1], timeout_s=0.05)
    recorder = Recorder(store, worker)
    for _ in range(2):  # one is begun by then, the other only queued
        with pytest.raises(SessionError, match="did not respond"):
            recorder.start("late", source="0", demo=False, labels=LABELS)
    disk_answers.set()
    worker.set_timeout(5)
    wait_until(lambda: worker.call(store.sessions) == [])
    assert recorder.current is None
    worker.close()


def test_a_disk_that_does_not_answer_is_told_of(bench: Bench, monkeypatch: pytest.MonkeyPatch):
    bench.start()
    disk_answers = threading.Event()
    real_add = bench.store.add
    monkeypatch.setattr(bench.store, "add", lambda *args: (disk_answers.wait(10), real_add(*args)))
    for _ in range(60):
        bench.see(make_face())
    assert bench.recorder.save_problem is not None
    assert "does not respond" in bench.recorder.save_problem
    disk_answers.set()
    wait_until(lambda: bench.recorder.save_problem is None)
