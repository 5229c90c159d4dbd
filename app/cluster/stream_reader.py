"""Read the new entries of streams in order, from the moment at which reading starts."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from typing import Any

from redis import Redis

from app.wire import Message, unpack_message

# Before the first entry of a stream.
START = b"0-0"


class StreamReader:
    """Remembers the last entry of each stream that was read. Not safe for threads."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._last: dict[str, bytes] = {}

    def start(self, key: str) -> None:
        """Read what is added from now on."""
        newest: Any = self._redis.xrevrange(key, count=1)
        self._last[key] = newest[0][0] if newest else START

    def entries(self, keys: Sequence[str], timeout_s: float) -> dict[str, list[dict[bytes, bytes]]]:
        """The fields of new entries by stream; waits for the first one, and returns nothing on timeout."""
        for key in keys:
            if key not in self._last:
                self.start(key)
        after: Any = {key: self._last[key] for key in keys}
        found: Any = self._redis.xread(after, block=max(1, round(1000 * timeout_s)))
        by_key = {}
        for name, entries in found or ():
            key = name.decode()
            self._last[key] = entries[-1][0]
            by_key[key] = [fields for _, fields in entries]
        return by_key

    def read(self, keys: Sequence[str], timeout_s: float) -> Iterator[Message]:
        """The messages (`m`) of new entries; damaged ones are left out."""
        for entries in self.entries(keys, timeout_s).values():
            yield from messages_of(entries)


def messages_of(entries: Sequence[dict[bytes, bytes]]) -> Iterator[Message]:
    """The messages (`m`) of entries; damaged ones are left out."""
    for fields in entries:
        try:
            yield unpack_message(fields[b"m"])
        except (KeyError, ValueError, struct.error):
            continue
