"""The face detector that is trained here: one network for a whole picture of any shape."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from app.domain import Box, Face
from app.errors import ModelError
from app.vision.detection.resize import pad_to_size, shrink_to_fit
from app.vision.inference.litert import load_interpreter, run_interpreter
from app.vision.inference.model_card import MODEL, parse_card, read_verified_model

FOLDER = "detector"
# What a cell says: a logit, four log distances, five points of x and y.
COLUMNS = 15
# Of two boxes that share so much of the smaller one, one is a part of a face or a face with its surroundings.
NESTED = 0.8
# Pictures whose longer side has so many pixels show small faces well enough to be found: they are looked at in a size
# so many times as large.
LARGE_FROM, LARGER = 1200, 2.0
# Shapes of picture that stay prepared; preparing one costs more than looking for faces.
KEPT = 4


@dataclass(frozen=True, slots=True)
class DetectorCard:
    """What `card.json` says of a face detector.

    Attributes:
        longest: Pictures are scaled down to this longer side in pixels.
        multiple: The sides of what goes in are multiples of it.
        strides: Pixels between the cells of each level, in the order of the output.
        score: Least score of a face.
        overlap: Of two boxes that overlap more (intersection over union) the less sure one is dropped.
    """

    title: str
    longest: int
    multiple: int
    strides: tuple[int, ...]
    score: float
    overlap: float
    files: Mapping[str, str]
    folder: Path


def read_detector_card(folder: Path) -> DetectorCard:
    """The card in a detector's folder.

    Raises:
        ModelError: it is missing, or lacks or distorts something.
    """
    return parse_card(folder, lambda content: _card(content, folder))


class AnchorFreeDetector:
    """A detector's network through LiteRT, checked against its card."""

    name, title = "own", "Own network"

    def __init__(self, card: DetectorCard, longest: int | None = None, score: float | None = None) -> None:
        """Load the network.

        Args:
            longest, score: Instead of the card's; `longest` then holds for pictures of any size.
        Raises:
            ModelError: the network is missing, altered, or does not fit its card.
        """
        self.notice: str | None = None
        self.input_scale = 1.0
        self.card = card
        self._longest = longest
        self._least_logit = _logit(score or card.score)
        self._content = read_verified_model(card)
        self._prepared: dict[tuple[int, int], _Prepared] = {}
        self._check_against_card()

    def detect(self, image: np.ndarray) -> list[Face]:
        small, factor = shrink_to_fit(image, round(self.input_scale * self._longest_for(image)))
        cells, rows = self._sure_cells(small)
        boxes, points = decode_cells(rows, cells)
        scores = 1 / (1 + np.exp(-rows[:, 0]))
        kept = non_max_suppression(boxes, scores, self.card.overlap)
        boxes, points = boxes * factor, points * factor
        return [Face(Box(*boxes[index].tolist()), float(scores[index]), points[index]) for index in kept]

    def _longest_for(self, image: np.ndarray) -> float:
        if self._longest is not None:
            return self._longest
        return self.card.longest * (LARGER if max(image.shape[:2]) >= LARGE_FROM else 1.0)

    def _sure_cells(self, small: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The cells that see a face, as `cell_grid` has them, and what they say."""
        height, width = (_next_multiple(side, self.card.multiple) for side in small.shape[:2])
        prepared = self._for_shape(height, width)
        rows = run_interpreter(prepared.interpreter, pad_to_size(small, width, height)[None])[0]
        sure = np.flatnonzero(rows[:, 0] >= self._least_logit)
        return prepared.cells[sure], rows[sure]

    def _for_shape(self, height: int, width: int) -> _Prepared:
        """The interpreter and cells of a shape; the shape that waited longest makes room for a new one."""
        shape = height, width
        found = self._prepared.pop(shape, None)
        if found is None:
            interpreter = load_interpreter(self._content, (1, height, width, None), self.card.folder / MODEL)
            found = _Prepared(interpreter, cell_grid(height, width, self.card.strides))
        self._prepared[shape] = found
        if len(self._prepared) > KEPT:
            del self._prepared[next(iter(self._prepared))]
        return found

    def _check_against_card(self) -> None:
        path, side = self.card.folder / MODEL, self.card.multiple
        prepared = self._for_shape(side, 2 * side)
        source = prepared.interpreter.get_input_details()[0]
        shape, kind = tuple(source["shape"].tolist()), np.dtype(source["dtype"]).name
        if (shape[-1], kind) != (3, "uint8"):
            raise ModelError(f"{path} takes {kind} {shape}, not uint8 in three colours; export the model again")
        found, wanted = (
            run_interpreter(prepared.interpreter, np.zeros(shape, np.uint8)).shape,
            (1, len(prepared.cells), COLUMNS),
        )
        if found != wanted:
            raise ModelError(f"{path} gives {found} where its card calls for {wanted}; export the model again")


@dataclass(frozen=True, slots=True)
class _Prepared:
    """What is ready for one shape of picture."""

    interpreter: Any
    cells: np.ndarray


def cell_grid(height: int, width: int, strides: Sequence[int]) -> np.ndarray:
    """Every cell of a picture in the order of the network's rows.

    Returns:
        float32, shape (cells, 3): x and y of the centre in pixels, and the stride.
    """
    levels = []
    for stride in strides:
        y, x = (np.mgrid[: height // stride, : width // stride] + 0.5) * stride
        levels.append(np.dstack([x, y, np.full_like(x, stride)]).reshape(-1, 3))
    return np.concatenate(levels).astype(np.float32)


def decode_cells(rows: np.ndarray, cells: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Boxes and points in pixels.

    Args:
        rows: What cells say, shape (n, 15): logit, log distances to left, top, right and bottom, five points x, y;
            all but the logit in strides, from the cell's centre.
        cells: Those of `cell_grid`, shape (n, 3).
    Returns:
        Boxes of shape (n, 4), x1, y1, x2, y2; points of shape (n, 5, 2).
    """
    centers, strides = cells[:, :2], cells[:, 2:]
    distances = np.exp(rows[:, 1:5]) * strides
    boxes = np.hstack([centers - distances[:, :2], centers + distances[:, 2:]])
    points = centers[:, None] + rows[:, 5:].reshape(-1, 5, 2) * strides[:, None]
    return boxes, points


def non_max_suppression(boxes: np.ndarray, scores: np.ndarray, overlap: float) -> np.ndarray:
    """Which boxes (n, 4) stay when those that overlap a surer one, or lie in it or around it, are dropped.

    Returns:
        Their indexes, the surest first.
    """
    sides = np.hstack([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]])
    kept = np.array(cv2.dnn.NMSBoxes(sides.tolist(), scores.tolist(), 0.0, overlap), int).ravel()
    surer_holds = np.triu(_nesting(boxes[kept]) > NESTED, 1).any(0)
    return kept[~surer_holds]


