"""A running session as JSON values, from which another process goes on with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from app.attributes.stored_attribute import attributes_from_text, attributes_to_text
from app.sessions.recording.session_accumulator import SessionAccumulator


def take_snapshot(session: SessionAccumulator) -> dict[str, Any]:
    """The session without the rows of its current interval."""
    return {
        "summary": dict(session.summary),
        "attributes": attributes_to_text(session.attributes),
        "interval": session.interval,
        "next_track": session.next_track,
        "dominant_ms": dict(session.dominant_ms),
        "probability_sums": dict(session.probability_sums),
        "probability_rows": session.probability_rows,
        "label_ms": {name: dict(times) for name, times in session.label_ms.items()},
    }


def from_snapshot(snapshot: Mapping[str, Any], started_at_s: float) -> SessionAccumulator:
    """The session of `take_snapshot`. Faces get numbers above those that were given before.

    Args:
        started_at_s: When the session started, on the recorder's clock.
    Raises:
        KeyError, TypeError, ValueError: the snapshot is damaged.
    """
    session = SessionAccumulator(
        dict(snapshot["summary"]),
        attributes_from_text(snapshot["attributes"]),
        started_at_s,
        interval=snapshot["interval"],
        first_track=snapshot["next_track"],
        dominant_ms=Counter(snapshot["dominant_ms"]),
        probability_sums=dict(snapshot["probability_sums"]),
        probability_rows=snapshot["probability_rows"],
    )
    session.label_ms |= {name: Counter(times) for name, times in snapshot["label_ms"].items()}
    return session
