"""Speed and memory of `analyze` over many pictures, beside a plain loop and single calls: `make bench-batch`."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
import psutil
from PIL import Image

from app.analysis import Analyzer, analyze
from app.analysis.batch.progress import Progress
from app.analysis.batch.run import BatchOptions, run_batch
from app.paths import ASSETS
from app.settings import Settings

# Of one portrait: faces of 40 to 90 px, upright and tilted.
SIDES_PX = (160, 240, 320)
TILTS_DEGREES = (-15, -8, 0, 8, 15)
JPEG_QUALITY = 90
WORKERS = (1, 2)
# Single calls load all models each time.
SINGLE_CALLS = 10
# Share of the pictures after which memory counts as settled.
SETTLED_SHARE = 0.1


@click.command()
@click.option("--pictures", default=300, show_default=True, help="Pictures of each measurement of speed.")
@click.option("--memory-pictures", default=20_000, show_default=True, help="Pictures of the measurement of memory.")
def main(pictures: int, memory_pictures: int) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        names = make_pictures(Path(folder), max(pictures, memory_pictures))
        for name, cost in costs(names[:pictures], Path(folder)):
            click.echo(f"{name:<44} {cost.per_s:7.1f} pictures/s {cost.cpu_ms:6.0f} ms of a core each")
        early, late = memory_mb(names[:memory_pictures], Path(folder))
        click.echo(
            f"memory over {memory_pictures:,} pictures, 2 workers: {early:.0f} MB after a tenth, {late:.0f} MB at most "
            f"later ({late / early - 1:+.1%})"
        )


def make_pictures(folder: Path, count: int) -> list[str]:
    """Paths of so many pictures; equal ones are links."""
    portrait = Image.open(ASSETS / "portraits" / "eileen_collins.png").convert("RGB")
    originals = []
    for side in SIDES_PX:
        for tilt in TILTS_DEGREES:
            path = folder / f"original-{side}-{tilt}.jpg"
            portrait.resize((side, side)).rotate(tilt).save(path, quality=JPEG_QUALITY)
            originals.append(path)
    names = [folder / f"{number:07}.jpg" for number in range(count)]
    for number, name in enumerate(names):
        name.hardlink_to(originals[number % len(originals)])
    return [str(name) for name in names]


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


def memory_mb(names: Sequence[str], folder: Path) -> tuple[float, float]:
    """Memory of all processes when it has settled, and the most after that."""
    process = psutil.Process()
    settled: list[float] = []
    later: list[float] = []

    def measure(progress: Progress) -> None:
        used = sum(one.memory_info().rss for one in [process, *process.children()]) / 1e6
        (settled if progress.done <= SETTLED_SHARE * progress.total else later).append(used)

    run_batch(names, folder / "memory.jsonl", Settings(), BatchOptions(workers=2), on_progress=measure)
    return max(settled), max(later)


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


if __name__ == "__main__":
    main()
