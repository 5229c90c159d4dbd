"""The page that `evaluate detector --out` writes: detectors side by side, their curves and the first one's mistakes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path

import cv2
import numpy as np

from app.numerics import box_iou
from training.datasets.readers.scenes import Scene
from training.evaluation.detectors import Comparison, DetectorResult
from training.metrics.average_precision import FALSE_POSITIVE, match_detections
from training.metrics.detection_protocol import MIN_IOU, RULES, STANDARD_FACES
from training.reports import plots as charts
from training.reports import render as page
from training.reports.faces import SOUND

PAGE, FIGURES = "index.html", "figures.json"
# The words for people, and whether more is better.
ROWS: Mapping[str, tuple[str, bool]] = {
    "ap40": ("average precision", True),
    "ap50": ("average precision, overlap 0.5", True),
    "ap40_small": ("small faces", True),
    "ap40_masked": ("pictures with masks", True),
    "recall_most": ("recall at most", True),
    "recall": ("recall as served", True),
    "false_per_image": ("false faces a picture, as served", False),
    "false_per_empty_image": ("the same, of pictures without a face", False),
    "ms": ("milliseconds a picture", False),
}
SHOWN, POINTS_OF_CURVE = 12, 200
# Of true faces, detections that are right, and what is wrong; RGB.
TRUE, SAID, WRONG = (90, 220, 130), (255, 214, 61), (255, 80, 61)


def write_page(report: Comparison, title: str, out: Path) -> Path:
    """Write the page, and everything on it but the pictures as JSON, and return the page's file.

    Args:
        title: The set and how it was taken.
    """
    out.mkdir(parents=True, exist_ok=True)
    details = [{**one.figures, "detector": one.contender.name, "curve": _thinned(one)} for one in report.results]
    (out / FIGURES).write_text(json.dumps(details, indent=2) + "\n", encoding="utf-8")
    html = page.document(f"Face detectors on {title}", filter(None, _parts(report, title)))
    (out / PAGE).write_text(html, encoding="utf-8")
    return out / PAGE


def _parts(report: Comparison, title: str) -> Iterator[str]:
    first = report.results[0]
    yield charts.style()
    yield f"<h1>Face detectors on {escape(title)}</h1>"
    yield page.paragraph(RULES)
    yield page.facts({"pictures": f"{len(report.scenes):,}", "faces": f"{first.figures['n']:,}"})
    yield f'<p class="notice">{escape(report.note)}.</p>' if report.note else ""
    yield page.section("Figures", page.paragraph("The best of a row is shaded most."), _figures(report.results))
    yield page.section("Precision and recall", _curves(report.results))
    worst = _surest_false(report.scenes, first)
    yield page.section(f"{first.contender.title}: the surest false faces", _gallery(worst))
    yield page.section(f"{first.contender.title}: the most missed faces", _gallery(_most_missed(report.scenes, first)))
    yield page.section("Left out", page.left_out(report.rejected, SOUND))


def _figures(scored: Sequence[DetectorResult]) -> str:
    rows = {words: _row(name, higher, scored) for name, (words, higher) in ROWS.items() if name in scored[0].figures}
    return charts.matrix([one.contender.name for one in scored], rows)


def _row(name: str, higher: bool, scored: Sequence[DetectorResult]) -> list[charts.Cell | None]:
    values = [float(one.figures[name]) for one in scored]
    return [
        charts.Cell(f"{value:.1f}" if name == "ms" else f"{value:.3f}", charts.strength(value, values, higher))
        for value in values
    ]


def _curves(scored: Sequence[DetectorResult]) -> str:
    names = [one.contender.name for one in scored]
    colours = dict(zip(names, charts.COLOURS, strict=False))
    lines = {one.contender.name: _thinned(one) for one in scored}
    served = {one.contender.name: _served(one) for one in scored}
    text = "Faces of 20 pixels and more, overlap 0.4. A dot is the least score that the app takes."
    return page.paragraph(text) + charts.key(colours) + charts.shares(lines, served, colours, "recall", "precision")


def _thinned(one: DetectorResult) -> list[tuple[float, float]]:
    """Recall and precision at some points of the curve."""
    curve = one.curve
    if not len(curve.scores):
        return []
    chosen = np.unique(np.searchsorted(curve.recall, np.linspace(0, curve.recall[-1], POINTS_OF_CURVE)))
    return [(round(float(curve.recall[index]), 4), round(float(curve.precision[index]), 4)) for index in chosen]


def _served(one: DetectorResult) -> tuple[float, float] | None:
    kept = int(np.count_nonzero(one.curve.scores >= one.contender.served_score))
    return (float(one.curve.recall[kept - 1]), float(one.curve.precision[kept - 1])) if kept else None


def _surest_false(scenes: Sequence[Scene], one: DetectorResult) -> list[tuple[str, np.ndarray]]:
    """Pictures with a false face that the app would show, the surest first, with their captions."""
    found = []
    for scene, rows in zip(scenes, one.found, strict=True):
        taken = rows[rows[:, 4] >= one.contender.served_score]
        false = taken[match_detections(taken, scene.boxes, STANDARD_FACES.of(scene), MIN_IOU) == FALSE_POSITIVE]
        if len(false):
            found.append((float(false[:, 4].max()), scene, taken, false))
    found.sort(key=lambda row: -row[0])
    return [(f"{score:.2f}: {scene.name}", _drawn(scene, taken, false)) for score, scene, taken, false in found[:SHOWN]]


def _most_missed(scenes: Sequence[Scene], one: DetectorResult) -> list[tuple[str, np.ndarray]]:
    """Pictures with faces that the app would not show, those with the most first, with their captions."""
    found = []
    for scene, rows in zip(scenes, one.found, strict=True):
        taken = rows[rows[:, 4] >= one.contender.served_score]
        missed = STANDARD_FACES.of(scene) & (box_iou(taken[:, :4], scene.boxes).max(0, initial=0) < MIN_IOU)
        if missed.any():
            found.append((int(missed.sum()), scene, taken, scene.boxes[missed]))
    found.sort(key=lambda row: -row[0])
    return [
        (f"{count} of {int(STANDARD_FACES.of(scene).sum())}: {scene.name}", _drawn(scene, taken, missed))
        for count, scene, taken, missed in found[:SHOWN]
    ]


def _drawn(scene: Scene, taken: np.ndarray, wrong: np.ndarray) -> np.ndarray:
    """The picture at twice its size, for sharp screens, with its boxes."""
    large = cv2.resize(scene.image, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    for boxes, colour in ((scene.boxes, TRUE), (taken, SAID), (wrong, WRONG)):
        for corners in np.rint(2 * boxes[:, :4]).astype(int).tolist():
            cv2.rectangle(large, corners[:2], corners[2:], colour, 2)
    return large


def _gallery(pictures: Sequence[tuple[str, np.ndarray]]) -> str:
    if not pictures:
        return page.paragraph("None.")
    colours = {"true": f"rgb{TRUE}", "said": f"rgb{SAID}", "wrong": f"rgb{WRONG}"}
    figures = (
        f"<figure>{page.picture(image, 'a picture with a mistake')}<figcaption><small>{escape(caption)}</small>"
        "</figcaption></figure>"
        for caption, image in pictures
    )
    return charts.key(colours) + f'<div class="gallery wide">{"".join(figures)}</div>'
