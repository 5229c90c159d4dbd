"""The page that `evaluate pipeline --out` writes: what is found, what is lost on the way, and the frames that tell."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path

import cv2
import numpy as np

from app.domain import Box
from training.evaluation.end_to_end import RULES, SIDE_BAND_PX, AttributeComparison, PipelineReport
from training.metrics.predictions import MeanEstimate, wilson_interval
from training.metrics.results import AgeScores, Scores, sample_errors
from training.reports import plots as charts
from training.reports import render as page
from training.reports.faces import LANDMARK_NAMES, SOUND
from training.transforms.paste_faces import FACE_SIDE_RANGE_PX, MAX_TILT_DEGREES

PAGE, FIGURES = "index.html", "figures.json"
SHOWN, WIDE = 12, 640
TILT_STEP = 10
# Of the true place and of what was found; RGB.
TRUE, SAID = (90, 220, 130), (255, 107, 61)


def write_page(report: PipelineReport, title: str, out: Path) -> Path:
    """Write the page and its figures as JSON, and return the page's file.

    Args:
        title: The set and how it was taken.
    """
    out.mkdir(parents=True, exist_ok=True)
    (out / FIGURES).write_text(json.dumps(dict(report.figures), indent=2) + "\n", encoding="utf-8")
    html = page.document(f"Whole pipeline on {title}", filter(None, _parts(report, title)))
    (out / PAGE).write_text(html, encoding="utf-8")
    return out / PAGE


def _parts(report: PipelineReport, title: str) -> Iterator[str]:
    yield charts.style()
    yield f"<h1>Whole pipeline on {escape(title)}</h1>"
    yield page.paragraph(RULES)
    yield page.paragraph(f"Detector: {report.detector.title}. Backgrounds: {report.backgrounds.about}.", muted=True)
    yield page.facts(_facts(report))
    yield f'<p class="notice">{escape(report.note)}.</p>' if report.note else ""
    yield page.section("What is lost on the way", *(_way(name, one) for name, one in report.compared.items()))
    yield page.section("What is found", _found(report))
    missed = [row for row, trial in enumerate(report.trials) if trial.track is None]
    yield page.section(f"Missed: {len(missed):,} faces", _gallery(report, _some(missed)))
    for name, one in report.compared.items():
        worst = [int(row) for row in np.argsort(-one.lost, kind="stable")[:SHOWN] if one.lost[row] > 0]
        told = {int(one.rows[row]): f"{one.pipeline.told(row)}; direct {one.direct.told(row)}" for row in worst}
        title = f"{_title(name)}: read worse than on the direct patch"
        yield page.section(title, _gallery(report, list(told), told))
    yield page.section("Left out", page.left_out(report.rejected, SOUND))


def _facts(report: PipelineReport) -> dict[str, str]:
    figures = report.figures
    named = {
        "pictures": page.number(figures["n"]),
        "found": f"{figures['found']:.1%}",
        "95 % interval": f"{figures['found_low']:.1%} to {figures['found_high']:.1%}",
        "false faces a picture": f"{figures['false_per_picture']:.3f}",
    }
    return named | {
        f"{name}: lost": _amount(one.pipeline, float(one.lost.mean())) for name, one in report.compared.items()
    }


def _way(name: str, one: AttributeComparison) -> str:
    """The same faces read in three ways, and the loss in words."""
    ways = {"direct patch": one.direct, "pasted, true place": one.pasted, "whole pipeline": one.pipeline}
    rows = [[way, _written(scores)] for way, scores in ways.items()]
    text = f"{_title(name)}: {len(one.rows):,} faces."
    if len(one.rows) > 1:
        low, high = MeanEstimate.of(one.lost).interval
        text += (
            f" {_amount(one.pipeline, float(one.lost.mean()))} lost in all (95 % interval "
            f"{_amount(one.pipeline, low)} to {_amount(one.pipeline, high)}), of which "
            f"{_amount(one.pipeline, float(one.lost_by_pasting.mean()))} by pasting itself."
        )
    return page.paragraph(text) + page.table(["read from", _unit(one.pipeline)], rows)


def _found(report: PipelineReport) -> str:
    found = np.array([trial.track is not None for trial in report.trials])
    sides = np.array([trial.face.side for trial in report.trials])
    tilts = np.abs(np.degrees([trial.face.roll_rad for trial in report.trials]))
    by_side = _bands(found, sides, FACE_SIDE_RANGE_PX, SIDE_BAND_PX, "px")
    by_tilt = _bands(found, tilts, (0, MAX_TILT_DEGREES), TILT_STEP, "°")
    return (
        f'<div class="columns"><div><h3>By size of the face</h3>{by_side}</div>'
        f"<div><h3>By tilt to either side</h3>{by_tilt}</div></div>"
    )


def _bands(found: np.ndarray, values: np.ndarray, ends: Sequence[float], step: int, unit: str) -> str:
    named = {}
    for first in range(int(ends[0]), int(ends[1]), step):
        of = found[(values >= first) & (values < first + step)]
        if len(of):
            named[f"{first}-{first + step} {unit}"] = (float(of.mean()), *wilson_interval(int(of.sum()), len(of)))
    return charts.interval_bars(named)


def _title(attribute: str) -> str:
    return LANDMARK_NAMES.get(attribute, attribute.capitalize())


def _unit(scores: Scores) -> str:
    return "mean error" if isinstance(scores, AgeScores) else "right"


def _written(scores: Scores) -> str:
    if isinstance(scores, AgeScores):
        return f"{np.abs(scores.errors).mean():.2f} years"
    return f"{1 - sample_errors(scores).mean():.1%}"


def _amount(scores: Scores, lost: float) -> str:
    return f"{lost:+.2f} years" if isinstance(scores, AgeScores) else f"{100 * lost:+.1f} points"


def _some(rows: Sequence[int]) -> list[int]:
    """At most `SHOWN` of them, evenly spread."""
    chosen = np.linspace(0, len(rows) - 1, min(SHOWN, len(rows))).round().astype(int)
    return [rows[index] for index in chosen]


def _gallery(report: PipelineReport, rows: Sequence[int], told: dict[int, str] | None = None) -> str:
    if not rows:
        return page.paragraph("None.")
    figures = []
    for row in rows:
        trial = report.trials[row]
        caption = (told or {}).get(row, f"{trial.face.side:.0f} pixels, {-np.degrees(trial.face.roll_rad):+.0f}°")
        image = page.picture(_drawn(report, row), "a frame with a pasted face")
        figures.append(f"<figure>{image}<figcaption><small>{escape(caption)}</small></figcaption></figure>")
    colours = {"true": f"rgb{TRUE}", "found": f"rgb{SAID}"}
    return charts.key(colours) + f'<div class="gallery wide">{"".join(figures)}</div>'


def _drawn(report: PipelineReport, row: int) -> np.ndarray:
    """The frame, smaller, with the true place and what was found."""
    trial, image = report.trials[row], report.pasted(row).image
    _rectangle(image, trial.face.box, TRUE)
    if trial.track is not None:
        _rectangle(image, trial.track.face.box, SAID)
    scale = WIDE / image.shape[1]
    return cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)


def _rectangle(image: np.ndarray, box: Box, colour: tuple[int, int, int]) -> None:
    first, last = (round(box.x1), round(box.y1)), (round(box.x2), round(box.y2))
    cv2.rectangle(image, first, last, colour, 4)
