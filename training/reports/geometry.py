"""The report of `geometry`: landmark positions by emotion, beside published results; it shows no image of the set."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from training.evaluation.landmark_geometry import DISTANCES, RAW_DISTANCES, SHAPE_DISTANCES, Faces, Geometry
from training.reports import plots
from training.reports.face_shape import face_shape
from training.reports.render import rejected_context
from training.samples.landmark_points import LANDMARK_NAMES

FINDING_KINDS = {True: "agrees", False: "disagrees", None: "unknown"}


def geometry_figures(geometry: Geometry) -> dict[str, Any]:
    """Everything the report shows, as plain values; positions are [x, y], the distance of the eye centres is 1."""
    return {
        "set": geometry.source.name,
        "model": geometry.title,
        "faces": sum(len(faces.points) for faces in geometry.emotions.values()),
        "emotions": {name: _emotion_figures(faces) for name, faces in geometry.emotions.items()},
        "relative": {
            name: {emotion: list(values) for emotion, values in relative_distances(geometry, name).items()}
            for name in DISTANCES
        },
        "findings": [
            {
                "known": f"{one.published.distance} {one.published.extreme}: {one.published.emotion}",
                "agrees": one.agrees,
                "sentence": one.sentence,
            }
            for one in geometry.findings
        ],
        "shape_findings": geometry.shape_findings,
        "rejected": [{"name": one.name, "reason": one.reason} for one in geometry.rejected],
    }


def relative_distances(geometry: Geometry, distance: str) -> dict[str, tuple[float, float, float]]:
    """By emotion, the mean of a distance and its 95 % interval, divided by the largest mean; the largest first."""
    means = {emotion: faces.distances[distance] for emotion, faces in geometry.emotions.items()}
    largest = max(mean.value for mean in means.values())
    ordered = sorted(means.items(), key=lambda named: -named[1].value)
    return {emotion: (m.value / largest, m.interval[0] / largest, m.interval[1] / largest) for emotion, m in ordered}


def geometry_context(geometry: Geometry) -> dict[str, Any]:
    """What the template shows."""
    faces = {name: len(faces.points) for name, faces in geometry.emotions.items()}
    return {
        "title": f"{geometry.source.name}: faces by emotion",
        "heading": f"Faces by emotion: {geometry.source.name}",
        "model": geometry.title,
        "facts": {**faces, "rejected": len(geometry.rejected)},
        "findings": [{"kind": FINDING_KINDS[one.agrees], "sentence": one.sentence} for one in geometry.findings],
        "shape_findings": geometry.shape_findings,
        "raw_distances": _plots(geometry, RAW_DISTANCES),
        "shape_distances": _plots(geometry, SHAPE_DISTANCES),
        "reference": "the mean neutral face" if "neutral" in geometry.emotions else "the mean of all emotions",
        "shapes": list(_shapes(geometry.emotions)),
        "rejected": rejected_context(geometry.rejected, "None: the landmarks of every image could be predicted."),
    }


def _plots(geometry: Geometry, distances: Mapping[str, str]) -> dict[str, Any]:
    return {words: plots.interval_bars(relative_distances(geometry, name)) for name, words in distances.items()}


def _emotion_figures(faces: Faces) -> dict[str, Any]:
    height, columns = faces.points[..., 1], np.arange(len(LANDMARK_NAMES))
    lowest, highest = faces.points[height.argmax(0), columns], faces.points[height.argmin(0), columns]  # y is downwards
    positions = zip(LANDMARK_NAMES, lowest, highest, faces.points.mean(0), strict=True)
    return {
        "n": len(faces.points),
        "points": {
            name: {"lowest": low.tolist(), "highest": high.tolist(), "mean": mean.tolist()}
            for name, low, high, mean in positions
        },
        **{
            name: {"mean": mean.value, "low": mean.interval[0], "high": mean.interval[1]}
            for name, mean in faces.distances.items()
        },
    }


def _shapes(emotions: Mapping[str, Faces]) -> Iterator[dict[str, Any]]:
    """Of each emotion, its mean face over the neutral one, or over the mean of all."""
    neutral = emotions.get("neutral")
    means = [faces.points.mean(0) for faces in emotions.values()]
    reference = np.mean(means, 0) if neutral is None else neutral.points.mean(0)
    for name, faces in emotions.items():
        yield {"emotion": name, "count": len(faces.points), "plot": face_shape(faces.points, reference, name)}
