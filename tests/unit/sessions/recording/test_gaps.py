"""Seconds without frames are gaps of the session, whatever the frame rate and the clock."""

from __future__ import annotations

from dataclasses import replace

from tests.support.fakes import make_face, make_result
from tests.support.recording.recorder_harness import RecorderHarness


def saved_gaps(harness: RecorderHarness, session_id: int) -> list[tuple[int, int]]:
    detail = harness.worker.call(harness.store.detail, session_id)
    return [(gap["start_s"], gap["end_s"]) for gap in detail["gaps"]]


def test_seconds_without_frames_are_a_gap(harness: RecorderHarness):
    session_id = harness.start()
    for _ in range(15):
        harness.add_frame(make_face())
    harness.now_s += 10
    harness.add_frame()
    harness.recorder.stop()
    assert saved_gaps(harness, session_id) == [(2, 11)]
    assert [record.time_ms // 1000 for record in harness.records(session_id)] == [0, 1]


def test_a_gap_may_be_at_the_start_at_the_end_or_the_whole_session(harness: RecorderHarness):
    session_id = harness.start()
    harness.now_s += 5
    harness.add_frame(make_face())
    harness.now_s += 20
    harness.recorder.stop()
    assert saved_gaps(harness, session_id) == [(0, 5), (6, 25)]
    empty = harness.start()
    harness.now_s += 60
    harness.recorder.stop()
    assert saved_gaps(harness, empty) == [(0, 60)]


def test_the_frame_rate_that_a_gap_lowers_does_not_hide_it(harness: RecorderHarness):
    session_id = harness.start()
    harness.add_frame(make_face())
    harness.now_s += 6
    harness.recorder.add(replace(make_result(1, [make_face()]), fps=1 / 6, read_at_s=harness.now_s))
    harness.recorder.stop()
    assert saved_gaps(harness, session_id) == [(1, 6)]


def test_a_frame_that_was_held_up_by_a_pause_does_not_hide_it(harness: RecorderHarness):
    session_id = harness.start()
    harness.add_frame(make_face())
    harness.recorder.add(replace(make_result(1, [make_face()]), fps=1 / 6, read_at_s=harness.now_s))
    harness.now_s += 6
    harness.add_frame(make_face())
    harness.recorder.stop()
    assert saved_gaps(harness, session_id) == [(1, 6)]


def test_a_slow_source_has_no_gaps_between_its_frames(harness: RecorderHarness):
    for _ in range(2):
        harness.recorder.add(replace(make_result(0), fps=0.25, read_at_s=harness.now_s))
    session_id = harness.start()
    for index in range(4):
        harness.recorder.add(replace(make_result(index, [make_face()]), fps=0.25, read_at_s=harness.now_s))
        harness.now_s += 4
    harness.recorder.stop()
    assert saved_gaps(harness, session_id) == []
    assert [record.time_ms // 1000 for record in harness.records(session_id)] == [0, 4, 8, 12]


def test_a_clock_that_jumps_ahead_makes_a_gap_and_one_that_jumps_back_none(harness: RecorderHarness):
    session_id = harness.start()
    harness.add_frame(make_face())
    harness.now_s += 3600
    harness.add_frame(make_face())
    harness.now_s -= 3600
    harness.add_frame(make_face())
    live = harness.recorder.live_totals()
    assert live is not None
    assert live["elapsed_s"] >= 0
    harness.now_s -= 7200
    assert harness.recorder.stop()["duration_s"] >= 0
    assert saved_gaps(harness, session_id) == [(1, 3600)]
    assert [record.time_ms // 1000 for record in harness.records(session_id)] == [0, 3600]
