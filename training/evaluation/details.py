"""What reports and model cards hold beyond the figures, as plain values: classes, groups of people, known failures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from training.evaluation.faces import Report, largest_gap
from training.metrics.predictions import MeanEstimate
from training.metrics.scores import Scores, attribute_name
from training.metrics.source_metrics import rows_by_source
from training.metrics.subgroups import MIN_GROUP_FACES, Grouping
from training.samples.sample import Sample

DECIMAL_PLACES = 4
DARKEST_FRACTION = 0.1  # of the images, compared with the others


def attribute_details(scores: Scores, grouping: Grouping | None) -> dict[str, Any]:
    """The details of one attribute, and its main figure by group of people."""
    details = scores.details()
    figure = scores.figure_of_rows
    if grouping and figure:
        details["groups"] = [
            {"race": one.race, "sex": one.sex, "age": one.band, "n": len(one.rows), "figure": figure(one.rows)}
            for one in grouping.intersections()
        ]
    return details


def card_details(report: Report) -> dict[str, Any]:
    """What a model card keeps of an evaluation beside its figures: details by attribute, and known failures."""
    grouping = Grouping.of(report.samples)
    details = {scores.attribute: rounded(attribute_details(scores, grouping)) for scores in report.scores}
    found = {name: one for name, one in details.items() if one}
    failures = list(known_failures(report.scores, report.samples))
    return ({"attributes": found} if found else {}) | ({"failures": failures} if failures else {})


def known_failures(scores: Sequence[Scores], samples: Sequence[Sample]) -> Iterator[str]:
    """Sentences about the classes, ages, image sources and groups of people that are predicted worst."""
    grouping = Grouping.of(samples)
    for one in scores:
        yield from one.known_failures()
        yield from _dark_images(one, samples)
        yield from _worst_source(one, samples)
        gap = largest_gap(one, grouping)
        if gap:
            worst, best = one.describe_figure(gap.worst_figure), one.describe_figure(gap.best_figure)
            title = f"{attribute_name(one.attribute)}, worst subgroup with at least {MIN_GROUP_FACES} faces"
            yield f"{title}: {gap.worst.name} ({len(gap.worst.rows):,} faces), {worst}; best subgroup: {best}."


def rounded(value: Any) -> Any:
    """Plain values with all floats rounded."""
    if isinstance(value, dict):
        return {name: rounded(one) for name, one in value.items()}
    if isinstance(value, list):
        return [rounded(one) for one in value]
    return round(value, DECIMAL_PLACES) if isinstance(value, float) else value


def _dark_images(scores: Scores, samples: Sequence[Sample]) -> Iterator[str]:
    """Whether predictions on the darkest images are significantly worse."""
    figure = scores.figure_of_rows
    count = int(DARKEST_FRACTION * len(samples))
    if figure is None or count < MIN_GROUP_FACES:
        return
    order = np.argsort([sample.image.mean() for sample in samples], kind="stable")
    dark, light = order[:count], order[count:]
    errors = scores.sample_errors()
    one, other = MeanEstimate.of(errors[dark]), MeanEstimate.of(errors[light])
    if one.value > other.value and one.differs_from(other):
        compared = f"{scores.describe_figure(figure(dark))}; others: {scores.describe_figure(figure(light))}"
        yield f"{attribute_name(scores.attribute)}, darkest tenth of the images ({count:,}): {compared}."


def _worst_source(scores: Scores, samples: Sequence[Sample]) -> Iterator[str]:
    """The image source that is predicted worst, if the data set names sources."""
    figure = scores.figure_of_rows
    parts = rows_by_source(samples)
    rated = [(figure(rows), source) for source, rows in parts.items() if figure and len(rows) >= MIN_GROUP_FACES]
    if len(rated) > 1:
        (worst, source), (best, _) = min(rated), max(rated)
        text = f"{source} ({len(parts[source]):,} faces), {scores.describe_figure(worst)}"
        among = f"worst source with at least {MIN_GROUP_FACES} faces"
        yield f"{attribute_name(scores.attribute)}, {among}: {text}; best source: {scores.describe_figure(best)}."
