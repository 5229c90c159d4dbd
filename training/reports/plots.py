"""Charts of report pages beside those of `page`: shaded tables, reliability, signed bars, curves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

import numpy as np

from training.metrics.predictions import ConfidenceBin

# Told apart on light and dark ground, and by those who see red and green alike.
COLOURS = ("#d4581f", "#2f7fc1", "#3a9a6b", "#b05fc0", "#c79a16", "#7d8894", "#cf4f76", "#4aa6a6")
PLOT = 480  # side of a square plot in its own units, without its margins


@dataclass(frozen=True, slots=True)
class Cell:
    """One field of a shaded table.

    Attributes:
        strength: How strongly it is shaded, 0 to 1.
        kind: `few` fades it, `worst` frames it.
    """

    text: str
    strength: float
    small: str = ""
    hover: str = ""
    kind: str = ""
    good: bool = True


def style() -> str:
    """What a page with these charts has once."""
    return f"<style>{Path(__file__).with_name('charts.css').read_text(encoding='utf-8')}</style>"


def key(colours: Mapping[str, str]) -> str:
    """Which colour is which."""
    entries = (f'<span><i style="background:{colour}"></i>{escape(name)}</span>' for name, colour in colours.items())
    return f'<p class="key">{"".join(entries)}</p>'


def strength(value: float, values: Sequence[float], higher_is_better: bool) -> float:
    """How strongly to shade one of a row's `values`: the best the most."""
    low, high = min(values), max(values)
    if high == low:
        return 0.1
    rank = (value - low) / (high - low)
    return 0.1 + 0.6 * (rank if higher_is_better else 1 - rank)


def matrix(columns: Sequence[str], rows: Mapping[str, Sequence[Cell | None]], corner: str = "") -> str:
    """A table of shaded fields; None leaves one empty."""
    head = "".join(f"<th>{escape(name)}</th>" for name in (corner, *columns))
    body = "".join(f"<tr><th>{escape(name)}</th>{''.join(map(_field, cells))}</tr>" for name, cells in rows.items())
    return f'<div class="scroll"><table class="matrix"><tr>{head}</tr>{body}</table></div>'


def _field(cell: Cell | None) -> str:
    if cell is None:
        return "<td></td>"
    colour = "var(--after)" if not cell.good else "var(--before)"
    shade = f"background:color-mix(in srgb, {colour} {cell.strength * 85:.0f}%, transparent)"
    small = f"<small>{escape(cell.small)}</small>" if cell.small else ""
    return f'<td class="{cell.kind}" style="{shade}" title="{escape(cell.hover)}">{escape(cell.text)}{small}</td>'


def confusion(labels: Sequence[str], counts: np.ndarray) -> str:
    """Rows are what is true, columns what was said; right answers are gray, confusions coloured."""
    shares = counts / np.maximum(counts.sum(1, keepdims=True), 1)
    rows = {
        f"{true} ({counts[row].sum():,})": [
            Cell(
                f"{shares[row, column]:.0%}",
                float(shares[row, column] ** 0.7),
                f"{counts[row, column]:,}",
                f"{counts[row, column]:,} of {true} were called {said}",
                good=row == column,
            )
            for column, said in enumerate(labels)
        ]
        for row, true in enumerate(labels)
    }
    return matrix(labels, rows, "is, called")


def metered(head: Sequence[str], rows: Iterable[tuple[str, Sequence[float], str]]) -> str:
    """A table of shares with a bar for each, and a count at the end."""
    names = "".join(f"<th>{escape(name)}</th>" for name in head)
    body = "".join(
        f"<tr><td>{escape(name)}</td>{''.join(map(_meter, shares))}<td>{escape(count)}</td></tr>"
        for name, shares, count in rows
    )
    return f'<div class="scroll"><table><tr>{names}</tr>{body}</table></div>'


def _meter(share: float) -> str:
    return f'<td><span class="meter"><i style="width:{share:.1%}"></i></span>{share:.1%}</td>'


