"""The report of `evaluate` on single faces: figures, confusions, reliability, demographic groups, largest errors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import singledispatch
from pathlib import Path
from typing import Any

import numpy as np

from training.evaluation.details import attribute_details
from training.evaluation.faces import Report, largest_gap
from training.metrics.age_scores import AgeScores
from training.metrics.class_scores import ClassScores
from training.metrics.landmark_scores import EYES_APART_AT_96, LandmarkScores
from training.metrics.predictions import class_figures, confidence_bins
from training.metrics.scores import RowFigure, Scores, attribute_name
from training.metrics.subgroups import ALL, MIN_GROUP_FACES, Group, GroupGap, Grouping
from training.reports import plots
from training.reports.images import (
    LEGEND,
    PIXEL_RATIO,
    PREDICTED_COLOR,
    TRUE_COLOR,
    GalleryImage,
    draw_dots,
    draw_window,
    scaled,
)
from training.reports.render import rejected_context
from training.reports.score_text import error_shading, format_figure, headline_figures
from training.reports.tables import ERROR, FEW, WORST, Cell, ShadedTable, confusion_table
from training.samples.framing import denormalize_points

LARGEST_ERRORS, RANDOM_FACES = 24, 12  # images in a gallery
CHOICE_SEED = 1
FACE_PX = 120  # size on the page
SOURCE_FIGURE = "balanced_accuracy_"  # prefix of the figures of one source of a mask set


def faces_figures(report: Report) -> dict[str, Any]:
    """Everything the report shows, as plain values."""
    figures: dict[str, Any] = {"model": report.title, "note": report.note, "figures": dict(report.figures)}
    for scores in report.scores:
        figures[scores.attribute] = attribute_details(scores, Grouping.of(report.samples))
    if report.windows:
        figures["window_area_share"] = float(report.windows.area_shares.mean())
    figures["rejected"] = [{"name": one.name, "reason": one.reason} for one in report.rejected]
    return figures


def faces_context(report: Report, data: str) -> dict[str, Any]:
    """What the template shows."""
    return {
        "title": f"{report.title} on {data}",
        "heading": report.title,
        "data": data,
        "source": report.source,
        "facts": _facts(report),
        "note": report.note,
        "attributes": [_attribute_context(report, scores) for scores in report.scores],
        "windows": _windows(report),
        "rejected": rejected_context(report.rejected),
    }


def _facts(report: Report) -> dict[str, int | str]:
    facts: dict[str, int | str] = {"images": len(report.samples)}
    for scores in report.scores:
        facts |= headline_figures(scores)
    return {**facts, "rejected": len(report.rejected)}


def _attribute_context(report: Report, scores: Scores) -> dict[str, Any]:
    """The sections of one attribute; those of another kind of scores are missing."""
    return {
        "name": attribute_name(scores.attribute),
        **_kind_context(scores),
        "sources": _sources(report.figures) if scores.attribute == "mask" else [],
        "groups": _groups(scores, Grouping.of(report.samples)),
        "errors": list(_largest_errors(report, scores)),
        "random": list(_random_faces(report, scores)),
        "legend": LEGEND if scores.attribute == "landmarks" else {},
    }


@singledispatch
def _kind_context(scores: Scores) -> dict[str, Any]:
    raise TypeError(type(scores))


@_kind_context.register
def _(scores: ClassScores) -> dict[str, Any]:
    bins = confidence_bins(scores.probabilities, scores.indexes)
    by_class = zip(scores.labels, class_figures(scores.confusion), strict=True)
    return {
        "confusion": confusion_table(scores.labels, scores.confusion),
        "classes": [(label, one[:3], one.n) for label, one in by_class],
        "overconfidence": sum((one.confidence - one.accuracy) * one.n for one in bins) / max(1, len(scores.indexes)),
        "reliability": plots.reliability_diagram(bins),
    }


@_kind_context.register
def _(scores: AgeScores) -> dict[str, Any]:
    biases = {f"{one.first}-{one.first + 9} years ({one.n:,} faces)": one.bias_years for one in scores.decades()}
    return {
        "age_density": plots.age_density(scores.predicted, scores.true),
        "age_bias": plots.signed_bars(biases, "years"),
    }


@_kind_context.register
def _(scores: LandmarkScores) -> dict[str, Any]:
    rows = sorted(scores.by_point.items(), key=lambda named: -named[1]["nme"])
    return {
        "points": [(name.replace("_", " "), (own["nme"],), f"{own['rmse_px96']:.2f}") for name, own in rows],
        "eyes_apart_px": EYES_APART_AT_96,
    }


def _sources(figures: Mapping[str, float | int]) -> list[tuple[str, tuple[float], float | int]]:
    """The balanced accuracy on each source of a mask set."""
    named = [name.removeprefix(SOURCE_FIGURE) for name in figures if name.startswith(SOURCE_FIGURE)]
    return [(source, (figures[SOURCE_FIGURE + source],), figures[f"n_{source}"]) for source in named]


def _groups(scores: Scores, grouping: Grouping | None) -> dict[str, Any] | None:
    """The table of races and sexes by age band, and the gap between the best and the worst group."""
    figure = scores.figure_of_rows
    if grouping is None or figure is None:
        return None
    spread = largest_gap(scores, grouping)
    races, sexes, bands = grouping.words()
    columns = list(dict.fromkeys((*bands, ALL)))
    people = [grouping.group(race, sex) for race in races for sex in sexes] + [grouping.group()]
    rows = {
        group.name if group.name != ALL else "everybody": [
            _group_cell(scores, figure, grouping.group(group.race, group.sex, band), spread) for band in columns
        ]
        for group in people
    }
    figures = [spread.worst_figure, spread.best_figure, spread.gap] if spread else []
    return {
        "table": ShadedTable(columns, rows),
        "min_faces": MIN_GROUP_FACES,
        "spread": spread,
        "figures": [format_figure(scores, value) for value in figures],
    }


def _group_cell(scores: Scores, figure: RowFigure, group: Group, spread: GroupGap | None) -> Cell | None:
    if not len(group.rows):
        return None
    value, count = figure(group.rows), len(group.rows)
    is_worst = spread is not None and group.name == spread.worst.name
    kind = FEW if count < MIN_GROUP_FACES else WORST if is_worst else ""
    return Cell(
        text=format_figure(scores, value),
        strength=error_shading(scores, value),
        detail=f"{count:,}",
        tooltip=group.name,
        kinds=f"{ERROR} {kind}",
    )


def _largest_errors(report: Report, scores: Scores) -> Iterator[GalleryImage]:
    errors = scores.severity()
    for index in np.argsort(-errors)[:LARGEST_ERRORS].tolist():
        if errors[index] > 0:
            yield _face(report, scores, index, "a face with a wrong prediction")


def _random_faces(report: Report, scores: Scores) -> Iterator[GalleryImage]:
    """Faces as they come, right or wrong: the largest errors alone say nothing of the usual face."""
    for index in _chosen(len(report.samples)):
        yield _face(report, scores, index, "a face chosen at random")


def _chosen(count: int) -> list[int]:
    """Indexes of some samples at random, always the same."""
    return np.random.default_rng(CHOICE_SEED).permutation(count)[:RANDOM_FACES].tolist()


def _face(report: Report, scores: Scores, index: int, alternative: str) -> GalleryImage:
    sample = report.samples[index]
    face = scaled(sample.image, PIXEL_RATIO * FACE_PX / min(sample.image.shape[:2]))
    return GalleryImage(_with_points(scores, index, face), alternative, scores.describe(index), Path(sample.name).name)


def _windows(report: Report) -> dict[str, Any] | None:
    """The inputs of a spatial transformer with its windows drawn over them; None if the network has none."""
    if report.windows is None:
        return None
    windows, shares = report.windows, report.windows.area_shares
    gallery = [
        GalleryImage(
            draw_window(windows.patches[index], windows.rows[index], FACE_PX),
            "the input of the network with the window of its spatial transformer",
            f"{shares[index]:.0%} of the area",
        )
        for index in _chosen(len(shares))
    ]
    return {"gallery": gallery, "mean_share": float(shares.mean())}


@singledispatch
def _with_points(scores: Scores, index: int, image: np.ndarray) -> np.ndarray:
    """The image of a face, RGB uint8, with its landmarks where these are scored."""
    return image


@_with_points.register
def _(scores: LandmarkScores, index: int, image: np.ndarray) -> np.ndarray:
    for points, color in ((scores.true[index], TRUE_COLOR), (scores.predicted[index], PREDICTED_COLOR)):
        draw_dots(image, denormalize_points(points, image), color)
    return image
