"""What pages and cards tell beyond the figures, as plain values: classes, confusions, honesty, groups, failures."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from training.evaluation.faces import Report, spread_of
from training.metrics.predictions import NORMAL_95, MeanEstimate, class_figures, confidence_bins
from training.metrics.results import AgeScores, ClassScores, DecadeFigures, Scores, sample_errors
from training.metrics.subgroups import MIN_GROUP_FACES, Group, Grouping
from training.samples.sample import Sample

PLACES = 4
LOW_RECALL = 0.5  # a class that is found less often is named among the failures
FAR_YEARS = 4.0  # and a decade whose ages are so far too high or low
DARKEST = 0.1  # share of the pictures
Figure = Callable[[np.ndarray], float]


def detail(scores: Scores, grouping: Grouping | None) -> dict[str, Any]:
    """Of one attribute."""
    found: dict[str, Any] = {}
    if isinstance(scores, ClassScores):
        found |= _of_classes(scores)
    if isinstance(scores, AgeScores):
        found["decades"] = [
            {"from": one.first, "bias_years": one.bias_years, "mae_years": one.mae_years, "n": one.count}
            for one in scores.decades()
        ]
        found["coverage"] = [
            {"from": one.first, "share": one.share, "low": one.low, "high": one.high, "n": one.count}
            for one in scores.coverages()
        ]
    figure = figure_of_rows(scores)
    if grouping and figure:
        found["groups"] = [
            {"race": one.race, "sex": one.sex, "age": one.band, "n": len(one.rows), "figure": figure(one.rows)}
            for one in grouping.intersections()
        ]
    return found


def card_details(report: Report) -> dict[str, Any]:
    """What a card keeps of a scoring beside its figures: by attribute, and where it fails."""
    grouping = Grouping.of(report.samples)
    details = {scores.attribute: rounded(detail(scores, grouping)) for scores in report.scores}
    found = {name: one for name, one in details.items() if one}
    failures = list(known_failures(report.scores, report.samples))
    return ({"attributes": found} if found else {}) | ({"failures": failures} if failures else {})


def known_failures(scores: Sequence[Scores], samples: Sequence[Sample]) -> Iterator[str]:
    """Sentences with numbers about the worst classes, ages and subgroups."""
    grouping = Grouping.of(samples)
    for one in scores:
        if isinstance(one, ClassScores):
            yield from _weak_classes(one)
        if isinstance(one, AgeScores):
            yield from _far_decades(one)
        yield from _dark_pictures(one, samples)
        yield from _worst_source(one, samples)
        spread = spread_of(one, grouping) if grouping else None
        if spread:
            worst, best = _told(one, spread.worst_figure), _told(one, spread.best_figure)
            subgroup = f"worst subgroup with at least {MIN_GROUP_FACES} faces"
            yield f"{_named(one)}, {subgroup}: {_people(spread.worst)}, {worst}; best subgroup: {best}."


def figure_of_rows(scores: Scores) -> Figure | None:
    """Accuracy or mean error in years of some rows."""
    if isinstance(scores, ClassScores):
        return lambda rows: float(scores.right[rows].mean())
    if isinstance(scores, AgeScores):
        return lambda rows: float(np.abs(scores.errors[rows]).mean())
    return None


def rounded(value: Any) -> Any:
    """Plain values with every fraction at a few places."""
    if isinstance(value, dict):
        return {name: rounded(one) for name, one in value.items()}
    if isinstance(value, list):
        return [rounded(one) for one in value]
    return round(value, PLACES) if isinstance(value, float) else value


def _of_classes(scores: ClassScores) -> dict[str, Any]:
    named = zip(scores.labels, class_figures(scores.confusion), strict=True)
    bins = confidence_bins(scores.probabilities, scores.indexes)
    return {
        "classes": {
            label: {"precision": one.precision, "recall": one.recall, "f1": one.f1, "n": one.count}
            for label, one in named
        },
        "confusion": scores.confusion.tolist(),
        "reliability": [{"confidence": one.confidence, "accuracy": one.accuracy, "n": one.count} for one in bins],
    }


def _weak_classes(scores: ClassScores) -> Iterator[str]:
    for row, (label, one) in enumerate(zip(scores.labels, class_figures(scores.confusion), strict=True)):
        if one.count >= MIN_GROUP_FACES and one.recall < LOW_RECALL:
            others = scores.confusion[row].copy()
            others[row] = 0
            predicted = f"{scores.labels[int(others.argmax())]} ({others.max() / one.count:.0%})"
            yield f"Label {label}: recall {one.recall:.0%} of {one.count:,} faces; most often predicted as {predicted}."


def _far_decades(scores: AgeScores) -> Iterator[str]:
    for one in scores.decades():
        if one.count >= MIN_GROUP_FACES and abs(one.bias_years) > FAR_YEARS:
            way = "old" if one.bias_years > 0 else "young"
            yield f"{_ages(one)}: on average {abs(one.bias_years):.1f} years too {way} ({one.count:,} faces)."


def _dark_pictures(scores: Scores, samples: Sequence[Sample]) -> Iterator[str]:
    """Whether the darkest pictures are read worse than the others, by more than chance."""
    figure = figure_of_rows(scores)
    count = int(DARKEST * len(samples))
    if figure is None or count < MIN_GROUP_FACES:
        return
    order = np.argsort([sample.image.mean() for sample in samples], kind="stable")
    dark, light = order[:count], order[count:]
    wrong = sample_errors(scores)
    one, other = MeanEstimate.of(wrong[dark]), MeanEstimate.of(wrong[light])
    if one.value - other.value > NORMAL_95 * math.hypot(one.error, other.error):
        compared = f"{_told(scores, figure(dark))}; others: {_told(scores, figure(light))}"
        yield f"{_named(scores)}, darkest tenth of the images ({count:,}): {compared}."


def _worst_source(scores: Scores, samples: Sequence[Sample]) -> Iterator[str]:
    """The source of a set's pictures that is read worst, where the set tells sources apart."""
    figure = figure_of_rows(scores)
    sources = np.array([str(sample.labels.get("source", "")) for sample in samples])
    parts = {source: np.flatnonzero(sources == source) for source in sorted(set(sources.tolist()) - {""})}
    rated = [(figure(rows), source) for source, rows in parts.items() if figure and len(rows) >= MIN_GROUP_FACES]
    if len(rated) > 1:
        (worst, source), (best, _) = min(rated), max(rated)
        named = f"{source} ({len(parts[source]):,} faces), {_told(scores, worst)}"
        source_text = f"worst source with at least {MIN_GROUP_FACES} faces"
        yield f"{_named(scores)}, {source_text}: {named}; best source: {_told(scores, best)}."


def _ages(decade: DecadeFigures) -> str:
    return f"Ages {decade.first} to {decade.first + 9}"


def _people(group: Group) -> str:
    return f"{group.name} ({len(group.rows):,} faces)"


def _named(scores: Scores) -> str:
    return {"sex": "Perceived sex", "race": "Race label"}.get(scores.attribute, scores.attribute.capitalize())


def _told(scores: Scores, figure: float) -> str:
    return f"mean error {figure:.1f} years" if isinstance(scores, AgeScores) else f"accuracy {figure:.0%}"
