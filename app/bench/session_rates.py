"""Measure sessions of many rows: storage, first chart and zoom (`make bench-sessions`)."""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import click
import numpy as np

from app.attributes.attribute_set import load_attributes
from app.domain import Box
from app.sessions.analysis.figures import figures
from app.sessions.analysis.selection import Filter, select_by
from app.sessions.analysis.timeline import timeline
from app.sessions.database.sqlite.version_2_rows import add_segments
from app.sessions.database.sums import rebuild_sums
from app.sessions.edits.people import merge_people
from app.sessions.export.archive import write_archive
from app.sessions.export.archive_reader import SessionArchive
from app.sessions.imports.archive_import import import_archive
from app.sessions.queries import insert_encoded, update_session
from app.sessions.rows.attribute_columns import AttributeColumns
from app.sessions.rows.records import NewSession, Observation, recorded_attributes, to_iso, utc_now
from app.sessions.rows.row_codec import RowCodec
from app.sessions.store import FILE_NAME, SessionStore
from app.settings import Settings

# The charts of a page are asked for with as many steps as the page does.
POINTS = 400
REPEATS = 3
SEED = 7
# People whose rows are made one by one; the others show the same at other times.
DISTINCT_PEOPLE = 4
# Rows written at once, so that writing them takes little memory.
ROWS_AT_ONCE = 10_000
# getrusage gives bytes on macOS, kilobytes elsewhere (getrusage(2)).
BYTES_OF_MAXRSS = 1 if sys.platform == "darwin" else 1024


@click.command()
@click.option("--hours", default=3.0, show_default=True, help="Length of the session.")
@click.option("--people", default=40, show_default=True, help="People in view all the time.")
@click.option("--rate", type=click.Choice([1, 10]), multiple=True, default=(1, 10), help="Rows a person and second.")
def main(hours: float, people: int, rate: tuple[int, ...]) -> None:
    """Write sessions with the attributes of the models, and measure what their page asks for."""
    for one in rate:
        with tempfile.TemporaryDirectory() as folder:
            for name, value in measure(Path(folder), hours, people, one).items():
                click.echo(f"rate {one:>2}  {name:<46} {value}")


