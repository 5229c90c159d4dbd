"""The face detector trained in this project: an anchor-free network for images of any shape."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from app.domain import Box, Face
from app.errors import ModelError
from app.numerics import logit, sigmoid
from app.vision.detection.close_ups import may_be_close_up, merge_scales
from app.vision.detection.resize import pad_to_size, shrink_to_fit
from app.vision.inference.litert import LiteRtModel
from app.vision.inference.model_card import MODEL, parse_card, read_verified_model

FOLDER = "detector"
# Outputs per cell: score logit, four log distances to the box edges, x and y of five points.
OUTPUTS_PER_CELL = 15
# If two boxes share more than this part of the smaller one, one is part of a face or a face with its surroundings.
MAX_NESTING = 0.8
# Images with a longer side of at least this many pixels are sharp enough for small faces: they are detected at a
# higher resolution by this factor.
LARGE_IMAGE_SIDE_PX = 1200
LARGE_IMAGE_FACTOR = 2.0
# Minimum score of what might be a face. Of 480 faces that the edge of the image cuts off, the lowest had 0.1.
CANDIDATE_SCORE = 0.05
# Number of image shapes with a prepared model; preparing one takes longer than a detection.
MAX_PREPARED_SHAPES = 4


@dataclass(frozen=True, slots=True)
class DetectorCard:
    """Contents of the `card.json` of a face detector.

    Attributes:
        max_side: Images are shrunk to this longer side in pixels; `input.longest` in the card.
        side_multiple: Input sides are padded to multiples of this; `input.multiple` in the card.
        strides: Pixels between the cells of each level, in output order.
        score: Minimum score of a face, 0 to 1.
        nms_iou: Of two boxes with a higher intersection over union the one with the lower score is dropped; `overlap`
            in the card.
    """

    title: str
    max_side: int
    side_multiple: int
    strides: tuple[int, ...]
    score: float
    nms_iou: float
    files: Mapping[str, str]
    folder: Path


def read_detector_card(folder: Path) -> DetectorCard:
    """Read the card in a detector's folder.

    Raises:
        ModelError: the card is missing, incomplete or invalid.
    """
    return parse_card(folder, lambda content: _detector_card(content, folder))


class AnchorFreeDetector:
    """A LiteRT detector network, checked against its card."""

    name, title = "own", "Own network"

    def __init__(self, card: DetectorCard, max_side: int | None = None, min_score: float | None = None) -> None:
        """Load the network.

        Args:
            max_side: Overrides the card's, for images of any size.
            min_score: Overrides the card's.
        Raises:
            ModelError: the network is missing, altered, or does not match its card.
        """
        self.notice: str | None = None
        self.input_scale = 1.0
        self.card = card
        self._max_side = max_side
        self.min_score = min_score or card.score
        self._content = read_verified_model(card)
        self._prepared: dict[tuple[int, int], _PreparedShape] = {}
        self._check_against_card()

    def detect(self, image: np.ndarray) -> list[Face]:
        """Detect faces with five points each, highest score first; see `FaceDetector.detect`."""
        return self._detect(image, self.min_score, drops_parts=True)

    def detect_candidates(self, image: np.ndarray) -> list[Face]:
        """Detect what might be a face, also on the person of a large face; see `FaceDetector.detect_candidates`."""
        return self._detect(image, min(self.min_score, CANDIDATE_SCORE), drops_parts=False)

    def _detect(self, image: np.ndarray, min_score: float, drops_parts: bool) -> list[Face]:
        side, usual_side = (round(self.input_scale * side) for side in (self._max_side_for(image), self.card.max_side))
        faces, longest = self.search(image, side, min_score), max(image.shape[:2])
        if min(side, longest) <= usual_side or not may_be_close_up(faces, longest):
            return faces
        return merge_scales(self.search(image, usual_side, min_score), faces, longest, drops_parts=drops_parts)

    def search(self, image: np.ndarray, max_side: int, min_score: float | None = None) -> list[Face]:
        """One search in an image that is shrunk to this longer side, without the rule on close-ups; see `detect`.

        Args:
            min_score: Overrides the detector's.
        """
        min_score = self.min_score if min_score is None else min_score
        small, factor = shrink_to_fit(image, max_side)
        cells, rows = self._confident_cells(small, logit(min_score))
        boxes, points = decode_cells(rows, cells)
        scores = sigmoid(rows[:, 0])
        kept = non_max_suppression(boxes, scores, self.card.nms_iou)
        boxes, points = boxes * factor, points * factor
        return [Face(Box(*boxes[index].tolist()), float(scores[index]), points[index]) for index in kept]

    def _max_side_for(self, image: np.ndarray) -> float:
        if self._max_side is not None:
            return self._max_side
        return self.card.max_side * (LARGE_IMAGE_FACTOR if max(image.shape[:2]) >= LARGE_IMAGE_SIDE_PX else 1.0)

    def _confident_cells(self, small: np.ndarray, min_logit: float) -> tuple[np.ndarray, np.ndarray]:
        """Cells above a minimum score, as in `cell_grid`, and their outputs."""
        height, width = (_next_multiple(side, self.card.side_multiple) for side in small.shape[:2])
        prepared = self._prepare(height, width)
        rows = prepared.model.run(pad_to_size(small, width, height)[None])[0]
        confident = np.flatnonzero(rows[:, 0] >= min_logit)
        return prepared.cells[confident], rows[confident]

    def _prepare(self, height: int, width: int) -> _PreparedShape:
        """Model and cells for an input shape; the least recently used shape is dropped."""
        shape = height, width
        prepared = self._prepared.pop(shape, None)
        if prepared is None:
            model = LiteRtModel(self._content, (1, height, width, None), self.card.folder / MODEL)
            prepared = _PreparedShape(model, cell_grid(height, width, self.card.strides))
        self._prepared[shape] = prepared
        if len(self._prepared) > MAX_PREPARED_SHAPES:
            del self._prepared[next(iter(self._prepared))]
        return prepared

    def _check_against_card(self) -> None:
        path, side = self.card.folder / MODEL, self.card.side_multiple
        prepared = self._prepare(side, 2 * side)
        shape, dtype = prepared.model.input_shape, prepared.model.input_dtype.name
        if (shape[-1], dtype) != (3, "uint8"):
            raise ModelError(f"{path} takes {dtype} {shape}, not uint8 in three colours; export the model again")
        outputs = prepared.model.run(np.zeros(shape, np.uint8)).shape
        expected = (1, len(prepared.cells), OUTPUTS_PER_CELL)
        if outputs != expected:
            raise ModelError(f"{path} gives {outputs} where its card calls for {expected}; export the model again")


@dataclass(frozen=True, slots=True)
class _PreparedShape:
    """Model and cells for one input shape."""

    model: LiteRtModel
    cells: np.ndarray


def cell_grid(height: int, width: int, strides: Sequence[int]) -> np.ndarray:
    """Cells of an image in the order of the network's output.

    Returns:
        float32, shape (cells, 3): x and y of the centre in pixels, and the stride.
    """
    levels = []
    for stride in strides:
        y, x = (np.mgrid[: height // stride, : width // stride] + 0.5) * stride
        levels.append(np.dstack([x, y, np.full_like(x, stride)]).reshape(-1, 3))
    return np.concatenate(levels).astype(np.float32)


def decode_cells(rows: np.ndarray, cells: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Decode the outputs of cells to boxes and points in pixels.

    Args:
        rows: Network outputs, shape (n, 15): score logit, log distances to left, top, right and bottom, and five points
            x, y; distances and points in strides from the cell's centre.
        cells: From `cell_grid`, shape (n, 3).
    Returns:
        Boxes as x1, y1, x2, y2, shape (n, 4); points, shape (n, 5, 2).
    """
    centers, strides = cells[:, :2], cells[:, 2:]
    distances = np.exp(rows[:, 1:5]) * strides
    boxes = np.hstack([centers - distances[:, :2], centers + distances[:, 2:]])
    points = centers[:, None] + rows[:, 5:].reshape(-1, 5, 2) * strides[:, None]
    return boxes, points


