"""Rows are kept until a recorder has confirmed them, and sent again if Redis has lost them."""

from typing import Any

import pytest

from app.cluster import row_outbox
from app.cluster.row_outbox import CHECK_AFTER_S, LATE_AFTER_S, RowOutbox
from app.sessions.rows.records import Gap
from tests.support.fakes import FakeClock


class FakeStream:
    """The stream of rows, as the outbox uses it."""

    def __init__(self) -> None:
        self.entries: dict[bytes, dict[str, Any]] = {}
        self._replies: list[Any] = []

    def pipeline(self, transaction: bool) -> "FakeStream":
        return self

    def __enter__(self) -> "FakeStream":
        self._replies = []
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def xadd(self, _key: str, fields: dict[str, Any]) -> None:
        id = f"{len(self.entries) + 1}-0".encode()
        self.entries[id] = fields
        self._replies.append(id)

    def xrange(self, _key: str, low: bytes, _high: bytes) -> None:
        self._replies.append([(low, self.entries[low])] if low in self.entries else [])

    def execute(self) -> list[Any]:
        return self._replies


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def outbox(clock: FakeClock) -> RowOutbox:
    return RowOutbox("lobby", clock)


def send(outbox: RowOutbox, stream: FakeStream) -> list[str]:
    """Send what is unsent; returns the ids of the batches."""
    batches = outbox.unsent()
    with stream.pipeline(transaction=True) as pipeline:
        outbox.add_to(pipeline, batches)
        outbox.mark_sent(batches, pipeline.execute())
    return [batch.id for batch in batches]


def test_a_batch_is_sent_once_and_forgotten_when_it_is_saved(outbox: RowOutbox, clock: FakeClock):
    stream = FakeStream()
    outbox.add(5, [Gap(1, 4)])
    (batch,) = send(outbox, stream)
    assert [(entry["camera"], entry["session"]) for entry in stream.entries.values()] == [("lobby", 5)]
    assert send(outbox, stream) == []
    assert not outbox.wait_until_saved(0)
    outbox.confirm(batch)
    outbox.confirm(batch)
    assert outbox.wait_until_saved(0)


def test_a_batch_that_redis_has_lost_is_sent_again(outbox: RowOutbox, clock: FakeClock):
    stream = FakeStream()
    outbox.add(5, [Gap(1, 4)])
    (batch,) = send(outbox, stream)
    clock.now_s += CHECK_AFTER_S
    outbox.resend_lost(stream)
    assert not outbox.has_unsent, "it waits for its recorder"
    stream.entries.clear()
    clock.now_s += CHECK_AFTER_S
    outbox.resend_lost(stream)
    assert send(outbox, stream) == [batch]


def test_the_problem_is_told_when_rows_wait_for_long(outbox: RowOutbox, clock: FakeClock):
    outbox.add(5, [Gap(1, 4)])
    assert outbox.problem is None
    clock.now_s += LATE_AFTER_S
    assert outbox.problem is not None
    assert "Redis does not answer" in outbox.problem
    send(outbox, FakeStream())
    assert "no recorder saves them" in outbox.problem


def test_memory_is_bounded_and_a_loss_is_logged(
    outbox: RowOutbox, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    monkeypatch.setattr(row_outbox, "MAX_BATCHES", 2)
    for second in range(3):
        outbox.add(5, [Gap(second, second + 1)])
    assert len(outbox.unsent()) == 2
    assert "a second of rows is lost" in caplog.text
