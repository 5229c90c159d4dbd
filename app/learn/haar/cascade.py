"""OpenCV's cascade of Haar features, read from its XML file and run window by window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree  # nosec B405

import numpy as np

from app.learn.haar.integral import integral_image

# OpenCV lowers the threshold of every stage by this much (`THRESHOLD_EPS` of cascadedetect.cpp).
THRESHOLD_MARGIN = 1e-5
# OpenCV takes the contrast of a window from its inside, without an edge of one pixel.
INSET_PX = 1


@dataclass(frozen=True, slots=True)
class Feature:
    """Rectangles (x, y, width, height) in the window, each with its weight."""

    rectangles: tuple[tuple[int, int, int, int], ...]
    weights: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Stump:
    """A weak classifier: `below` if the feature is below the threshold, else `above`."""

    feature: Feature
    threshold: float
    below: float
    above: float


@dataclass(frozen=True, slots=True)
class Stage:
    """A boosted classifier: the stumps' votes must reach the threshold, or else the window is rejected."""

    stumps: tuple[Stump, ...]
    threshold: float


@dataclass(frozen=True, slots=True)
class Cascade:
    """The stages, for windows of `size` pixels."""

    size: int
    stages: tuple[Stage, ...]


def load_cascade(path: str | Path) -> Cascade:
    """Read one of OpenCV's cascade files, whose weak classifiers are stumps."""
    # A file of the package of OpenCV.
    root = ElementTree.parse(path).getroot().find("cascade")  # noqa: S314  # nosec B314
    assert root is not None
    features = [_feature(node) for node in root.findall("features/_")]
    stages = tuple(_stage(node, features) for node in root.findall("stages/_"))
    return Cascade(int(_text(root, "width")), stages)


class Windows:
    """All windows of the cascade's size in a gray image, `step` pixels apart.

    Attributes:
        columns, rows: Left and top edge of each window in pixels, int (n,).
    """

    def __init__(self, gray: np.ndarray, size: int, step: int = 1) -> None:
        self.size = size
        self._sums = integral_image(gray)
        squares = integral_image(gray.astype(np.int64) ** 2)
        height, width = gray.shape
        rows, columns = np.mgrid[0 : height - size + 1 : step, 0 : width - size + 1 : step]
        self.columns, self.rows = columns.ravel(), rows.ravel()
        inside = (INSET_PX, INSET_PX, size - 2 * INSET_PX, size - 2 * INSET_PX)
        everything = np.arange(len(self.columns))
        area = inside[2] * inside[3]
        total = self._rectangle(self._sums, inside, everything)
        spread = area * self._rectangle(squares, inside, everything) - total**2
        # The standard deviation times the area; 1 for windows of one gray level, as in OpenCV.
        self._contrast = np.sqrt(np.where(spread > 0, spread, 1.0))

    def __len__(self) -> int:
        return len(self.columns)

    def feature_values(self, feature: Feature, chosen: np.ndarray) -> np.ndarray:
        """A feature of the chosen windows, relative to their contrast, float64 (len(chosen),)."""
        weighted = zip(feature.rectangles, feature.weights, strict=True)
        sums = [weight * self._rectangle(self._sums, one, chosen) for one, weight in weighted]
        return np.asarray(sum(sums) / self._contrast[chosen])

    def votes(self, stage: Stage, chosen: np.ndarray) -> np.ndarray:
        """Sum of a stage's votes for the chosen windows, float64 (len(chosen),)."""
        total = np.zeros(len(chosen))
        for stump in stage.stumps:
            total += np.where(self.feature_values(stump.feature, chosen) < stump.threshold, stump.below, stump.above)
        return total

    def stages_passed(self, cascade: Cascade) -> np.ndarray:
        """How many stages each window passes before one rejects it, int (n,)."""
        passed, left = np.zeros(len(self), int), np.arange(len(self))
        for number, stage in enumerate(cascade.stages, 1):
            left = left[self.votes(stage, left) >= stage.threshold - THRESHOLD_MARGIN]
            passed[left] = number
        return passed

    def _rectangle(self, sums: np.ndarray, rectangle: Sequence[int], chosen: np.ndarray) -> np.ndarray:
        """Sums of a rectangle of the chosen windows, float64 (len(chosen),)."""
        x, y, width, height = rectangle
        left, top = self.columns[chosen] + x, self.rows[chosen] + y
        right, bottom = left + width, top + height
        found = sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left]
        return np.asarray(found, np.float64)


def _feature(node: ElementTree.Element) -> Feature:
    lines = [str(one.text).split() for one in node.findall("rects/_")]
    rectangles = tuple((int(x), int(y), int(width), int(height)) for x, y, width, height, _ in lines)
    return Feature(rectangles, tuple(float(line[4]) for line in lines))


def _stage(node: ElementTree.Element, features: Sequence[Feature]) -> Stage:
    stumps = tuple(_stump(one, features) for one in node.findall("weakClassifiers/_"))
    return Stage(stumps, float(_text(node, "stageThreshold")))


def _stump(node: ElementTree.Element, features: Sequence[Feature]) -> Stump:
    _, _, feature, threshold = _text(node, "internalNodes").split()
    below, above = map(float, _text(node, "leafValues").split())
    return Stump(features[int(feature)], float(threshold), below, above)


def _text(node: ElementTree.Element, tag: str) -> str:
    return str(node.findtext(tag)).strip()
