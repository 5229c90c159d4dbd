"""Rows and gaps of a session as JSON, for the way to the recorder and back into the same objects."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from app.attributes.estimate import estimate_from_wire, estimate_to_wire
from app.domain import Box
from app.sessions.rows.records import Gap, Observation, SessionEntry


def pack_entries(entries: Sequence[SessionEntry]) -> bytes:
    """Serialize entries."""
    return json.dumps([_to_list(entry) for entry in entries], separators=(",", ":")).encode()


def unpack_entries(packed: bytes) -> list[SessionEntry]:
    """The entries that `pack_entries` serialized.

    Raises:
        ValueError, TypeError: they are malformed.
    """
    return [_from_list(values) for values in json.loads(packed)]


def _to_list(entry: SessionEntry) -> list[Any]:
    if isinstance(entry, Gap):
        return [entry.start_s, entry.end_s]
    box = entry.box
    estimates = {name: estimate_to_wire(estimate) for name, estimate in entry.estimates.items()}
    packed_box = [box.x1, box.y1, box.x2, box.y2] if box else None
    return [entry.track_id, entry.time_ms, entry.frames, estimates, entry.duration_ms, entry.score, packed_box]


def _from_list(values: Sequence[Any]) -> SessionEntry:
    if len(values) == 2:
        return Gap(*values)
    track_id, time_ms, frames, packed, duration_ms, score, box = values
    estimates = {name: estimate_from_wire(fields) for name, fields in packed.items()}
    return Observation(track_id, time_ms, frames, estimates, duration_ms, score, Box(*box) if box else None)
