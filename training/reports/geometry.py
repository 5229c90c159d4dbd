"""The page that `geometry` writes: where the points of faces lie with each emotion; it shows no picture of the set."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

from training.evaluation.landmark_geometry import DISTANCES, Faces, Geometry
from training.metrics.predictions import MeanEstimate
from training.reports import plots as charts
from training.reports import render as page
from training.samples.landmark_points import LANDMARK_NAMES

PAGE, FIGURES = "index.html", "geometry.json"
UNIT = 100  # of the drawing, for the distance of the eye centres
MOST = (2.5, 97.5)  # percentiles: what 95 % of the faces lie between
LINES = (
    ("right_eyebrow_outer_end", "right_eyebrow_inner_end"),
    ("left_eyebrow_inner_end", "left_eyebrow_outer_end"),
)
EYES = (
    ("right_eye_outer_corner", "right_eye_inner_corner"),
    ("left_eye_inner_corner", "left_eye_outer_corner"),
)
LIPS = ("mouth_right_corner", "mouth_center_top_lip", "mouth_left_corner", "mouth_center_bottom_lip")


def write_page(geometry: Geometry, out: Path) -> Path:
    """Write the page and everything on it as JSON, and return the page's file."""
    out.mkdir(parents=True, exist_ok=True)
    (out / FIGURES).write_text(json.dumps(details(geometry), indent=2) + "\n", encoding="utf-8")
    html = page.document(f"{geometry.source.name}: faces by emotion", filter(None, _parts(geometry)))
    (out / PAGE).write_text(html, encoding="utf-8")
    return out / PAGE


def details(geometry: Geometry) -> dict[str, Any]:
    """Everything the page shows, as plain values; positions are [x, y], the distance of the eye centres is 1."""
    return {
        "set": geometry.source.name,
        "model": geometry.title,
        "faces": sum(len(faces.points) for faces in geometry.emotions.values()),
        "emotions": {name: _detail(faces) for name, faces in geometry.emotions.items()},
        "relative": {
            name: {emotion: list(values) for emotion, values in relative(geometry, name).items()} for name in DISTANCES
        },
        "findings": [
            {"known": f"{one.known.distance} {one.known.extreme}: {one.known.emotion}", "agrees": one.agrees}
            | {"sentence": one.sentence}
            for one in geometry.findings
        ],
        "rejected": [{"name": one.name, "reason": one.reason} for one in geometry.rejected],
    }


def _detail(faces: Faces) -> dict[str, Any]:
    lowest, highest = (_extreme(faces.points, pick) for pick in (np.argmax, np.argmin))  # y points downwards
    positions = zip(LANDMARK_NAMES, lowest, highest, faces.points.mean(0), strict=True)
    return {
        "n": len(faces.points),
        "points": {
            name: {"lowest": low.tolist(), "highest": high.tolist(), "mean": mean.tolist()}
            for name, low, high, mean in positions
        },
        **{name: _plain(mean) for name, mean in faces.distances.items()},
    }


def _extreme(points: np.ndarray, pick: Any) -> np.ndarray:
    """The position of each point in the face where it lies lowest or highest, (15, 2)."""
    return points[pick(points[..., 1], axis=0), np.arange(len(LANDMARK_NAMES))]


def _plain(mean: MeanEstimate) -> dict[str, float]:
    low, high = mean.interval
    return {"mean": mean.value, "low": low, "high": high}


def relative(geometry: Geometry, distance: str) -> dict[str, tuple[float, float, float]]:
    """By emotion, the mean of a distance and its 95 % interval, divided by the largest mean; the largest first."""
    means = {emotion: faces.distances[distance] for emotion, faces in geometry.emotions.items()}
    largest = max(mean.value for mean in means.values())
    ordered = sorted(means.items(), key=lambda named: -named[1].value)
    return {emotion: (m.value / largest, m.interval[0] / largest, m.interval[1] / largest) for emotion, m in ordered}


def _parts(geometry: Geometry) -> Iterator[str]:
    """The page from top to bottom."""
    yield charts.style()
    yield _head(geometry)
    yield page.section("What is known, and what is here", _findings(geometry))
    yield page.section("Distances", _distances(geometry))
    yield page.section("Points by emotion", *_heads(geometry.emotions))
    nothing = "Nothing: the points of every picture could be read."
    yield page.section("Left out", page.left_out(geometry.rejected, nothing))


def _head(geometry: Geometry) -> str:
    faces = {name: page.number(len(faces.points)) for name, faces in geometry.emotions.items()}
    return (
        f"<h1>Faces by emotion: {escape(geometry.source.name)}</h1>"
        + page.paragraph(
            f"Fifteen points of every picture, read by: {geometry.title}. Each face is moved, turned and scaled until "
            "its eye centres lie level and 1 apart, so that only the shape is left."
        )
        + page.paragraph("A network read the points: its errors are in every figure.", muted=True)
        + page.facts({**faces, "left out": page.number(len(geometry.rejected))})
    )


