"""What web nodes ask of a camera: views to draw, and the numbers of its frames. Each lease ends unless it is renewed.

Both sides reckon by Redis' clock, so that those of their computers may differ.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from redis import Redis

from app.cluster.connection import now_s
from app.cluster.keys import NUMBERS, VIEW_PREFIX, CameraKeys

# A lease outlives two renewals that are late.
LEASE_S = 3.0
# Time after which a camera that nobody asks for forgets old leases by itself.
KEPT_MS = 60_000
# Distinct views that a camera draws, as many as one server does (`frame_broadcaster.MAX_VIEWS`).
MAX_VIEWS = 16


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for; `views` are keys of `ViewOptions`."""

    views: Sequence[str] = ()
    numbers: bool = False

    @property
    def is_any(self) -> bool:
        """Whether anything is asked for."""
        return bool(self.views) or self.numbers


def add_leases(pipeline: Any, keys: CameraKeys, wanted: Wanted, redis_now_s: float) -> None:
    """Add the renewal of leases to a pipeline."""
    members = [*(VIEW_PREFIX + view for view in wanted.views), *([NUMBERS] if wanted.numbers else [])]
    if members:
        # GT: never shorten the lease of another node.
        pipeline.zadd(keys.leases, dict.fromkeys(members, redis_now_s + LEASE_S), gt=True)
        pipeline.pexpire(keys.leases, KEPT_MS)


def read_leases(redis: Redis, keys: CameraKeys, drawn: Sequence[str]) -> Wanted:
    """What is asked for now. Of too many views those that are drawn already keep their place.

    Args:
        drawn: The views that the camera draws.
    """
    redis_now_s = now_s(redis)
    with redis.pipeline(transaction=False) as pipeline:
        pipeline.zremrangebyscore(keys.leases, "-inf", redis_now_s)
        pipeline.zrange(keys.leases, 0, -1)
        members = [member.decode() for member in pipeline.execute()[1]]
    views = sorted(member.removeprefix(VIEW_PREFIX) for member in members if member.startswith(VIEW_PREFIX))
    kept = [view for view in views if view in drawn]
    others = [view for view in views if view not in drawn]
    return Wanted(sorted([*kept, *others][:MAX_VIEWS]), NUMBERS in members)
