"""What a part that was away cost the sessions that ran meanwhile."""

from __future__ import annotations

from dataclasses import dataclass

from tests.cluster.parts import Cluster
from tests.cluster.test_sessions import gaps_of, missing_seconds


@dataclass
class Session:
    """A running session; `started_s` is on the clock `time.monotonic`."""

    camera: str
    id: int
    started_s: float


@dataclass
class Fault:
    """What was done to a part, from when to when, and what was still wrong then."""

    title: str
    start_s: float
    end_s: float
    problem: str | None


def lost_seconds(cluster: Cluster, session: Session, fault: Fault) -> list[int]:
    """Seconds of a session without rows, while a part was away, that no gap tells of."""
    gaps = gaps_of(cluster, session.id)
    missing = [second for second in missing_seconds(cluster, session.id) if second in fault_seconds(session, fault)]
    return [second for second in missing if not any(start <= second < end for start, end in gaps)]


def gap_seconds(cluster: Cluster, session: Session, fault: Fault) -> int:
    """Seconds that gaps tell of, while a part was away."""
    seconds = fault_seconds(session, fault)
    return sum(second in seconds for start, end in gaps_of(cluster, session.id) for second in range(start, end))


def fault_seconds(session: Session, fault: Fault) -> range:
    """The seconds of a session in which a part was away; one before, since a killed camera takes it along."""
    return range(int(fault.start_s - session.started_s) - 1, int(fault.end_s - session.started_s) + 1)


def is_a_row_there_twice(cluster: Cluster, session: Session) -> bool:
    """Whether the database has a row of this session a second time."""
    ((rows, keys),) = cluster.query(
        "SELECT count(*), (SELECT count(*) FROM (SELECT DISTINCT track_id, time_ms FROM observations "
        "WHERE session_id = :id) AS keys) FROM observations WHERE session_id = :id", id=session.id,
    )  # fmt: skip
    return bool(rows != keys)