def measure(folder: Path, hours: float, people: int, rate: int) -> dict[str, str]:
    """The figures of one session."""
    store = SessionStore(folder)
    seconds = round(3600 * hours)
    session_id = write_session(store, seconds, people, rate)
    size = (folder / FILE_NAME).stat().st_size
    rows = seconds * people * rate
    zoom = Filter(start_ms=1000 * seconds // 3 + 137, end_ms=1000 * seconds // 3 + 120_137)
    tasks: dict[str, Callable[[], Any]] = {
        "figures and timeline of the whole session, s": lambda: open_page(store, session_id, Filter()),
        "the same, zoomed to two minutes, s": lambda: open_page(store, session_id, zoom),
        "the same, ten minutes of three people, s": lambda: open_page(
            store, session_id, Filter(people=(1, 2, 3), start_ms=60_300, end_ms=660_300)
        ),
        "the list of sessions, s": store.sessions,
        "detail, s": lambda: store.detail(session_id),
    }
    figures_by_name = {name: _durations(task, REPEATS) for name, task in tasks.items()}
    figures_by_name["merge of two people, s"] = _durations(
        lambda: store.edit(session_id, lambda connection, _, now: merge_people(connection, session_id, [1, 2], now)), 1
    )
    archive = folder / "session.zip"
    memory_before = _peak_memory_mb()
    figures_by_name["export as a ZIP archive, s"] = _durations(
        lambda: write_archive(archive, partial(store.read, session_id)), 1
    )
    figures_by_name["import of it, s"] = _durations(lambda: _import(store, archive), 1)
    return {
        "rows": f"{rows:,}",
        "bytes a row, with sums": f"{size / rows:.1f}",
        "MB an hour and person": f"{size / hours / people / 1e6:.2f}",
        "bytes a row of the archive": f"{archive.stat().st_size / rows:.1f}",
        "size of the archive, MB": f"{archive.stat().st_size / 1e6:.0f}",
        "most memory before the export, MB": f"{memory_before:.0f}",
        "most memory with export and import, MB": f"{_peak_memory_mb():.0f}",
        **figures_by_name,
    }


def _import(store: SessionStore, path: Path) -> None:
    with SessionArchive(path) as archive:
        import_archive(archive, store, now=utc_now())


def write_session(store: SessionStore, seconds: int, people: int, rate: int) -> int:
    """A session in which everybody is seen all the time; returns its number."""
    attributes = recorded_attributes(load_attributes(Settings().models))
    session_id: int = store.start(NewSession("bench", source="demo", demo=True, attributes=attributes, rate=rate))["id"]
    codec = RowCodec(attributes)

    def write(connection: Any, header: Any, _: Any) -> None:
        for track in range(1, people + 1):
            if track <= DISTINCT_PEOPLE:
                rows = random_rows(codec, session_id, track, seconds * rate, 1000 // rate)
                while batch := list(islice(rows, ROWS_AT_ONCE)):
                    insert_encoded(connection, attributes, batch)
            else:
                _copy_shifted(connection, codec, session_id, track, 1000 * seconds)
        add_segments(connection, session_id)
        rebuild_sums(connection, session_id, attributes, rate)
        ended_at = to_iso(header.started_at + timedelta(seconds=seconds))
        connection.execute(update_session(session_id).values(ended_at=ended_at))

    store.edit(session_id, write)
    return session_id


def _copy_shifted(connection: Any, codec: RowCodec, session_id: int, track: int, length_ms: int) -> None:
    """Let a person show what another one shows at another time; in SQL, since Python takes minutes for so many rows."""
    shift_ms = 1000 * (length_ms * track // 100_000)
    later = f"time_ms + {shift_ms}"  # without %, which psycopg takes for a parameter
    time_ms = f"CASE WHEN {later} < {length_ms} THEN {later} ELSE {later} - {length_ms} END"
    changed = {"track_id": str(track), "time_ms": time_ms}
    columns, values = ", ".join(codec.names), ", ".join(changed.get(name, name) for name in codec.names)
    original = f"session_id = {session_id} AND track_id = {1 + track % DISTINCT_PEOPLE}"
    # Names of columns and integers of this module.
    copy = f"INSERT INTO observations ({columns}) SELECT {values} FROM observations WHERE {original}"  # noqa: S608  # nosec B608
    connection.exec_driver_sql(copy)


def random_rows(codec: RowCodec, session_id: int, track: int, count: int, duration_ms: int) -> Iterator[dict[str, Any]]:
    """Rows with values of the usual size: moods that last some seconds, and a head that moves."""
    random = np.random.default_rng(SEED + track)
    row = codec.encode(session_id, Observation(track, 0, 3, {}, duration_ms, 0.93, Box(212.0, 96.5, 330.0, 251.0)))
    moods = random.dirichlet(np.full(7, 0.4), size=count // 50 + 1)
    noise = random.integers(-300, 300, count)
    for index in range(count):
        values = dict(row, time_ms=index * duration_ms)
        for one in codec.columns:
            values |= _values(one, moods[index // 50], int(noise[index]))
        yield values


def _values(columns: AttributeColumns, mood: np.ndarray, noise: int) -> dict[str, Any]:
    attribute = columns.attribute
    if attribute.is_headline:
        numbers = [int(max(0, min(10_000, 10_000 * one + noise))) for one in mood[: len(attribute.labels)]]
        return dict(
            zip(columns.names, [attribute.labels[int(mood.argmax()) % len(attribute.labels)], *numbers], strict=True)
        )
    if attribute.columns[0].type == "text":
        return {columns.names[0]: attribute.labels[0] if attribute.labels else None}
    return {name: 300 + noise for name in columns.names}


def open_page(store: SessionStore, session_id: int, chosen: Filter) -> None:
    """What the page of a session asks for at first, and at each zoom."""

    def read(connection: Any, header: Any, now: Any) -> None:
        selection = select_by(connection, header, chosen, now)
        figures(connection, selection)
        timeline(connection, selection, (), points=POINTS)

    store.read(session_id, read)


def _peak_memory_mb() -> float:
    """The most memory that this process has had so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * BYTES_OF_MAXRSS / 1e6


def _durations(task: Callable[[], Any], repeats: int) -> str:
    """The medians of the time that passed and of the processor's, which other programs do not lengthen."""
    elapsed, busy = [], []
    for _ in range(repeats):
        started_s, started_busy_s = time.perf_counter(), time.process_time()
        task()
        elapsed.append(time.perf_counter() - started_s)
        busy.append(time.process_time() - started_busy_s)
    return f"{sorted(elapsed)[repeats // 2]:.3f} (processor {sorted(busy)[repeats // 2]:.3f})"


if __name__ == "__main__":
    main()
