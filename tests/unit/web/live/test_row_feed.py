"""The rows that are kept for other programs: numbered, bounded, the same for all readers."""

from __future__ import annotations

import json
import threading
from itertools import islice

import pytest

from app.web.live.row_feed import MAX_LINES_AT_ONCE, RowFeed, TooManyReaders
from app.web.routes.row_stream import row_lines


def rows(*values: int) -> list[dict[str, int]]:
    return [{"frames": value} for value in values]


def parse(data: bytes) -> list[dict[str, int]]:
    return [json.loads(line) for line in data.splitlines()]


def test_rows_are_numbered_and_read_after_an_id():
    feed = RowFeed(last_id=1000)
    feed.publish(rows(5, 6))
    feed.publish(rows(7))
    lines = feed.wait(1001, 0)
    assert lines is not None
    assert parse(lines.data) == [{"id": 1002, "frames": 6}, {"id": 1003, "frames": 7}]
    assert (lines.last_id, lines.missed) == (1003, 0)
    assert feed.wait(1003, 0.001) is None


def test_a_reader_begins_with_rows_to_come_or_where_it_stopped():
    feed = RowFeed(last_id=1000)
    feed.publish(rows(1, 2, 3))
    assert feed.position(None) == 1003
    assert feed.position(1002) == 1002
    assert feed.position(9999) == 1000, "an id of another clock: all that is kept"
    before_restart = feed.wait(feed.position(17), 0)
    assert before_restart is not None
    assert (len(parse(before_restart.data)), before_restart.missed) == (3, 0)


def test_only_the_newest_rows_are_kept_and_the_missed_ones_are_counted():
    feed = RowFeed(last_id=0, kept_rows=10)
    for number in range(25):
        feed.publish(rows(number))
    stream = row_lines(feed, after=5)
    assert next(stream) == b"\n"
    assert json.loads(next(stream)) == {"missed": 10}
    assert [row["id"] for row in parse(next(stream))] == list(range(16, 26))


def test_rows_of_deleted_sessions_are_forgotten_and_not_missed():
    feed = RowFeed(last_id=0)
    feed.publish(rows(1, 2))
    stream = row_lines(feed, after=0, interval_s=0.001)
    next(stream)
    feed.forget()
    assert next(stream) == b"\n"
    feed.publish(rows(3))
    assert parse(next(stream)) == [{"id": 3, "frames": 3}]
    assert parse(b"".join(islice(row_lines(feed, after=0), 1, 2))) == [{"id": 3, "frames": 3}]


def test_a_reader_that_is_too_slow_is_disconnected():
    feed = RowFeed(last_id=0, kept_rows=10)
    stream = row_lines(feed, after=None)
    next(stream)
    feed.publish(rows(1))
    assert parse(next(stream)) == [{"id": 1, "frames": 1}]
    for number in range(12):  # meanwhile the connection takes nothing
        feed.publish(rows(number))
    assert list(stream) == []


def test_a_reader_that_catches_up_gets_the_rows_in_parts():
    feed = RowFeed(last_id=0)
    feed.publish(rows(*range(MAX_LINES_AT_ONCE + 3)))
    parts = [parse(part) for part in islice(row_lines(feed, after=0), 1, 3)]
    assert [len(part) for part in parts] == [MAX_LINES_AT_ONCE, 3]
    assert [row["id"] for part in parts for row in part] == list(range(1, MAX_LINES_AT_ONCE + 4))


def test_an_empty_line_is_sent_while_there_are_no_rows():
    stream = row_lines(RowFeed(last_id=0), after=None, interval_s=0.001)
    assert list(islice(stream, 3)) == [b"\n"] * 3


def test_readers_are_woken_by_rows_and_by_the_end():
    feed = RowFeed(last_id=0)
    stream = row_lines(feed, after=None, interval_s=30)
    next(stream)
    threading.Timer(0.02, lambda: feed.publish(rows(4))).start()
    assert parse(next(stream)) == [{"id": 1, "frames": 4}]
    threading.Timer(0.02, feed.close).start()
    assert b"".join(stream).strip() == b""


def test_readers_are_limited():
    feed = RowFeed(last_id=0, max_readers=1)
    with feed.reader(), pytest.raises(TooManyReaders, match="1 programs read"), feed.reader():
        pass
    with feed.reader():
        pass
