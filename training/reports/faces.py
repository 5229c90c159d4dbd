"""The page that `evaluate --out` writes: figures, confusions, honesty, groups of people and the worst mistakes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from training.evaluation.details import Figure, detail, figure_of_rows
from training.evaluation.faces import Report, spread_of
from training.metrics.predictions import class_figures, confidence_bins
from training.metrics.results import EYES_APART_AT_96, AgeScores, ClassScores, LandmarkScores, Scores
from training.metrics.subgroups import ALL, MIN_GROUP_FACES, Group, Grouping
from training.reports import plots as charts
from training.reports import render as page
from training.samples.framing import denormalize_points

PAGE, FIGURES = "index.html", "figures.json"
LANDMARK_NAMES = {"sex": "Perceived sex", "race": "Race label"}
WORST, FACE = 24, 120
SOUND = "Nothing: every picture could be scored."  # where none is left out
# Of the true points and of the predicted ones, RGB.
TRUE, SAID = (90, 220, 130), (255, 107, 61)


def write_page(report: Report, data: str, out: Path) -> Path:
    """Write the page and everything on it as JSON, and return the page's file.

    Args:
        data: The set and split, for the title.
    """
    out.mkdir(parents=True, exist_ok=True)
    (out / FIGURES).write_text(json.dumps(details(report), indent=2) + "\n", encoding="utf-8")
    html = page.document(f"{report.title} on {data}", filter(None, _parts(report, data)))
    (out / PAGE).write_text(html, encoding="utf-8")
    return out / PAGE


def details(report: Report) -> dict[str, Any]:
    """Everything the page shows, as plain values."""
    found: dict[str, Any] = {"model": report.title, "note": report.note, "figures": dict(report.figures)}
    for scores in report.scores:
        found[scores.attribute] = detail(scores, Grouping.of(report.samples))
    found["rejected"] = [{"name": one.name, "reason": one.reason} for one in report.rejected]
    return found


def _parts(report: Report, data: str) -> Iterator[str]:
    """The page from top to bottom."""
    yield charts.style()
    yield _head(report, data)
    for scores in report.scores:
        name = LANDMARK_NAMES.get(scores.attribute, scores.attribute.capitalize())
        if isinstance(scores, ClassScores):
            yield page.section(f"{name}: what is taken for what", _split(report), _classes(scores))
            yield page.section(f"{name}: does it know when it is right?", _split(report), _honesty(scores))
        if isinstance(scores, AgeScores):
            yield page.section("Age: said and true", _split(report), _ages(scores))
        if isinstance(scores, LandmarkScores):
            yield page.section("Landmarks: point by point", _points(scores))
        if scores.attribute == "mask":
            yield page.section("Mask: each source on its own", _sources(report))
        yield page.section(f"{name}: groups of people", _groups(scores, Grouping.of(report.samples)))
        yield page.section(f"{name}: the worst mistakes", _split(report), _worst(report, scores))
    yield page.section("Left out", page.left_out(report.rejected, SOUND))


def _head(report: Report, data: str) -> str:
    named = {"pictures": page.number(len(report.samples))}
    for scores in report.scores:
        named |= _facts(scores)
    named["left out"] = page.number(len(report.rejected))
    notice = f'<p class="notice">{escape(report.note)}.</p>' if report.note else ""
    return (
        f"<h1>{escape(report.title)}</h1>"
        + page.paragraph(f"Scored on {data}. Every picture is one face, none is dropped.")
        + page.paragraph(f"Parts: {report.source.protocol}. Terms: {report.source.terms}.".replace("`", ""), muted=True)
        + page.facts(named)
        + notice
    )


def _facts(scores: Scores) -> dict[str, str]:
    figures = scores.figures
    if isinstance(scores, AgeScores):
        return {
            "mean error": f"{figures['mae_years']:.2f} years",
            "root mean square": f"{figures['rmse_years']:.2f}",
            "bias": f"{figures['bias_years']:+.2f}",
            "within 5 years": f"{figures['share_within_5_years']:.1%}",
        }
    if isinstance(scores, LandmarkScores):
        return {"RMSE at 96 px": f"{figures['rmse_px96']:.2f} px", "of the eyes' distance": f"{figures['nme']:.2%}"}
    assert isinstance(scores, ClassScores)
    of = {name.removeprefix(scores.prefix): value for name, value in figures.items()}
    named = {
        "accuracy": f"{of['accuracy']:.1%}",
        "95 % interval": f"{of['accuracy_low']:.1%} to {of['accuracy_high']:.1%}",
        "balanced": f"{of['balanced_accuracy']:.1%}",
        "calibration error": f"{of['ece']:.3f}",
        "likelihood (nats)": f"{of['nll']:.3f}",
        "Brier": f"{of['brier']:.3f}",
    }
    return {(f"{scores.attribute}: {name}" if scores.prefix else name): text for name, text in named.items()}


def _split(report: Report) -> str:
    return '<p class="split">On the split for choosing.</p>' if report.note else ""


def _classes(scores: ClassScores) -> str:
    rows = (
        (label, (one.precision, one.recall, one.f1), f"{one.count:,}")
        for label, one in zip(scores.labels, class_figures(scores.confusion), strict=True)
    )
    return (
        page.paragraph("A row holds the pictures of one label; the coloured fields are what they were taken for.")
        + charts.confusion(scores.labels, scores.confusion)
        + "<h3>By class</h3>"
        + charts.metered(["", "precision", "recall", "F1", "pictures"], rows)
    )


def _sources(report: Report) -> str:
    """Of masks: how well each source is read."""
    figures, prefix = report.figures, "balanced_accuracy_"
    named = [name.removeprefix(prefix) for name in figures if name.startswith(prefix)]
    if not named:
        return ""
    rows = ((source, (figures[prefix + source],), f"{figures[f'n_{source}']:,}") for source in named)
    text = "Sources have shortcuts, such as tighter crops of masked faces: one that is read worse tells of them."
    return page.paragraph(text) + charts.metered(["", "balanced accuracy", "pictures"], rows)


def _honesty(scores: ClassScores) -> str:
    bins = confidence_bins(scores.probabilities, scores.indexes)
    sure = sum((one.confidence - one.accuracy) * one.count for one in bins) / max(1, len(scores.indexes))
    verdict = "surer than it is right" if sure > 0 else "right more often than it is sure"
    text = (
        f"On average it is {verdict}, by {abs(sure):.1%}. A dot holds the answers of one of 15 steps of confidence; "
        "its area is their number. On the dashed line they are as often right as they claim."
    )
    return page.paragraph(text) + charts.reliability(bins)


def _ages(scores: AgeScores) -> str:
    bars = {f"{one.first}-{one.first + 9} years": (one.bias_years, f"{one.count:,} faces") for one in scores.decades()}
    return (
        '<div class="columns"><div><h3>How often which answer</h3>'
        + charts.density(scores.predicted, scores.true)
        + "</div><div><h3>Too young or too old, by true age</h3>"
        + charts.signed_bars(bars, "years")
        + "</div></div>"
    )


def _points(scores: LandmarkScores) -> str:
    """The errors of every point, the largest first."""
    rows = sorted(scores.by_point.items(), key=lambda named: -named[1]["nme"])
    shown = ((name.replace("_", " "), (own["nme"],), f"{own['rmse_px96']:.2f}") for name, own in rows)
    text = (
        "The mean distance from the true point, and the root of the mean squared error of its coordinates where the "
        f"eye centres are {EYES_APART_AT_96} pixels apart, about as in Kaggle's pictures of 96 pixels."
    )
    return page.paragraph(text) + charts.metered(["", "of the eyes' distance", "RMSE at 96 px"], shown)


def _groups(scores: Scores, grouping: Grouping | None) -> str:
    figure = figure_of_rows(scores)
    if grouping is None or figure is None:
        return ""
    spread = spread_of(scores, grouping)
    worst = spread.worst if spread else None
    races, sexes, bands = grouping.words()
    rows = {
        group.name if group.name != ALL else "everybody": [
            _group_cell(scores, figure, grouping.group(group.race, group.sex, band), worst)
            for band in dict.fromkeys((*bands, ALL))
        ]
        for group in [grouping.group(race, sex) for race in races for sex in sexes] + [grouping.group()]
    }
    text = ""
    if spread:
        text = (
            f"Of the groups of at least {MIN_GROUP_FACES} faces, {spread.worst.name} comes out worst "
            f"({_written(scores, spread.worst_figure)}, {len(spread.worst.rows)} faces) and {spread.best.name} best "
            f"({_written(scores, spread.best_figure)}); the gap is {_written(scores, spread.gap)}. "
            "Smaller groups are faded."
        )
    return page.paragraph(text) + charts.matrix([*dict.fromkeys((*bands, ALL))], rows)


def _group_cell(scores: Scores, figure: Figure, group: Group, worst: Group | None) -> charts.Cell | None:
    if not len(group.rows):
        return None
    value = figure(group.rows)
    wrong = min(1.0, value / 15) if isinstance(scores, AgeScores) else min(1.0, 2 * (1 - value))
    names = (group.race, group.sex, group.band)
    kind = "worst" if worst and names == (worst.race, worst.sex, worst.band) else ""
    kind = "few" if len(group.rows) < MIN_GROUP_FACES else kind
    return charts.Cell(_written(scores, value), wrong, f"{len(group.rows):,}", group.name, kind, good=False)


def _written(scores: Scores, value: float) -> str:
    return f"{value:.1f} years" if isinstance(scores, AgeScores) else f"{value:.0%}"


def _worst(report: Report, scores: Scores) -> str:
    error = scores.error()
    order = [int(index) for index in np.argsort(-error)[:WORST] if error[index] > 0]
    if not order:
        return page.paragraph("None.")
    figures = []
    for index in order:
        sample = report.samples[index]
        image = page.picture(_shown(sample.image, scores, index), "a face that was read wrongly")
        caption = f"<b>{escape(scores.told(index))}</b><small>{escape(Path(sample.name).name)}</small>"
        figures.append(f"<figure>{image}<figcaption>{caption}</figcaption></figure>")
    colours = {"true": _css(TRUE), "said": _css(SAID)} if isinstance(scores, LandmarkScores) else {}
    return (charts.key(colours) if colours else "") + f'<div class="gallery wrong">{"".join(figures)}</div>'


def _css(colour: tuple[int, int, int]) -> str:
    return f"rgb{colour}"


def _shown(image: np.ndarray, scores: Scores, index: int) -> np.ndarray:
    """The picture at twice the size it is shown in, for sharp screens, with its points where these are scored."""
    scale = 2 * FACE / min(image.shape[:2])
    large = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC if scale > 1 else cv2.INTER_AREA)
    if isinstance(scores, LandmarkScores):
        for marks, colour in ((scores.true[index], TRUE), (scores.predicted[index], SAID)):
            for x, y in denormalize_points(marks, large):
                cv2.circle(large, (round(x * 16), round(y * 16)), 4 * 16, colour, -1, cv2.LINE_AA, 4)
    return large
