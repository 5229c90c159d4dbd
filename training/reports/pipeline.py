"""The report of `evaluate pipeline`: error added by the full pipeline, detection rate, and the worst frames."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from markupsafe import Markup

from training.evaluation.end_to_end import RULES, SIDE_BAND_PX, AttributeComparison, PipelineReport
from training.metrics.predictions import MeanEstimate, wilson_interval
from training.metrics.scores import attribute_name
from training.reports import plots
from training.reports.images import PREDICTED_COLOR, TRUE_COLOR, GalleryImage, draw_boxes, scaled
from training.reports.render import rejected_context
from training.reports.score_text import format_error, format_error_change, signed_error
from training.transforms.paste_faces import FACE_SIDE_RANGE_PX, MAX_TILT_DEGREES

GALLERY_IMAGES = 12
FRAME_WIDTH_PX = 640
TILT_STEP_DEGREES = 10
BOX_LINE_PX = 4  # in the frame at its full size


def pipeline_context(report: PipelineReport, title: str) -> dict[str, Any]:
    """What the template shows."""
    missed = [row for row, trial in enumerate(report.trials) if trial.track is None]
    return {
        "title": f"Full pipeline on {title}",
        "rules": RULES,
        "detector": report.detector.title,
        "backgrounds": report.backgrounds.about,
        "facts": _facts(report),
        "note": report.note,
        "attributes": [_attribute_context(report, name, comparison) for name, comparison in report.compared.items()],
        "detection_rates": _detection_rates(report),
        "missed": len(missed),
        "missed_gallery": [_frame(report, row, _placement(report, row)) for row in _evenly_spread(missed)],
        "legend": {"true": f"rgb{TRUE_COLOR}", "detected": f"rgb{PREDICTED_COLOR}"},
        "rejected": rejected_context(report.rejected),
    }


def _facts(report: PipelineReport) -> dict[str, int | float | str]:
    figures = report.figures
    facts: dict[str, int | float | str] = {
        "images": figures["n"],
        "detected": f"{figures['found']:.1%}",
        "95 % interval": f"{figures['found_low']:.1%} to {figures['found_high']:.1%}",
        "false detections per image": f"{figures['false_per_picture']:.3f}",
    }
    for name, comparison in report.compared.items():
        facts[f"{name}: added error"] = signed_error(comparison.pipeline, float(comparison.error_increase.mean()))
    return facts


def _attribute_context(report: PipelineReport, name: str, comparison: AttributeComparison) -> dict[str, Any]:
    """The same faces scored in three ways, what the pipeline changes, and where it makes results worse."""
    inputs = {
        "original image": comparison.direct,
        "pasted, true location": comparison.pasted,
        "full pipeline": comparison.pipeline,
    }
    return {
        "name": attribute_name(name),
        "faces": len(comparison.rows),
        "change": _change(comparison) if len(comparison.rows) > 1 else None,
        "figure": "mean absolute error" if name == "age" else "accuracy",
        "rows": [(way, format_error(scores, float(scores.sample_errors().mean()))) for way, scores in inputs.items()],
        "worse": _worse(report, comparison),
    }


def _change(comparison: AttributeComparison) -> dict[str, str]:
    low, high = MeanEstimate.of(comparison.error_increase).interval
    return {
        "error": format_error_change(comparison.pipeline, float(comparison.error_increase.mean())),
        "low": signed_error(comparison.pipeline, low),
        "high": signed_error(comparison.pipeline, high),
        "by_pasting": format_error_change(comparison.pipeline, float(comparison.error_increase_by_pasting.mean())),
    }


def _worse(report: PipelineReport, comparison: AttributeComparison) -> list[GalleryImage]:
    """The faces whose results the pipeline makes worst, compared with those on the original images."""
    worst = np.argsort(-comparison.error_increase, kind="stable")[:GALLERY_IMAGES].tolist()
    direct, pipeline = comparison.direct, comparison.pipeline
    captions = {index: f"{pipeline.describe(index)}; original image: {direct.describe(index)}" for index in worst}
    shown = [
        (int(comparison.rows[index]), text) for index, text in captions.items() if comparison.error_increase[index] > 0
    ]
    return [_frame(report, row, caption) for row, caption in shown]


def _detection_rates(report: PipelineReport) -> dict[str, Markup]:
    detected = np.array([trial.track is not None for trial in report.trials])
    sides_px = np.array([trial.face.side for trial in report.trials])
    tilts_degrees = np.abs(np.degrees([trial.face.roll_rad for trial in report.trials]))
    by_side = _rates(detected, sides_px, FACE_SIDE_RANGE_PX, SIDE_BAND_PX, " px")
    by_tilt = _rates(detected, tilts_degrees, (0, MAX_TILT_DEGREES), TILT_STEP_DEGREES, "°")
    return {"By face size": plots.interval_bars(by_side), "By tilt to either side": plots.interval_bars(by_tilt)}


def _rates(
    detected: np.ndarray, values: np.ndarray, ends: Sequence[float], step: int, unit: str
) -> Mapping[str, tuple[float, float, float]]:
    """By range of values, the share of faces that were detected and its 95 % interval.

    Args:
        detected: bool (n,).
        values: Shape (n,).
        ends: The least and the largest value.
    """
    rates = {}
    for first in range(int(ends[0]), int(ends[1]), step):
        inside = detected[(values >= first) & (values < first + step)]
        if len(inside):
            interval = wilson_interval(int(inside.sum()), len(inside))
            rates[f"{first}-{first + step}{unit}"] = (float(inside.mean()), *interval)
    return rates


def _evenly_spread(rows: Sequence[int]) -> list[int]:
    """At most as many as a gallery shows."""
    chosen = np.linspace(0, len(rows) - 1, min(GALLERY_IMAGES, len(rows))).round().astype(int)
    return [rows[index] for index in chosen]


def _placement(report: PipelineReport, row: int) -> str:
    face = report.trials[row].face
    return f"{face.side:.0f} pixels, {-np.degrees(face.roll_rad):+.0f}°"


def _frame(report: PipelineReport, row: int, caption: str) -> GalleryImage:
    """The frame of a face with its true box and the detected one."""
    trial, image = report.trials[row], report.pasted(row).image
    found = [] if trial.track is None else [(trial.track.face.box, PREDICTED_COLOR)]
    for box, color in [(trial.face.box, TRUE_COLOR), *found]:
        draw_boxes(image, np.array([[box.x1, box.y1, box.x2, box.y2]]), color, BOX_LINE_PX)
    smaller = scaled(image, FRAME_WIDTH_PX / image.shape[1])
    return GalleryImage(smaller, "a frame with a pasted face", caption)
