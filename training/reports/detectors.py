"""The report of `evaluate detector`: detectors side by side, precision and recall, and the first one's mistakes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from app.numerics import box_iou
from training.datasets.readers.scenes import Scene
from training.evaluation.detectors import Comparison, DetectorResult
from training.metrics.average_precision import FALSE_POSITIVE, match_detections
from training.metrics.detection_protocol import MIN_IOU, RULES, STANDARD_FACES
from training.reports import plots
from training.reports.images import PIXEL_RATIO, TRUE_COLOR, GalleryImage, draw_boxes, scaled
from training.reports.render import rejected_context
from training.reports.svg import series_colors
from training.reports.tables import Cell, ShadedTable, shading

# By figure: its name in the table, and whether higher is better.
ROWS: Mapping[str, tuple[str, bool]] = {
    "ap40": ("average precision", True),
    "ap50": ("average precision, IoU 0.5", True),
    "ap40_small": ("small faces", True),
    "ap40_masked": ("images with masks", True),
    "recall_most": ("highest recall", True),
    "recall": ("recall at the app's threshold", True),
    "false_per_image": ("false detections per image, at the app's threshold", False),
    "false_per_empty_image": ("the same, on images without a face", False),
    "ms": ("milliseconds per image", False),
}
GALLERY_IMAGES = 12
CURVE_POINTS = 200
BOX_LINE_PX = 2
DETECTED_COLOR, WRONG_COLOR = (255, 214, 61), (255, 80, 61)  # RGB
LEGEND = {"true": f"rgb{TRUE_COLOR}", "detected": f"rgb{DETECTED_COLOR}", "wrong": f"rgb{WRONG_COLOR}"}


def detectors_figures(comparison: Comparison) -> list[dict[str, Any]]:
    """Everything the report shows except the images, as plain values."""
    return [
        {**result.figures, "detector": result.contender.name, "curve": _curve_points(result)}
        for result in comparison.results
    ]


def detectors_context(comparison: Comparison, title: str) -> dict[str, Any]:
    """What the template shows."""
    first = comparison.results[0]
    return {
        "title": f"Face detectors on {title}",
        "rules": RULES,
        "facts": {"images": len(comparison.scenes), "faces": first.figures["n"]},
        "note": comparison.note,
        "table": _table(comparison.results),
        **_precision_recall(comparison.results),
        "first": first.contender.title,
        "false_detections": _false_detections(comparison.scenes, first),
        "missed_faces": _missed_faces(comparison.scenes, first),
        "box_legend": LEGEND,
        "rejected": rejected_context(comparison.rejected),
    }


def _table(results: Sequence[DetectorResult]) -> ShadedTable:
    known = {name: row for name, row in ROWS.items() if name in results[0].figures}
    rows = {words: _row(name, higher_is_better, results) for name, (words, higher_is_better) in known.items()}
    return ShadedTable([result.contender.name for result in results], rows)


def _row(name: str, higher_is_better: bool, results: Sequence[DetectorResult]) -> list[Cell]:
    values = [float(result.figures[name]) for result in results]
    places = 1 if name == "ms" else 3
    return [Cell(f"{value:.{places}f}", shading(value, values, higher_is_better)) for value in values]


def _precision_recall(results: Sequence[DetectorResult]) -> dict[str, Any]:
    """The plot of all detectors, with the colour of each."""
    named = {result.contender.name: result for result in results}
    variables, legend = series_colors(named)
    curves = {name: _curve_points(result) for name, result in named.items()}
    points = {name: _point_at_threshold(result) for name, result in named.items()}
    return {"precision_recall": plots.precision_recall(curves, points, variables), "legend": legend}


def _curve_points(result: DetectorResult) -> list[tuple[float, float]]:
    """Recall and precision at some points of the curve."""
    curve = result.curve
    if not len(curve.scores):
        return []
    chosen = np.unique(np.searchsorted(curve.recall, np.linspace(0, curve.recall[-1], CURVE_POINTS)))
    return [(round(float(curve.recall[index]), 4), round(float(curve.precision[index]), 4)) for index in chosen]


def _point_at_threshold(result: DetectorResult) -> tuple[float, float] | None:
    """Recall and precision at the score from which the app takes detections."""
    kept = int(np.count_nonzero(result.curve.scores >= result.contender.served_score))
    return (float(result.curve.recall[kept - 1]), float(result.curve.precision[kept - 1])) if kept else None


def _taken(scenes: Sequence[Scene], result: DetectorResult) -> Iterator[tuple[Scene, np.ndarray]]:
    """Each image with the detections that the app would take, shape (n, 5)."""
    for scene, rows in zip(scenes, result.found, strict=True):
        yield scene, rows[rows[:, 4] >= result.contender.served_score]


def _false_detections(scenes: Sequence[Scene], result: DetectorResult) -> list[GalleryImage]:
    """Images with a false detection that the app would show, the highest score first."""
    rated = []
    for scene, taken in _taken(scenes, result):
        false = taken[match_detections(taken, scene.boxes, STANDARD_FACES.of(scene), MIN_IOU) == FALSE_POSITIVE]
        if len(false):
            score = float(false[:, 4].max())
            rated.append((score, f"{score:.2f}: {scene.name}", scene, taken, false))
    return _worst(rated)


def _missed_faces(scenes: Sequence[Scene], result: DetectorResult) -> list[GalleryImage]:
    """Images with faces that the app would not show, those with the most first."""
    rated = []
    for scene, taken in _taken(scenes, result):
        counted = STANDARD_FACES.of(scene)
        missed = counted & (box_iou(taken[:, :4], scene.boxes).max(0, initial=0) < MIN_IOU)
        if missed.any():
            count = int(missed.sum())
            rated.append((count, f"{count} of {int(counted.sum())}: {scene.name}", scene, taken, scene.boxes[missed]))
    return _worst(rated)


def _worst(rated: Sequence[tuple[float, str, Scene, np.ndarray, np.ndarray]]) -> list[GalleryImage]:
    shown = sorted(rated, key=lambda row: -row[0])[:GALLERY_IMAGES]
    return [_mistake(caption, scene, taken, wrong) for _, caption, scene, taken, wrong in shown]


def _mistake(caption: str, scene: Scene, taken: np.ndarray, wrong: np.ndarray) -> GalleryImage:
    """The image with the boxes x1, y1, x2, y2, ... of true faces, detections and mistakes."""
    image = scaled(scene.image, PIXEL_RATIO)
    for boxes, color in ((scene.boxes, TRUE_COLOR), (taken, DETECTED_COLOR), (wrong, WRONG_COLOR)):
        draw_boxes(image, PIXEL_RATIO * boxes[:, :4], color, BOX_LINE_PX)
    return GalleryImage(image, "an image with a mistake", caption)
