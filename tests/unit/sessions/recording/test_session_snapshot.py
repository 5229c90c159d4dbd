"""Another process goes on with a session: same totals, a gap for the time between, new numbers for new tracks."""

import json

from app.attributes.attribute_set import AttributeSet
from app.sessions.recording.session_accumulator import SessionAccumulator
from app.sessions.recording.session_snapshot import from_snapshot, take_snapshot
from app.sessions.rows.records import Gap, Observation
from tests.support.fakes import make_face


def test_a_session_goes_on_in_another_process():
    summary = {"id": 3, "name": "Session 3", "rate": 1}
    first = SessionAccumulator(summary, AttributeSet(), started_at_s=10.0)
    for second in range(3):
        first.add([make_face(1), make_face(7, "sad")])
        first.advance(second + 1, 30.0)
    snapshot = json.loads(json.dumps(take_snapshot(first)))
    second = from_snapshot(snapshot, started_at_s=1000.0)
    expected = first.live_totals(10.0)
    assert second.live_totals(1000.0) == expected
    assert second.advance(second.interval_at(1009.5), 30.0) == [Gap(4, 9)]
    second.add([make_face(1)])
    (row,) = second.advance(10, 30.0)
    assert isinstance(row, Observation)
    assert row.track_id == 3, "another face than tracks 1 and 2, which nobody followed meanwhile"
    assert second.live_totals(1000.0)["persons"] == 3
