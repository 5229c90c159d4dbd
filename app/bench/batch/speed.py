"""Speed of `analyze` with worker processes, beside a plain loop and single calls."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.analysis import Analyzer, analyze
from app.analysis.batch.run import BatchOptions, run_batch
from app.settings import Settings

WORKERS = (1, 2)
# Single calls load all models each time.
SINGLE_CALLS = 10


@dataclass(frozen=True, slots=True)
class Cost:
    """What pictures cost.

    Attributes:
        per_s: Pictures per second.
        cpu_ms: Processor time of a picture in milliseconds, over all processes; other programs hardly change it.
    """

    per_s: float
    cpu_ms: float


def costs(names: Sequence[str], folder: Path) -> Iterator[tuple[str, Cost]]:
    """Name and cost of each way, including the start of processes and the loading of models."""
    yield "one call a picture, models loaded each time", _measure(names[:SINGLE_CALLS], _single_calls)
    yield "one process, plain loop", _measure(names, _plain_loop)
    for workers in WORKERS:

        def batch(given: Sequence[str], workers: int = workers) -> None:
            run_batch(given, folder / f"{workers}.jsonl", Settings(), BatchOptions(workers=workers))

        yield f"--out with {workers} worker{'s' if workers > 1 else ''}", _measure(names, batch)


def _measure(names: Sequence[str], work: Callable[[Sequence[str]], None]) -> Cost:
    started_s, started_cpu_s = time.perf_counter(), _cpu_s()
    work(names)
    elapsed_s, cpu_s = time.perf_counter() - started_s, _cpu_s() - started_cpu_s
    return Cost(len(names) / elapsed_s, 1000 * cpu_s / len(names))


def _cpu_s() -> float:
    """Processor time of this process and of those that it has waited for."""
    return sum(os.times()[:4])


def _single_calls(names: Sequence[str]) -> None:
    for name in names:
        analyze(name)


def _plain_loop(names: Sequence[str]) -> None:
    analyzer = Analyzer(Settings())
    for name in names:
        analyzer(name)
