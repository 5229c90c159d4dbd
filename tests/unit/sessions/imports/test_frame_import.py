"""Sessions of frames at their own times: rates, rows, gaps, and nothing left after an error."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

import pytest

from app.sessions.analysis.figures import figures
from app.sessions.analysis.selection import EVERYTHING, select_by
from app.sessions.analysis.timeline import timeline
from app.sessions.database import sums
from app.sessions.imports import frame_import
from app.sessions.imports.frame_import import FrameImport, rate_of_frames
from app.sessions.rows.records import Gap
from app.sessions.store import SessionStore
from tests.support.exports.archives import stored_content
from tests.support.fakes import make_face
from tests.support.sessions import START, WallClock, session_attributes

ATTRIBUTES = session_attributes(("angry", "disgust", "fear", "happy", "neutral", "sad", "surprise"))


@pytest.fixture
def store(tmp_path: Path) -> SessionStore:
    return SessionStore(tmp_path, now=WallClock())


def import_times(store: SessionStore, times: Iterable[float], frames_per_s: float, max_rate: float = 10) -> dict:
    rates = {"frames_per_s": frames_per_s, "max_rate": max_rate}
    with FrameImport(store, ATTRIBUTES, source="talk.mp4", **rates) as session:
        for time_s in times:
            session.add(time_s, [make_face(7)])
        return session.finish("Talk")


@pytest.mark.parametrize(
    ("frames_per_s", "max_rate", "rate"), [(30, 10, 10), (30, 1, 1), (7, 10, 5), (1, 10, 1), (0.4, 10, 1 / 3)]
)
def test_every_interval_has_a_frame(store: SessionStore, frames_per_s: float, max_rate: int, rate: float):
    assert rate_of_frames(frames_per_s, max_rate) == rate
    jitter = (0.3, -0.3, 0.1)
    times = [max(0.0, (index + jitter[index % 3]) / frames_per_s) for index in range(round(60 * frames_per_s))]
    summary = import_times(store, times, frames_per_s, max_rate)
    _, rows = store.records(summary["id"])
    interval_ms = round(1000 / rate)
    assert [row.time_ms for row in rows] == list(range(0, rows[-1].time_ms + 1, interval_ms))
    assert {row.duration_ms for row in rows} == {interval_ms}
    assert sum(row.frames for row in rows) == len(times)
    assert summary["rate"] == pytest.approx(rate)
    assert summary["duration_s"] == pytest.approx(60, abs=3)
    assert summary["person_seconds"] == pytest.approx(60, abs=3)


def test_the_session_ends_now_and_its_figures_are_those_of_its_rows(
    store: SessionStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(frame_import, "BATCH_ENTRIES", 5)
    summary = import_times(store, [*(index / 2 for index in range(40)), *(30 + index / 2 for index in range(40))], 2, 1)
    header, rows = store.records(1)
    assert (summary["name"], summary["source"], summary["demo"], summary["persons"]) == ("Talk", "talk.mp4", False, 1)
    assert header.ended_at == START
    assert header.started_at == START - timedelta(seconds=50)
    assert [row.track_id for row in rows] == [1] * 40
    gaps = [(20, 30)]
    assert store.detail(1)["gaps"] == [{"start_s": start, "end_s": end} for start, end in gaps]

    def page(connection, header, now):
        selection = select_by(connection, header, EVERYTHING, now)
        return figures(connection, selection), timeline(connection, selection, [Gap(*gap) for gap in gaps], points=400)

    shown, drawn = store.read(1, page)
    assert (shown["person_seconds"], shown["people"], shown["rows"]) == (40, 1, 40)
    assert drawn["persons"][:20] == [1] * 20
    before = stored_content(tmp_path, 1)["sums"]
    store.edit(1, lambda connection, header, _: sums.rebuild_sums(connection, 1, header.attributes, header.rate))
    assert stored_content(tmp_path, 1)["sums"] == before


def test_an_error_leaves_nothing(store: SessionStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(frame_import, "BATCH_ENTRIES", 1)

    def times():
        yield from range(5)
        assert stored_content(tmp_path, 1)["observations"]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_times(store, times(), 1)
    assert store.sessions() == []
    assert not any(stored_content(tmp_path, 1).values())


def test_a_video_without_faces_is_a_session_too(store: SessionStore):
    with FrameImport(store, ATTRIBUTES, source="empty.mp4", frames_per_s=10, max_rate=1) as session:
        for index in range(30):
            session.add(index / 10, [])
        summary = session.finish("Empty")
    assert (summary["duration_s"], summary["persons"], summary["dominant"]) == (3.0, 0, None)
    assert store.detail(1)["gaps"] == []
