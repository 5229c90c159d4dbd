"""Format the results of the benchmark as text."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

Row = Mapping[str, Any]
COLUMNS: Sequence[tuple[str, Callable[[Row], str]]] = (
    ("scene", lambda row: str(row["scene"])),
    ("faces", lambda row: f"{row['faces']:g}"),
    ("flat out /s", lambda row: f"{row['fps_flat_out']:.1f}"),
    ("ms", lambda row: f"{1000 / row['fps_flat_out']:.2f}"),
    ("floor ms", lambda row: f"{row['floor_ms']['sum']:.2f}"),
    ("live /s", lambda row: _format(row["fps_live"], ".1f")),
    ("p50 ms", lambda row: _format(row["latency_p50_ms"], ".1f")),
    ("p95 ms", lambda row: _format(row["latency_p95_ms"], ".1f")),
    ("cores", lambda row: _format(row["cores"], ".2f")),
    ("MB", lambda row: _format(row["memory_mb"], ".0f")),
    ("healthz p99 ms", lambda row: _format(row["healthz_p99_ms"], ".1f")),
    ("ids/people", lambda row: f"{_format(row['ids'], 'd')}/{_format(row['people'], 'd')}"),
    ("switches", lambda row: _format(row["id_switches"], "d")),
)


def format_table(figures: Mapping[str, Any]) -> str:
    """One line per row, then the stages of each row, expression latencies, and the tutorial loop."""
    rows = figures["rows"]
    lines = [f"detector {rows[0]['detector']}", *_grid([[name for name, _ in COLUMNS], *map(_cells, rows)]), ""]
    lines += [
        f"stages of {row['scene']}: {_listed(row['stages_ms'])}; floor: {_listed(row['floor_ms'])}" for row in rows
    ]
    lines += [_onset_line(row) for row in rows if row["onset"]]
    if "tutorial_loop" in figures:
        loop = figures["tutorial_loop"]
        lines.append(
            f"tutorials' loop on {rows[0]['scene']}: {loop['fps']:.1f}/s; {figures['ratio']:.1f} times that here"
        )
    return "\n".join(lines)


def _cells(row: Row) -> list[str]:
    return [cell(row) for _, cell in COLUMNS]


def _grid(lines: Sequence[Sequence[str]]) -> list[str]:
    """Align cells: the first column left, the others right."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return ["  ".join([line[0].ljust(widths[0]), *map(str.rjust, line[1:], widths[1:])]) for line in lines]


def _listed(milliseconds: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {ms:.2f}" for name, ms in milliseconds.items()) + " ms"


def _onset_line(row: Row) -> str:
    onset = row["onset"]
    times = f", p50 {onset['p50_s']:.2f} s, slowest {onset['slowest_s']:.2f} s" if onset["shown"] else ""
    left_out = (
        f"; {onset['left_out']} left out, which the model does not see in still pictures" if onset["left_out"] else ""
    )
    return f"onset in {row['scene']}: {onset['shown']} of {onset['changes']} changes shown{times}{left_out}"


def _format(value: float | None, form: str) -> str:
    return "-" if value is None else format(value, form)