def reliability(bins: Sequence[ConfidenceBin]) -> str:
    """Accuracy by confidence: bars on the dashed line are honest, below it too sure, above too modest.

    A dot's area is its share of the answers.
    """
    most = max((one.count for one in bins), default=1)
    shapes = [f'<line class="ideal" x1="0" y1="{PLOT}" x2="{PLOT}" y2="0"/>']
    for one in bins:
        x, y = one.confidence * PLOT, (1 - one.accuracy) * PLOT
        hover = f"said {one.confidence:.0%}, right {one.accuracy:.0%}, {one.count:,} answers"
        shapes.append(
            f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{(1 - one.confidence) * PLOT:.1f}" y2="{y:.1f}"/>'
            f'<circle class="bar dot" cx="{x:.1f}" cy="{y:.1f}" r="{3 + 15 * (one.count / most) ** 0.5:.1f}">'
            f"<title>{hover}</title></circle>"
        )
    ticks = {f"{share:.0%}": share for share in np.linspace(0, 1, 6).tolist()}
    return _framed("".join(shapes), ticks, ticks, "confidence", "right")


def signed_bars(named: Mapping[str, tuple[float, str]], unit: str) -> str:
    """Bars to both sides of zero, with a remark at each."""
    largest = max((abs(value) for value, _ in named.values()), default=1.0) or 1.0
    height, middle, reach = 30, 390, 130
    shapes = []
    for row, (name, (value, remark)) in enumerate(named.items()):
        y, width = row * height, abs(value) / largest * reach
        left = middle - width if value < 0 else middle
        text_x, anchor = (middle + width + 8, "start") if value >= 0 else (middle - width - 8, "end")
        shapes.append(
            f'<text x="0" y="{y + 16}">{escape(name)}</text><text x="110" y="{y + 16}">'
            f'{escape(remark)}</text><rect class="bar" x="{left:.1f}" y="{y + 5}" width="{width:.1f}" height="14"/>'
            f'<text x="{text_x:.1f}" y="{y + 16}" text-anchor="{anchor}">{value:+.1f} {escape(unit)}</text>'
        )
    axis = f'<line x1="{middle}" x2="{middle}" y1="0" y2="{len(named) * height}"/>'
    return f'<svg class="small" viewBox="0 0 600 {len(named) * height}" role="img">{axis}{"".join(shapes)}</svg>'


def interval_bars(named: Mapping[str, tuple[float, float, float]]) -> str:
    """Bars of values up to 1, each with the interval (low, high) that it may lie in."""
    height, left, reach = 28, 72, 270
    shapes = []
    for row, (name, (value, low, high)) in enumerate(named.items()):
        y, from_x, to_x = row * height, left + low * reach, left + high * reach
        shapes.append(
            f'<text x="0" y="{y + 17}">{escape(name)}</text>'
            f'<rect class="before" x="{left}" y="{y + 5}" width="{value * reach:.1f}" height="16"/>'
            f'<path class="interval" d="M{from_x:.1f} {y + 9}v8m0-4H{to_x:.1f}m0-4v8"/>'
            f'<text x="400" y="{y + 17}" text-anchor="end">{value:.3f}'
            f"<title>95 %: {low:.3f} to {high:.3f}</title></text>"
        )
    return f'<svg class="small" viewBox="0 0 400 {len(named) * height}" role="img">{"".join(shapes)}</svg>'


