"""The cameras that have told Redis of themselves: a web node adds them when they appear, and renews its leases."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from redis import Redis

from app.cluster.connection import RedisLoop, now_s
from app.cluster.keys import CAMERAS, TOKEN, CameraKeys
from app.cluster.node.redis_link import RedisLink

# Also the interval at which leases are renewed, a third of their length.
INTERVAL_S = 1.0
# A camera that gives no sign of life stays on the wall for so long, since it mostly comes back.
FORGET_AFTER_S = 600.0
# Without an answer of Redis for so long, a web node is not ready.
MAX_SILENCE_S = 5.0

log = logging.getLogger(__name__)


class CameraDirectory:
    """Looks for cameras until it is closed.

    Args:
        add: Called with the link to a new camera, and whether the camera hides faces.
        remove: Called with the name of one that is forgotten, or that will be added anew.
        token: That of all web nodes, for those that start after Redis has lost it.
        clock: Monotonic time in seconds.
    """

    def __init__(
        self,
        redis: Redis,
        add: Callable[[RedisLink, bool], None],
        remove: Callable[[str], None],
        *,
        token: str | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._redis, self._add, self._remove, self._token, self._clock = redis, add, remove, token, clock
        self._closing = threading.Event()
        self._links: dict[str, RedisLink] = {}
        self._blur: dict[str, bool] = {}
        self._answered_at_s = clock() - MAX_SILENCE_S

    def run(self) -> None:
        """Look for cameras until closed."""
        RedisLoop("cameras", self._closing).run(self._step)

    def close(self) -> None:
        """End `run`."""
        self._closing.set()

    @property
    def is_ready(self) -> bool:
        """Whether Redis answers."""
        return self._clock() - self._answered_at_s < MAX_SILENCE_S

    def look(self) -> None:
        """Add cameras that have appeared, remove those that are gone, and renew all leases.

        Raises:
            RedisError: Redis does not answer.
        """
        redis_now_s = now_s(self._redis)
        with self._redis.pipeline(transaction=False) as pipeline:
            for link in self._links.values():
                link.renew(pipeline, redis_now_s)
            if self._token:
                pipeline.set(TOKEN, self._token, nx=True)
            pipeline.zremrangebyscore(CAMERAS, "-inf", redis_now_s - FORGET_AFTER_S)
            pipeline.zrange(CAMERAS, 0, -1)
            names = sorted(name.decode() for name in pipeline.execute()[-1])
        found: Any = self._redis.mget([CameraKeys(name).state for name in names]) if names else []
        for name, state in zip(names, found, strict=True):
            if state is not None:
                self._note(name, bool(json.loads(state)["blur"]))
        self._forget(names)
        self._answered_at_s = self._clock()

    def _step(self) -> None:
        self.look()
        self._closing.wait(INTERVAL_S)

    def _note(self, name: str, blur: bool) -> None:
        """Add a camera that is new, or that hides faces other than before."""
        if name in self._links and self._blur[name] != blur:
            self._drop(name)
        if name not in self._links:
            self._links[name], self._blur[name] = RedisLink(self._redis, name), blur
            log.info("camera %s: connected", name)
            self._add(self._links[name], blur)

    def _forget(self, listed: Sequence[str]) -> None:
        unlisted = self._links.keys() - set(listed)
        for name in [name for name in unlisted if self._is_gone(self._links[name])]:
            log.info("camera %s: gave no sign of life for %g s", name, FORGET_AFTER_S)
            self._drop(name)

    def _is_gone(self, link: RedisLink) -> bool:
        return self._clock() - link.alive_at_s > FORGET_AFTER_S

    def _drop(self, name: str) -> None:
        self._links.pop(name).close()
        self._remove(name)
