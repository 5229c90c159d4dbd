"""Compare results with the committed baseline, as ratios that hold on any computer."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from app.errors import SettingsError
from app.paths import resource

BASELINE = resource("docs/bench.json")
# Ratios of two short measurements vary by this fraction without a cause.
TOLERANCE = 0.2

Figures = Mapping[str, Any]
Ratio = Callable[[Figures, Figures], float]
# Each is computed from a row and all figures, and skipped if a row lacks one of them.
RATIOS: Mapping[str, Ratio] = {
    "flat out, times the tutorials' loop": lambda row, all: row["fps_flat_out"] / all["tutorial_loop"]["fps"],
    "time of a frame, times the floor": lambda row, all: 1000 / row["fps_flat_out"] / row["floor_ms"]["sum"],
    "p95 latency, times the floor": lambda row, all: row["latency_p95_ms"] / row["floor_ms"]["sum"],
    "processor time of a live frame, times the floor": lambda row, all: (
        1000 * row["cores"] / row["fps_live"] / row["floor_ms"]["sum"]
    ),
}
# Counts must be equal.
COUNTS = {"id switches": "id_switches", "ids": "ids"}


def compare_with_baseline(figures: Figures, path: Path = BASELINE) -> list[str]:
    """One line per changed figure, or one that explains why nothing is compared.

    Raises:
        SettingsError: the file of the baseline is damaged.
    """
    if not path.is_file():
        return [f"no baseline at {path}; create one on an idle computer with `python -m app bench --write-baseline`"]
    baseline = _read(path)
    now, then = (measured["rows"][0]["detector"] for measured in (figures, baseline))
    if now != then:
        return [f"the baseline was measured with the detector {then}, not {now}: nothing is compared"]
    if figures["rows"][0]["scene"] != baseline["rows"][0]["scene"]:  # the tutorial loop ran on another scene
        figures = {"rows": figures["rows"]}
    rows = {row["scene"]: row for row in baseline["rows"]}
    lines = [
        f"{row['scene']}: {line}"
        for row in figures["rows"]
        if row["scene"] in rows
        for line in (
            *_changed_ratios(row, figures, rows[row["scene"]], baseline),
            *_changed_counts(row, rows[row["scene"]]),
        )
    ]
    return lines or [f"nothing moved by more than {TOLERANCE:.0%} against {path.name}"]


def write_baseline(figures: Figures, path: Path = BASELINE) -> None:
    """Write the results as the new baseline.

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
        raise SettingsError(f"{str(path)!r} is not a baseline; create it again with --write-baseline") from None
    return baseline


def _changed_ratios(row: Figures, figures: Figures, old_row: Figures, baseline: Figures) -> Iterator[str]:
    for name, ratio in RATIOS.items():
        now, then = _ratio_or_none(ratio, row, figures), _ratio_or_none(ratio, old_row, baseline)
        if now is not None and then is not None and abs(now / then - 1) > TOLERANCE:
            yield f"{name} {then:.2f} -> {now:.2f} ({now / then - 1:+.0%})"


def _changed_counts(row: Figures, old_row: Figures) -> Iterator[str]:
    for name, key in COUNTS.items():
        if row[key] != old_row.get(key):
            yield f"{name} {old_row.get(key)} -> {row[key]}"


def _ratio_or_none(ratio: Ratio, row: Figures, figures: Figures) -> float | None:
    """None if a figure was not measured or is zero."""
    try:
        return ratio(row, figures) or None
    except (KeyError, TypeError, ZeroDivisionError):
        return None
