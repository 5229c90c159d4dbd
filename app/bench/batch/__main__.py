"""What `make bench-batch` does: measure the parts that are asked for, and print."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from statistics import mean

import click

from app.bench.batch.live_rate import live_rates
from app.bench.batch.memory import memory_mb
from app.bench.batch.pictures import make_pictures
from app.bench.batch.ray_cluster import local_and_ray
from app.bench.batch.speed import costs

# More pictures than a job analyses in a second, so that it does not end before the measurement.
JOB_PICTURES_PER_S = 100
JOB_START_S = 10


@dataclass(frozen=True, slots=True)
class Amounts:
    """How much to measure."""

    pictures: int
    memory_pictures: int
    cluster_pictures: int
    seconds: float
    rounds: int


@click.command()
@click.option("--part", "parts", type=click.Choice(["speed", "memory", "cluster", "live"]), multiple=True)
@click.option("--pictures", default=300, show_default=True, help="Pictures of each measurement of speed.")
@click.option("--memory-pictures", default=20_000, show_default=True, help="Pictures of the measurement of memory.")
@click.option("--cluster-pictures", default=5000, show_default=True, help="Pictures for two workers, and for Ray.")
@click.option("--seconds", default=20.0, show_default=True, help="Duration of each measurement of the live view.")
@click.option("--rounds", default=2, show_default=True, help="How often the live view is measured without and with.")
def main(parts: tuple[str, ...], **amounts: int) -> None:
    """Measure the parts, by default all, and print."""
    for part in parts or PARTS:
        with tempfile.TemporaryDirectory() as folder:
            PARTS[part](Amounts(**amounts), Path(folder))


def speed(amounts: Amounts, folder: Path) -> None:
    names = make_pictures(folder / "in", amounts.pictures)
    for name, cost in costs(names, folder):
        click.echo(f"{name:<44} {cost.per_s:7.1f} pictures/s {cost.cpu_ms:6.0f} ms of a core each")


def memory(amounts: Amounts, folder: Path) -> None:
    names = make_pictures(folder / "in", amounts.memory_pictures)
    early, late = memory_mb(names, folder)
    click.echo(
        f"memory over {len(names):,} pictures, 2 workers: {early:.0f} MB in the first tenth, {late:.0f} MB at most "
        f"later ({late / early - 1:+.1%})"
    )


def cluster(amounts: Amounts, folder: Path) -> None:
    if find_spec("ray") is None:
        click.echo("cluster: left out, since Ray is not installed; `make test-cluster` installs it")
        return
    names = make_pictures(folder / "in", amounts.cluster_pictures)
    local, ray = local_and_ray(names, folder)
    for name, one in (("2 local workers", local), ("Ray on two nodes of one core", ray)):
        click.echo(
            f"{len(names):,} pictures, {name:<28} {one.total_s:6.1f} s, the first after {one.first_s:.1f} s, "
            f"then {one.cpu_ms:.1f} ms of a core each"
        )
    steady = (ray.total_s - ray.first_s) / (local.total_s - local.first_s)
    click.echo(
        f"Ray takes {ray.total_s / local.total_s - 1:+.1%} longer, after the first picture {steady - 1:+.1%}, and "
        f"{ray.cpu_ms / local.cpu_ms - 1:+.1%} processor time"
    )


def live(amounts: Amounts, folder: Path) -> None:
    count = round(JOB_PICTURES_PER_S * (amounts.seconds + JOB_START_S))
    pictures = make_pictures(folder / "in", count)
    measured = live_rates(pictures, folder / "data", amounts.seconds, amounts.rounds)
    for one in measured:
        click.echo(
            f"live view {one.alone_fps:.1f} frames/s alone, {one.beside_fps:.1f} beside a job of {one.job_per_s:.0f} "
            f"pictures/s ({one.beside_fps / one.alone_fps:.1%})"
        )
    share = mean(one.beside_fps for one in measured) / mean(one.alone_fps for one in measured)
    click.echo(f"live view beside a job, mean of {len(measured)} rounds: {share:.1%} of its rate alone")


PARTS: Mapping[str, Callable[[Amounts, Path], None]] = {
    "speed": speed,
    "memory": memory,
    "cluster": cluster,
    "live": live,
}

if __name__ == "__main__":
    main()