def density(predicted: np.ndarray, true: np.ndarray, step: int = 4, top: int = 100) -> str:
    """How often each predicted number meets each true one; on the dashed line they are the same."""
    edges = np.arange(0, top + step, step)
    counts, _, _ = np.histogram2d(np.clip(true, 0, top - 1), np.clip(predicted, 0, top - 1), bins=[edges, edges])
    side = PLOT / (len(edges) - 1)
    shapes = [
        f'<rect class="bar" x="{x * side:.1f}" y="{PLOT - (y + 1) * side:.1f}" width="{side:.1f}" height="{side:.1f}" '
        f'style="fill-opacity:{(counts[x, y] / counts.max()) ** 0.5:.2f}"><title>{counts[x, y]:.0f} faces of '
        f"{x * step}-{(x + 1) * step - 1} called {y * step}-{(y + 1) * step - 1}</title></rect>"
        for x, y in np.argwhere(counts > 0)
    ]
    shapes.append(f'<line class="ideal" x1="0" y1="{PLOT}" x2="{PLOT}" y2="0"/>')
    ticks = {f"{share * top:.0f}": share for share in np.linspace(0, 1, 6).tolist()}
    return _framed("".join(shapes), ticks, ticks, "true age", "said")


def curves(series: Mapping[str, Sequence[float]], colours: Mapping[str, str], across: str = "epoch") -> str:
    """Lines over 1, 2, 3, ...; a name in `colours` may be missing from `series`."""
    values = [value for line in series.values() for value in line if np.isfinite(value)]
    if not values:
        return ""
    low, high, length = min(values), max(values), max(map(len, series.values()))
    height = (high - low) or 1.0
    lines = [
        f'<polyline class="curve" stroke="{colours[name]}" points="'
        + " ".join(
            f"{index / max(1, length - 1) * PLOT:.1f},{(high - value) / height * PLOT:.1f}"
            for index, value in enumerate(line)
            if np.isfinite(value)
        )
        + f'"><title>{escape(name)}</title></polyline>'
        for name, line in series.items()
    ]
    upright = {f"{low + share * height:.3g}": share for share in np.linspace(0, 1, 5).tolist()}
    epochs = sorted({round(value) for value in np.linspace(1, length, 5)})
    level = {str(epoch): (epoch - 1) / max(1, length - 1) for epoch in epochs}
    return _framed("".join(lines), level, upright, across, "")


def shares(
    lines: Mapping[str, Sequence[tuple[float, float]]],
    dots: Mapping[str, tuple[float, float] | None],
    colours: Mapping[str, str],
    across: str,
    up: str,
) -> str:
    """Lines through points whose both sides are shares, 0 to 1, with a dot each where one is given."""

    def place(point: tuple[float, float]) -> tuple[float, float]:
        return round(point[0] * PLOT, 1), round((1 - point[1]) * PLOT, 1)

    shapes = []
    for name, points in lines.items():
        corners = " ".join(f"{x},{y}" for x, y in map(place, points))
        title = f"<title>{escape(name)}</title>"
        shapes.append(f'<polyline class="curve" stroke="{colours[name]}" points="{corners}">{title}</polyline>')
        dot = dots.get(name)
        if dot:
            x, y = place(dot)
            shapes.append(f'<circle class="dot" cx="{x}" cy="{y}" r="6" fill="{colours[name]}">{title}</circle>')
    ticks = {f"{share:.0%}": share for share in np.linspace(0, 1, 6).tolist()}
    return _framed("".join(shapes), ticks, ticks, across, up)


def _framed(shapes: str, level: Mapping[str, float], upright: Mapping[str, float], across: str, up: str) -> str:
    """A square plot; ticks stand at shares of its floor and of its left side."""
    parts = []
    for text, share in level.items():
        x = share * PLOT
        parts.append(f'<text x="{x:.1f}" y="{PLOT + 20}" text-anchor="middle">{escape(text)}</text>')
    for text, share in upright.items():
        y = (1 - share) * PLOT
        parts.append(f'<line x1="0" x2="{PLOT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<text x="-8" y="{y + 4:.1f}" text-anchor="end">{escape(text)}</text>')
    parts.append(f'<text x="{PLOT / 2}" y="{PLOT + 42}" text-anchor="middle">{escape(across)}</text>')
    parts.append(f'<text x="0" y="-12" text-anchor="middle">{escape(up)}</text>')
    box = f"-64 -30 {PLOT + 90} {PLOT + 80}"
    return f'<svg class="small" viewBox="{box}" role="img">{"".join(parts)}{shapes}</svg>'