def _nesting(boxes: np.ndarray) -> np.ndarray:
    """Of each two boxes (n, 4), the share of the smaller one that both have in common, shape (n, n)."""
    first, last = np.maximum(boxes[:, None, :2], boxes[:, :2]), np.minimum(boxes[:, None, 2:], boxes[:, 2:])
    areas = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)
    return np.prod((last - first).clip(0), axis=2) / np.maximum(np.minimum(areas[:, None], areas), 1e-6)


def _card(content: Mapping[str, Any], folder: Path) -> DetectorCard:
    source = content["input"]
    card = DetectorCard(
        content.get("title", content["name"]),
        int(source["longest"]),
        int(source["multiple"]),
        tuple(int(stride) for stride in content["strides"]),
        float(content["score"]),
        float(content["overlap"]),
        dict(content["files"]),
        folder,
    )
    if content["kind"] != "detector" or source["colour"] != "rgb":
        raise ValueError(f"kind {content['kind']!r} with {source['colour']} input is no face detector")
    if card.multiple < 1 or not card.strides or any(stride < 1 or card.multiple % stride for stride in card.strides):
        raise ValueError(f"strides {list(card.strides)} do not divide multiple {card.multiple}")
    if card.longest < 1 or not 0 < card.score < 1 or not 0 < card.overlap < 1:
        raise ValueError(f"longest {card.longest}, score {card.score} or overlap {card.overlap} is out of range")
    return card


def _next_multiple(side: int, multiple: int) -> int:
    return -(-side // multiple) * multiple


def _logit(share: float) -> float:
    return math.log(share / (1 - share))
