"""Results of several processes in the order of the pictures."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from app.analysis.pictures import Picture
from app.analysis.pool import Part, ProcessPool
from app.analysis.results import Result
from app.attributes.attribute_set import AttributeSet

# Results that wait for an earlier picture. Beyond it workers pause, so that a slow picture does not fill the memory.
MAX_WAITING_RESULTS = 256
LOST_REASON = "worker ended"


def ordered_results(pool: ProcessPool, pictures: Iterable[Picture], attributes: AttributeSet) -> Iterator[Result]:
    """The results of a pool whose workers give them without attributes. The pool is closed at the end."""
    order = _Order()
    try:
        for event in pool.run(order.number(pictures), order.accepts):
            if isinstance(event, Part):
                order.add(event.task, event.content.with_attributes(attributes))
            else:
                order.finish(event.task, event.lost)
            yield from order.take()
    finally:
        pool.close()


class _Order:
    """Puts results into the order of their pictures."""

    def __init__(self) -> None:
        self._first, self._waiting = 0, 0  # number of the first unfinished picture, results that wait for it
        self._results: deque[list[Result]] = deque()
        self._finished: deque[bool] = deque()
        self._paths: deque[str | None] = deque()

    def number(self, pictures: Iterable[Picture]) -> Iterator[tuple[int, Any]]:
        """Tasks for the pool."""
        for number, picture in enumerate(pictures):
            self._results.append([])
            self._finished.append(False)
            self._paths.append(str(picture) if isinstance(picture, str | Path) else None)
            yield number, picture

    def accepts(self, number: int) -> bool:
        return number == self._first or self._waiting < MAX_WAITING_RESULTS

    def add(self, number: int, result: Result) -> None:
        self._results[number - self._first].append(result)
        self._waiting += 1

    def finish(self, number: int, lost: str | None) -> None:
        self._finished[number - self._first] = True
        if lost is not None:
            self.add(number, lost_result(self._paths[number - self._first], lost))

    def take(self) -> Iterator[Result]:
        """The results that are next; those of the first unfinished picture as they come."""
        while self._results:
            yield from self._take_first()
            if not self._finished[0]:
                return
            for queue in (self._results, self._finished, self._paths):
                queue.popleft()
            self._first += 1

    def _take_first(self) -> Iterator[Result]:
        results, self._results[0] = self._results[0], []
        self._waiting -= len(results)
        yield from results


def lost_result(path: str | None, lost: str) -> Result:
    """The result of a file that was lost with its worker."""
    shown = "a picture" if path is None else repr(path)
    return Result(path, error=f"{shown} was not analysed ({lost}); look at the file, or try again", reason=LOST_REASON)