def non_max_suppression(boxes: np.ndarray, scores: np.ndarray, max_iou: float) -> np.ndarray:
    """Drop boxes that overlap one with a higher score, lie inside it, or enclose it.

    Args:
        boxes: As x1, y1, x2, y2, shape (n, 4).
        scores: Shape (n,).
    Returns:
        Indices of the kept boxes by falling score, int (k,).
    """
    x_y_width_height = np.hstack([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]])
    kept = np.array(cv2.dnn.NMSBoxes(x_y_width_height.tolist(), scores.tolist(), 0.0, max_iou), int).ravel()
    is_nested = np.triu(_intersection_over_smaller(boxes[kept]) > MAX_NESTING, 1).any(0)
    return kept[~is_nested]


def _intersection_over_smaller(boxes: np.ndarray) -> np.ndarray:
    """Intersection over the area of the smaller box for each pair of boxes (n, 4), shape (n, n)."""
    first, last = np.maximum(boxes[:, None, :2], boxes[:, :2]), np.minimum(boxes[:, None, 2:], boxes[:, 2:])
    areas = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)
    return np.prod((last - first).clip(0), axis=2) / np.maximum(np.minimum(areas[:, None], areas), 1e-6)


def _detector_card(content: Mapping[str, Any], folder: Path) -> DetectorCard:
    inputs = content["input"]
    card = DetectorCard(
        content.get("title", content["name"]),
        int(inputs["longest"]),
        int(inputs["multiple"]),
        tuple(int(stride) for stride in content["strides"]),
        float(content["score"]),
        float(content["overlap"]),
        dict(content["files"]),
        folder,
    )
    if content["kind"] != "detector" or inputs["colour"] != "rgb":
        raise ValueError(f"kind {content['kind']!r} with {inputs['colour']} input is not a face detector")
    _check_detector_card(card)
    return card


def _check_detector_card(card: DetectorCard) -> None:
    multiple = card.side_multiple
    if multiple < 1 or not card.strides or any(stride < 1 or multiple % stride for stride in card.strides):
        raise ValueError(f"strides {list(card.strides)} do not divide multiple {multiple}")
    if card.max_side < 1 or not 0 < card.score < 1 or not 0 < card.nms_iou < 1:
        raise ValueError(f"longest {card.max_side}, score {card.score} or overlap {card.nms_iou} is out of range")


def _next_multiple(side: int, multiple: int) -> int:
    return -(-side // multiple) * multiple
