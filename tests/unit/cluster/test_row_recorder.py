"""The recorder confirms a row after it was saved, keeps what it cannot save, and drops what nobody can."""

from __future__ import annotations

from typing import Any

import pytest

from app.attributes.attribute_set import AttributeSet
from app.cluster import row_recorder
from app.cluster.keys import CameraKeys
from app.cluster.row_messages import pack_entries
from app.cluster.row_recorder import RowRecorder
from app.errors import SessionError
from app.sessions.rows.records import Gap, SessionEntry
from app.wire import unpack_message
from tests.support.fakes import FakeClock


class FakeRedis:
    """A stream of rows with one group, and what was confirmed.

    Attributes:
        entries: Those that nobody has read yet.
        left: Those that another recorder has read.
        acknowledged: The ids that were taken from the group.
        told: The camera and batch of each confirmation, in order.
    """

    def __init__(self, *entries: tuple[bytes, dict[bytes, bytes]]) -> None:
        self.entries, self.left = list(entries), list[Any]()
        self.acknowledged, self.told = list[bytes](), list[tuple[str, str]]()

    def xreadgroup(self, *_: Any, **__: Any) -> list[Any]:
        read, self.entries = self.entries, []
        self.left += read
        return [[b"rows", read]] if read else []

    def xautoclaim(self, *_: Any, **__: Any) -> list[Any]:
        return [b"0-0", self.left, []]

    def xinfo_consumers(self, *_: Any) -> list[Any]:
        return []

    def pipeline(self, transaction: bool) -> FakeRedis:
        return self

    def __enter__(self) -> FakeRedis:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def xack(self, _key: str, _group: str, *ids: bytes) -> None:
        self.acknowledged += ids

    def xdel(self, _key: str, *ids: bytes) -> None:
        self.left = [entry for entry in self.left if entry[0] not in ids]

    def xadd(self, key: str, fields: dict[str, bytes], **_: Any) -> None:
        camera = next(name for name in ("lobby", "door") if CameraKeys(name).commands == key)
        message = unpack_message(fields["m"])
        assert message.type == "saved"
        self.told.append((camera, message.body["batch"]))

    def pexpire(self, *_: Any) -> None:
        pass

    def execute(self) -> None:
        pass


class FakeStore:
    """Saves the rows of some sessions; `error` is raised instead."""

    def __init__(self, *sessions: int) -> None:
        self.saved: dict[int, list[SessionEntry]] = {session: [] for session in sessions}
        self.error: str | None = None

    def attributes(self, session_id: int) -> AttributeSet | None:
        if self.error:
            raise SessionError(self.error)
        return AttributeSet() if session_id in self.saved else None

    def add(self, session_id: int, entries: list[SessionEntry]) -> None:
        self.saved[session_id] += entries


def entry(number: int, camera: str, session_id: int, *gaps: Gap) -> tuple[bytes, dict[bytes, bytes]]:
    fields = {b"camera": camera.encode(), b"batch": f"batch {number}".encode(), b"session": str(session_id).encode()}
    return f"{number}-0".encode(), {**fields, b"rows": pack_entries(gaps)}


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(row_recorder, "MAX_PAUSE_S", 0.0)


def recorder(redis: FakeRedis, store: FakeStore) -> tuple[RowRecorder, FakeClock]:
    clock = FakeClock()
    made = RowRecorder(redis, store, clock)  # type: ignore[arg-type]
    clock.now_s -= 1  # so that the first step reads
    return made, clock


def test_rows_are_saved_by_session_and_confirmed_to_their_camera():
    redis = FakeRedis(entry(1, "lobby", 7, Gap(1, 4)), entry(2, "door", 8, Gap(2, 5)), entry(3, "lobby", 7, Gap(6, 9)))
    store = FakeStore(7, 8)
    recorder(redis, store)[0].step()
    assert store.saved == {7: [Gap(1, 4), Gap(6, 9)], 8: [Gap(2, 5)]}
    assert redis.told == [("lobby", "batch 1"), ("lobby", "batch 3"), ("door", "batch 2")]
    assert sorted(redis.acknowledged) == [b"1-0", b"2-0", b"3-0"]
    assert redis.left == []


def test_rows_stay_until_the_database_is_back(caplog: pytest.LogCaptureFixture):
    redis, store = FakeRedis(entry(1, "lobby", 7, Gap(1, 4))), FakeStore(7)
    store.error = "the database is away"
    saving, clock = recorder(redis, store)
    saving.step()
    assert (redis.acknowledged, redis.told) == ([], [])
    assert "rows are kept in Redis until they can be saved: the database is away" in caplog.text
    store.error, clock.now_s = None, clock.now_s + 10
    saving.step()
    assert store.saved == {7: [Gap(1, 4)]}
    assert redis.told == [("lobby", "batch 1")]


def test_what_nobody_can_save_is_dropped_with_one_line(caplog: pytest.LogCaptureFixture):
    damaged = (b"2-0", {b"camera": b"lobby", b"batch": b"b", b"session": b"7", b"rows": b"[[1]]"})
    redis, store = FakeRedis(entry(1, "lobby", 9, Gap(1, 4)), damaged), FakeStore(7)
    recorder(redis, store)[0].step()
    assert store.saved == {7: []}
    assert sorted(redis.acknowledged) == [b"1-0", b"2-0"]
    assert redis.told == [("lobby", "batch 1")], "its camera must not send it again"
    assert "session 9 was deleted" in caplog.text
    assert "malformed entry" in caplog.text