def _findings(geometry: Geometry) -> str:
    kinds = {True: "agrees", False: "disagrees", None: "unknown"}
    items = (f'<li class="{kinds[one.agrees]}">{escape(one.sentence)}</li>' for one in geometry.findings)
    return f'<ul class="findings">{"".join(items)}</ul>'


def _distances(geometry: Geometry) -> str:
    text = (
        "Means, divided by the largest; the lines are 95 % intervals of the mean. From the middle between the eyes to "
        "the tip of the nose, and from there to the middle of the mouth's four points."
    )
    plots = (
        f"<div><h3>{escape(words.capitalize())}</h3>{charts.interval_bars(relative(geometry, name))}</div>"
        for name, words in DISTANCES.items()
    )
    return page.paragraph(text) + f'<div class="columns">{"".join(plots)}</div>'


def _heads(emotions: Mapping[str, Faces]) -> Iterator[str]:
    neutral = emotions.get("neutral")
    outline = (
        np.mean([faces.points.mean(0) for faces in emotions.values()], 0) if neutral is None else neutral.points.mean(0)
    )
    whose = "the mean of all emotions" if neutral is None else "the mean neutral face"
    yield page.paragraph(
        f"Gray is {whose}, coloured the mean face with the emotion. From top to bottom the thick line of a point holds "
        "95 % of the faces, the thin one reaches from the highest to the lowest."
    )
    heads = (
        f"<figure><figcaption>{escape(name)}<small>{len(faces.points):,} faces</small></figcaption>"
        f"{_drawn(faces.points, outline)}</figure>"
        for name, faces in emotions.items()
    )
    yield f'<div class="heads">{"".join(heads)}</div>'


def _drawn(points: np.ndarray, outline: np.ndarray) -> str:
    """One emotion on the outline."""
    mean = points.mean(0) * UNIT
    highest, lowest = (pick(points[..., 1], axis=0) * UNIT for pick in (np.min, np.max))
    top, bottom = np.percentile(points[..., 1], MOST, axis=0) * UNIT
    marks = []
    for index, name in enumerate(LANDMARK_NAMES):
        x, y = mean[index]
        for kind, start, end in (("reach", highest[index], lowest[index]), ("most", top[index], bottom[index])):
            marks.append(f'<line class="{kind}" x1="{x:.1f}" x2="{x:.1f}" y1="{start:.1f}" y2="{end:.1f}"/>')
        hover = f"<title>{name.replace('_', ' ')}</title>"
        marks.append(f'<circle class="after dot" cx="{x:.1f}" cy="{y:.1f}" r="3.5">{hover}</circle>')
    faces = _outline(outline * UNIT, "outline") + _outline(mean, "outline own")
    return f'<svg viewBox="-100 -80 200 250" role="img">{faces}{"".join(marks)}</svg>'


def _outline(points: np.ndarray, kind: str) -> str:
    """Brows, eyes, nose and mouth of a face, from its points in units of the drawing."""
    place = dict(zip(LANDMARK_NAMES, points.tolist(), strict=True))
    paths = [_polyline([place[name] for name in line]) for line in LINES]
    paths += [_almond(place[start], place[end]) for start, end in EYES]
    nose_x, nose_y = place["nose_tip"]
    paths.append(f"M{nose_x - 14:.1f} {nose_y:.1f}Q{nose_x:.1f} {nose_y + 16:.1f} {nose_x + 14:.1f} {nose_y:.1f}")
    paths.append(_lips([place[name] for name in LIPS]))
    return f'<path class="{kind}" d="{"".join(paths)}"/>'


def _polyline(places: Sequence[Sequence[float]]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in places)


def _almond(start: Sequence[float], end: Sequence[float], height: float = 14) -> str:
    """Two lids between the corners of an eye."""
    (x1, y1), (x2, y2) = start, end
    x, y = (x1 + x2) / 2, (y1 + y2) / 2
    lids = (f"M{x1:.1f} {y1:.1f}Q{x:.1f} {y + sign * height:.1f} {x2:.1f} {y2:.1f}" for sign in (-1, 1))
    return "".join(lids)


def _lips(places: Sequence[Sequence[float]]) -> str:
    """A curve from corner to corner through the upper lip, and back through the lower one."""
    (x1, y1), top, (x2, y2), bottom = places
    # A quadratic curve passes its control point half way.
    curves = [(2 * x - (x1 + x2) / 2, 2 * y - (y1 + y2) / 2) for x, y in (top, bottom)]
    (tx, ty), (bx, by) = curves
    return f"M{x1:.1f} {y1:.1f}Q{tx:.1f} {ty:.1f} {x2:.1f} {y2:.1f}Q{bx:.1f} {by:.1f} {x1:.1f} {y1:.1f}Z"
