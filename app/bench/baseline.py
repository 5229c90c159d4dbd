"""Compare figures with those committed: as ratios, so that another computer can compare too."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from app.errors import SettingsError
from app.paths import resource

BASELINE = resource("docs/bench.json")
TOLERANCE = 0.2  # share by which a ratio of two short measurements moves by itself

Figures = Mapping[str, Any]
Ratio = Callable[[Figures, Figures], float]
# Of a row and all figures; one that a row lacks the figures for is left out.
RATIOS: Mapping[str, Ratio] = {
    "flat out, times the tutorials' loop": lambda row, all: row["fps_flat_out"] / all["tutorial_loop"]["fps"],
    "time of a frame, times the floor": lambda row, all: 1000 / row["fps_flat_out"] / row["floor_ms"]["sum"],
    "p95 latency, times the floor": lambda row, all: row["latency_p95_ms"] / row["floor_ms"]["sum"],
    "processor time of a live frame, times the floor": lambda row, all: (
        1000 * row["cores"] / row["fps_live"] / row["floor_ms"]["sum"]
    ),
}
COUNTS = {"id switches": "id_switches", "ids": "ids"}


def compared(figures: Figures, path: Path = BASELINE) -> list[str]:
    """A line for each figure that has moved, or one that says why there is nothing to compare.

    Raises:
        SettingsError: the baseline's file is damaged.
    """
    if not path.is_file():
        return [f"no baseline at {path}; on a quiet computer `python -m app bench --write-baseline` makes one"]
    baseline = _read(path)
    now, then = (one["rows"][0]["detector"] for one in (figures, baseline))
    if now != then:
        return [f"the baseline was measured with the detector {then}, not {now}: nothing is compared"]
    if figures["rows"][0]["scene"] != baseline["rows"][0]["scene"]:  # the tutorials' loop ran on another scene
        figures = {"rows": figures["rows"]}
    rows = {row["scene"]: row for row in baseline["rows"]}
    lines = [
        f"{row['scene']}: {line}"
        for row in figures["rows"]
        if row["scene"] in rows
        for line in (*_moved(row, figures, rows[row["scene"]], baseline), *_miscounted(row, rows[row["scene"]]))
    ]
    return lines or [f"nothing moved by more than {TOLERANCE:.0%} against {path.name}"]


def write_baseline(figures: Figures, path: Path = BASELINE) -> None:
    """Replace the committed figures.

    Raises:
        SettingsError: the file cannot be written.
    """
    try:
        path.write_text(json.dumps(figures, indent=2) + "\n")
    except OSError as error:
        raise SettingsError(f"cannot write {str(path)!r} ({error.strerror}); make its folder writable") from None


def _read(path: Path) -> Figures:
    try:
        baseline: Figures = json.loads(path.read_text())
        baseline["rows"][0]["detector"]
    except (OSError, ValueError, LookupError, TypeError):
        raise SettingsError(f"{str(path)!r} is no baseline; make it anew with --write-baseline") from None
    return baseline


def _moved(row: Figures, figures: Figures, old_row: Figures, baseline: Figures) -> Iterator[str]:
    for name, ratio in RATIOS.items():
        now, then = _worked_out(ratio, row, figures), _worked_out(ratio, old_row, baseline)
        if now is not None and then is not None and abs(now / then - 1) > TOLERANCE:
            yield f"{name} {then:.2f} -> {now:.2f} ({now / then - 1:+.0%})"


def _miscounted(row: Figures, old_row: Figures) -> Iterator[str]:
    for name, key in COUNTS.items():
        if row[key] != old_row.get(key):
            yield f"{name} {old_row.get(key)} -> {row[key]}"


def _worked_out(ratio: Ratio, row: Figures, figures: Figures) -> float | None:
    """None where a figure was not measured or is zero."""
    try:
        return ratio(row, figures) or None
    except (KeyError, TypeError, ZeroDivisionError):
        return None
