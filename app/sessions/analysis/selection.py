"""The one filter of a session's figures, and what it selects: spans of time and the tracks of people in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, func, select

from app.errors import InvalidRequest, UnknownItem
from app.sessions.database.schema import OBSERVATIONS, SEGMENTS
from app.sessions.edits.markers import Marker, find_marker, select_markers
from app.sessions.edits.segments import Segment, select_names, select_segments
from app.sessions.rows.records import SessionHeader, to_seconds

Span = tuple[int, int]
# After the end of any session: 3,000 years.
NEVER_MS = 100_000_000_000_000 // 60_000 * 60_000


@dataclass(frozen=True, slots=True)
class Filter:
    """What figures are about.

    Attributes:
        people: Numbers of people; None for all.
        start_ms: Start of the time, in milliseconds since the session started.
        end_ms: Its end, which it does not include; None for the end of the session.
        markers: Ids of markers with an end: the time is limited to their spans.
        with_excluded: Whether excluded spans count too.
    """

    people: Sequence[int] | None = None
    start_ms: int = 0
    end_ms: int | None = None
    markers: Sequence[int] = ()
    with_excluded: bool = False


EVERYTHING = Filter(with_excluded=True)


@dataclass(frozen=True, slots=True)
class Selection:
    """What a filter selects from a session.

    Attributes:
        spans: Times in milliseconds, in order and apart from each other.
        segments: Those of the selected people.
        names: Names of all people of the session who have one.
        end_ms: End of the session.
    """

    header: SessionHeader
    spans: Sequence[Span]
    segments: Sequence[Segment]
    names: dict[int, str]
    markers: Sequence[Marker] = field(default_factory=tuple)
    end_ms: int = 0

    @property
    def duration_ms(self) -> int:
        """Length of the spans."""
        return sum(end - start for start, end in self.spans)

    def ranges(self) -> Iterator[tuple[int, int, int, int]]:
        """Person, track, start and end in milliseconds of what is selected."""
        for segment in self.segments:
            for start_ms, end_ms in self.spans:
                start = max(start_ms, segment.start_ms)
                # After the end of the session lies nothing, and whole intervals are summed up already.
                end = NEVER_MS if end_ms >= self.end_ms else end_ms
                end = end if segment.end_ms is None else min(end, segment.end_ms)
                if start < end and segment.person_id is not None:
                    yield segment.person_id, segment.track_id, start, end


def select_by(connection: Connection, header: SessionHeader, chosen: Filter, now: datetime) -> Selection:
    """What a filter selects.

    Raises:
        InvalidRequest: the span is reversed, lies outside the session, or a marker has no span.
        UnknownItem: there is no such person or marker.
    """
    markers, segments = select_markers(connection, header.id), select_segments(connection, header.id)
    end_ms = max(session_end_ms(header, now), _rows_end_ms(connection, header))
    spans = [_time_span(chosen, end_ms)]
    if chosen.markers:
        spans = intersect(spans, unite([_marker_span(markers, one) for one in chosen.markers]))
    if not chosen.with_excluded:
        excluded = [(one.start_ms, one.end_ms) for one in markers if one.excluded and one.end_ms is not None]
        spans = subtract(spans, unite(excluded))
    people = {one.person_id for one in segments if one.person_id is not None}
    unknown = next((one for one in chosen.people or () if one not in people), None)
    if unknown is not None:
        raise UnknownItem(f"there is no person {unknown} in session {header.id}; reload the page")
    wanted = people if chosen.people is None else set(chosen.people)
    names = select_names(connection, header.id)
    kept = [one for one in segments if one.person_id in wanted]
    return Selection(header, spans, kept, names, markers, end_ms)


def session_end_ms(header: SessionHeader, now: datetime) -> int:
    """The end of a session with the row that its end cuts off, in milliseconds."""
    row_ms = 1000 / header.rate
    return round(-(-header.duration_ms(now) // row_ms) * row_ms)


def _rows_end_ms(connection: Connection, header: SessionHeader) -> int:
    """The end of the last row: a session that was interrupted ends where it begins."""
    rows = OBSERVATIONS.c
    last_of_track = select(func.max(rows.time_ms)).where(
        rows.session_id == SEGMENTS.c.session_id, rows.track_id == SEGMENTS.c.track_id
    )
    query = select(func.max(last_of_track.scalar_subquery())).where(SEGMENTS.c.session_id == header.id)
    last_ms = connection.execute(query).scalar()
    return 0 if last_ms is None else last_ms + round(1000 / header.rate)


def unite(spans: Sequence[Span]) -> list[Span]:
    """The union of spans, in order and apart from each other."""
    united: list[Span] = []
    for start, end in sorted(spans):
        if united and start <= united[-1][1]:
            united[-1] = (united[-1][0], max(end, united[-1][1]))
        else:
            united.append((start, end))
    return united


def intersect(first: Sequence[Span], second: Sequence[Span]) -> list[Span]:
    """What both have; each in order and apart."""
    common = ((max(a[0], b[0]), min(a[1], b[1])) for a in first for b in second)
    return [(start, end) for start, end in common if start < end]


def subtract(spans: Sequence[Span], removed: Sequence[Span]) -> list[Span]:
    """The spans without what is removed; each in order and apart."""
    left = list(spans)
    for start, end in removed:
        pieces = (piece for a, b in left for piece in ((a, min(b, start)), (max(a, end), b)))
        left = [(a, b) for a, b in pieces if a < b]
    return left


def _time_span(chosen: Filter, last_ms: int) -> Span:
    end_ms = last_ms if chosen.end_ms is None else min(chosen.end_ms, last_ms)
    if chosen.end_ms is not None and chosen.end_ms <= chosen.start_ms:
        times = f"{to_seconds(chosen.start_ms):g} to {to_seconds(chosen.end_ms):g} s"
        raise InvalidRequest(f"the span is reversed or empty ({times}); exchange its ends")
    if chosen.start_ms and chosen.start_ms >= last_ms:
        start, last = to_seconds(chosen.start_ms), to_seconds(last_ms)
        raise InvalidRequest(f"the span begins at {start:g} s, after the end of the session at {last:g} s; move it")
    return chosen.start_ms, end_ms


def _marker_span(markers: Sequence[Marker], marker_id: int) -> Span:
    marker = find_marker(markers, marker_id)
    if marker.end_ms is None:
        raise InvalidRequest(f"marker {marker.name!r} is a point; give it an end to select its span")
    return marker.start_ms, marker.end_ms
