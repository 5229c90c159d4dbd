"""Make batches while the network computes."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Protocol

DEPTH = 8  # batches that wait


class BatchSource(Protocol):
    """Batches of a training.

    Attributes:
        batch: Pictures in each.
        ready_s: When each was ready, by epoch and index and `time.monotonic`.
    """

    batch: int
    ready_s: dict[tuple[int, int], float]

    def __len__(self) -> int:
        """Batches in an epoch."""

    def made(self, epoch: int, index: int) -> tuple[Any, Any]:
        """One batch: inputs and targets."""


def ahead(batches: BatchSource, first_epoch: int) -> Iterator[tuple[Any, Any]]:
    """The batches of one epoch after the other, without end, made by a thread of their own.

    Keras' own queue starts anew with every epoch, and the reader of the last one often holds that up for 5 s.
    """
    maker = ThreadPoolExecutor(1)
    waiting: deque[Future[tuple[Any, Any]]] = deque()
    for epoch in itertools.count(first_epoch):
        for index in range(len(batches)):
            waiting.append(maker.submit(batches.made, epoch, index))
            if len(waiting) > DEPTH:
                yield waiting.popleft().result()
