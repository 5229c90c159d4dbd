"""The plot of a face's landmarks: an outline through the means, and how far each landmark spreads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from training.reports.svg import AFTER, BEFORE, GROUND, color, inline_svg, tooltip
from training.samples.landmark_points import LANDMARK_NAMES

CENTRAL_PERCENTILES = (2.5, 97.5)  # 95 % of the faces lie between them
BROWS = (("right_eyebrow_outer_end", "right_eyebrow_inner_end"), ("left_eyebrow_inner_end", "left_eyebrow_outer_end"))
EYES = (("right_eye_outer_corner", "right_eye_inner_corner"), ("left_eye_inner_corner", "left_eye_outer_corner"))
LIPS = ("mouth_right_corner", "mouth_center_top_lip", "mouth_left_corner", "mouth_center_bottom_lip")
# In distances of the eye centres.
EYELID_HEIGHT, NOSE_WIDTH, NOSE_DEPTH = 0.14, 0.28, 0.16
LEFT, RIGHT, TOP, BOTTOM = -1.0, 1.0, -0.8, 1.7
SIZE_IN = (2.5, 3.1)

Place = Any  # x, y


@inline_svg
def face_shape(points: np.ndarray, reference: np.ndarray, emotion: str) -> tuple[Figure, str]:
    """Plot the mean face over a reference face.

    Args:
        points: Normalised landmarks of n faces, shape (n, 15, 2).
        reference: Of one face, shape (15, 2).
        emotion: For the text alternative.
    """
    figure = Figure(SIZE_IN)
    figure.set_layout_engine("none")
    axes = figure.add_axes((0, 0, 1, 1), xlim=(LEFT, RIGHT), ylim=(BOTTOM, TOP), aspect="equal")
    axes.set_axis_off()
    mean = points.mean(0)
    axes.add_patch(_outline(reference, BEFORE))
    axes.add_patch(_outline(mean, AFTER))
    central = np.percentile(points[..., 1], CENTRAL_PERCENTILES, axis=0)
    whole = points[..., 1].min(0), points[..., 1].max(0)
    axes.vlines(mean[:, 0], *whole, color=color(AFTER), alpha=0.35, linewidth=0.8)
    axes.vlines(mean[:, 0], *central, color=color(AFTER), alpha=0.35, linewidth=3)
    style: Any = {"color": color(AFTER), "markeredgecolor": color(GROUND), "markersize": 5, "markeredgewidth": 0.8}
    for name, place in zip(LANDMARK_NAMES, mean, strict=True):
        axes.plot(*place, "o", gid=tooltip(name.replace("_", " ")), **style)
    return figure, f"Mean positions and spread of the fifteen landmarks of {len(points):,} {emotion} faces"


def _outline(points: np.ndarray, variable: str) -> PathPatch:
    """Brows, eyes, nose and mouth of a face, from its landmarks (15, 2)."""
    place = dict(zip(LANDMARK_NAMES, points.tolist(), strict=True))
    paths = [Path([place[start], place[end]]) for start, end in BROWS]
    for start, end in EYES:
        x, y = np.mean([place[start], place[end]], 0)
        paths += [_curve(place[start], (x, y + sign * EYELID_HEIGHT), place[end]) for sign in (-1, 1)]
    paths += [_nose(place["nose_tip"]), *_lips(place)]
    whole = Path.make_compound_path(*paths)
    return PathPatch(whole, facecolor="none", edgecolor=color(variable), linewidth=1.5, capstyle="round")


def _curve(start: Place, control: Place, end: Place) -> Path:
    """A quadratic Bézier curve."""
    return Path([start, control, end], [Path.MOVETO, Path.CURVE3, Path.CURVE3])


def _nose(tip: Place) -> Path:
    x, y = tip
    return _curve((x - NOSE_WIDTH / 2, y), (x, y + NOSE_DEPTH), (x + NOSE_WIDTH / 2, y))


def _lips(place: Mapping[str, Place]) -> list[Path]:
    """Curves from corner to corner through the upper and the lower lip."""
    right, top, left, bottom = (np.array(place[name]) for name in LIPS)
    # A quadratic curve passes half way between its control point and the middle of its ends.
    return [_curve(right, 2 * lip - (right + left) / 2, left) for lip in (top, bottom)]
