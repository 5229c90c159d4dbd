"""Memory of `analyze` over many pictures."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import psutil

from app.analysis.batch.progress import Progress
from app.analysis.batch.run import BatchOptions, run_batch
from app.settings import Settings

# Share of the pictures after which memory counts as settled.
SETTLED_SHARE = 0.1
# To look for the processes takes a few milliseconds, much beside a picture.
SAMPLE_PERIOD_S = 0.2


def memory_mb(names: Sequence[str], folder: Path) -> tuple[float, float]:
    """Memory of this process and two workers: the most in the first tenth of the pictures, and the most after it."""
    process = psutil.Process()
    settled: list[float] = [0.0]
    later: list[float] = [0.0]
    next_s = 0.0

    def measure(progress: Progress) -> None:
        nonlocal next_s
        if time.monotonic() < next_s:
            return
        next_s = time.monotonic() + SAMPLE_PERIOD_S
        used = sum(one.memory_info().rss for one in [process, *process.children()]) / 1e6
        (settled if progress.done <= SETTLED_SHARE * progress.total else later).append(used)

    run_batch(names, folder / "memory.jsonl", Settings(), BatchOptions(workers=2), on_progress=measure)
    return max(settled), max(later)
