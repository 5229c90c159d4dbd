"""The plots of reports, drawn with Matplotlib; each function returns inline SVG with a text alternative."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator, PercentFormatter

from training.metrics.predictions import ConfidenceBin
from training.reports.svg import AFTER, BEFORE, GROUND, MUTED, TEXT, color, inline_svg, tooltip

COLUMN_IN = 5.2  # width of a plot of which two stand side by side on the page
PAGE_IN = 10.7  # width of a plot that takes the whole page
ROW_IN = 0.3  # height of a horizontal bar with its gap
AGE_STEP_YEARS, OLDEST_YEARS = 4, 100  # cells of the age plot; older faces count to the last


@inline_svg
def reliability_diagram(bins: Sequence[ConfidenceBin]) -> tuple[Figure, str]:
    """Plot accuracy over confidence; the area of a dot is its share of the predictions."""
    figure, axes = _square("confidence", "accuracy")
    axes.plot([0, 1], [0, 1], color=color(MUTED), linewidth=1, linestyle="--")
    most = max((one.n for one in bins), default=1)
    for one in bins:
        axes.vlines(one.confidence, *sorted((one.confidence, one.accuracy)), color=color(MUTED), linewidth=0.8)
        text = f"confidence {one.confidence:.0%}, accuracy {one.accuracy:.0%}, {one.n:,} predictions"
        _dot(axes, (one.confidence, one.accuracy), AFTER, 4 + 18 * (one.n / most) ** 0.5, text)
    shown = "; ".join(f"{one.confidence:.0%}: {one.accuracy:.0%}" for one in bins)
    return figure, f"Reliability diagram, accuracy by confidence. {shown}"


@inline_svg
def age_density(predicted: np.ndarray, true: np.ndarray) -> tuple[Figure, str]:
    """Plot how often each predicted age meets each true one; both in years, shape (n,)."""
    edges = np.arange(0, OLDEST_YEARS + AGE_STEP_YEARS, AGE_STEP_YEARS)
    x, y = (np.clip(years, 0, OLDEST_YEARS - 1) for years in (true, predicted))
    counts, _, _ = np.histogram2d(x, y, bins=[edges, edges])
    figure, axes = _plot(COLUMN_IN, 4.6)
    axes.set(xlabel="true age", ylabel="predicted age", xlim=(0, OLDEST_YEARS), ylim=(0, OLDEST_YEARS), aspect="equal")
    for row, column in np.argwhere(counts > 0):
        count = int(counts[row, column])
        _age_cell(axes, int(edges[row]), int(edges[column]), count, (count / counts.max()) ** 0.5)
    axes.plot([0, OLDEST_YEARS], [0, OLDEST_YEARS], color=color(MUTED), linewidth=1, linestyle="--")
    return figure, f"Density of {len(true):,} faces by true and predicted age; equal ages lie on the diagonal"


def _age_cell(axes: Any, true: int, predicted: int, count: int, opacity: float) -> None:
    last = AGE_STEP_YEARS - 1
    text = f"{count:,} faces of {true}-{true + last} years, predicted as {predicted}-{predicted + last}"
    corner, side = (true, predicted), AGE_STEP_YEARS
    axes.add_patch(Rectangle(corner, side, side, facecolor=color(AFTER), alpha=opacity, lw=0, gid=tooltip(text)))


@inline_svg
def age_histogram(counts: Mapping[int, int], kept: Mapping[int, int]) -> tuple[Figure, str]:
    """Plot images by year of age, with those that balancing keeps in front."""
    figure, axes = _plot(PAGE_IN, 2.5)
    for variable, series in ((BEFORE, counts), (AFTER, kept)):
        bars = axes.bar(list(series), list(series.values()), color=color(variable))
        for bar, (year, count) in zip(bars, series.items(), strict=True):
            bar.set_gid(tooltip(f"{year}: {count:,}"))
    peak = max(counts, key=lambda year: counts[year])
    axes.annotate(f"{counts[peak]:,} at {peak}", (peak, counts[peak]), (0, 3), textcoords="offset points", ha="center")
    axes.set(xlabel="age in years", ylabel="images", xlim=(min(counts) - 1, max(counts) + 1))
    axes.xaxis.set_major_locator(MaxNLocator(12, integer=True))
    axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    axes.grid(visible=False, axis="x")
    return figure, f"Images by age in years, from {min(counts)} to {max(counts)}; most, {counts[peak]:,}, are {peak}"


@inline_svg
def signed_bars(values: Mapping[str, float], unit: str) -> tuple[Figure, str]:
    """Plot values on both sides of zero as horizontal bars."""
    figure, axes = _rows(list(values))
    reach = 2 * max((abs(value) for value in values.values()), default=1) or 1  # leaves space for the texts
    axes.set_xlim(-reach, reach)
    axes.axvline(0, color=color(MUTED), linewidth=0.8)
    for row, value in enumerate(values.values()):
        axes.barh(row, value, 0.5, color=color(AFTER))
        side = 1 if value >= 0 else -1
        text = f"{value:+.1f} {unit}"
        axes.annotate(
            text,
            (value, row),
            (4 * side, 0),
            textcoords="offset points",
            va="center",
            ha="left" if side > 0 else "right",
        )
    return figure, "; ".join(f"{name}: {value:+.1f} {unit}" for name, value in values.items())


@inline_svg
def interval_bars(values: Mapping[str, tuple[float, float, float]]) -> tuple[Figure, str]:
    """Plot values up to 1, each with the ends of its 95 % interval, as horizontal bars."""
    figure, axes = _rows(list(values))
    largest = max([1.0, *(high for _, _, high in values.values())])
    axes.set_xlim(0, largest * 1.16)  # leaves space for the texts
    for row, (value, low, high) in enumerate(values.values()):
        axes.barh(row, value, 0.55, color=color(BEFORE), gid=tooltip(f"95 % interval: {low:.3f} to {high:.3f}"))
        axes.plot([low, high], [row, row], "|-", color=color(TEXT), linewidth=1, markersize=6)
        axes.text(largest * 1.16, row, f"{value:.3f}", va="center", ha="right")
    shown = (f"{name}: {value:.3f} ({low:.3f} to {high:.3f})" for name, (value, low, high) in values.items())
    return figure, f"Values with 95 % intervals. {'; '.join(shown)}"


@inline_svg
def learning_curves(
    series: Mapping[str, Sequence[float]], variables: Mapping[str, str], figure_name: str
) -> tuple[Figure, str]:
    """Plot values by epoch.

    Args:
        series: By run; NaN leaves a gap.
        variables: By run, the CSS variable of its colour.
        figure_name: What is plotted, for the text alternative.
    """
    figure, axes = _plot(COLUMN_IN, 3.6)
    axes.set(xlabel="epoch", xlim=(0.5, max(map(len, series.values())) + 0.5))
    for name, values in series.items():
        epochs = range(1, len(values) + 1)
        marker = "o" if len(values) == 1 else ""
        axes.plot(epochs, values, marker=marker, color=color(variables[name]), gid=tooltip(name))
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    ranges = (f"{name} from {values[0]:.3g} to {values[-1]:.3g}" for name, values in series.items())
    return figure, f"{figure_name} by epoch: {'; '.join(ranges)}"


@inline_svg
def precision_recall(
    curves: Mapping[str, Sequence[tuple[float, float]]],
    points: Mapping[str, tuple[float, float] | None],
    variables: Mapping[str, str],
) -> tuple[Figure, str]:
    """Plot precision over recall.

    Args:
        curves: By detector, (recall, precision) along its curve.
        points: By detector, where the app uses it; None where it detects nothing.
        variables: By detector, the CSS variable of its colour.
    """
    figure, axes = _square("recall", "precision")
    described = []
    for name, curve in curves.items():
        axes.plot(*np.reshape(curve, (-1, 2)).T, color=color(variables[name]), gid=tooltip(name))
        point = points.get(name)
        if point is not None:
            _dot(axes, point, variables[name], 9, f"{name}, as used by the app")
            described.append(f"{name} as used by the app: recall {point[0]:.0%}, precision {point[1]:.0%}")
    return figure, f"Precision over recall. {'; '.join(described)}"


def _dot(axes: Any, place: tuple[float, float], variable: str, size: float, text: str) -> None:
    style: Any = {"color": color(variable), "markeredgecolor": color(GROUND), "markersize": size}
    axes.plot(*place, "o", clip_on=False, gid=tooltip(text), **style)


def _plot(width_in: float, height_in: float) -> tuple[Figure, Any]:
    figure = Figure((width_in, height_in))
    return figure, figure.add_subplot()


def _square(across: str, up: str) -> tuple[Figure, Any]:
    """Make a plot of two shares, 0 to 1."""
    figure, axes = _plot(COLUMN_IN, 4.6)
    axes.set(xlabel=across, ylabel=up, xlim=(0, 1), ylim=(0, 1), aspect="equal")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(PercentFormatter(1))
    return figure, axes


def _rows(names: Sequence[str]) -> tuple[Figure, Any]:
    """Make a plot of horizontal bars, the first at the top, with their names and without a scale."""
    figure, axes = _plot(COLUMN_IN, ROW_IN * len(names) + 0.1)
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.xaxis.set_visible(False)
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)
    return figure, axes
