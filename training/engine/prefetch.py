"""Make batches in a background thread while the network computes."""

from __future__ import annotations

import itertools
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from training.tasks.base import Batch, BatchSource

DEPTH = 8  # waiting batches


class Prefetcher:
    """Batches of one epoch after the other, made ahead by a thread.

    Keras' own queue starts anew with every epoch, and the reader of the last one often holds that up for 5 s.

    Attributes:
        ready_s: When each batch was ready (`time.monotonic`), by epoch and index.
    """

    def __init__(self, source: BatchSource) -> None:
        self.source = source
        self.ready_s: dict[tuple[int, int], float] = {}

    def batches(self, first_epoch: int) -> Iterator[Batch]:
        """Endless batches from an epoch on."""
        maker = ThreadPoolExecutor(1)
        waiting: deque[Future[Batch]] = deque()
        for epoch in itertools.count(first_epoch):
            for index in range(len(self.source)):
                waiting.append(maker.submit(self._timed_batch, epoch, index))
                if len(waiting) > DEPTH:
                    yield waiting.popleft().result()

    def _timed_batch(self, epoch: int, index: int) -> Batch:
        batch = self.source.batch_at(epoch, index)
        self.ready_s[epoch, index] = time.monotonic()
        return batch
