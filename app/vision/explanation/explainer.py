"""Explain on request what a network reads from a person's face, beside the analysis of the frames."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from app.attributes.estimate import UNSURE, ClassEstimate
from app.attributes.output_head import Head
from app.attributes.predicted.emotion import ATTRIBUTE as EMOTION
from app.domain import Face, Track
from app.vision.attributes.neutral_face import NeutralFaces
from app.vision.attributes.predictor import LiteRtPredictor, Predictor
from app.vision.explanation.face_regions import region_cells, region_means, strongest_region
from app.vision.explanation.occlusion_map import occlusion_map, with_covers
from app.vision.inference.face_crop import crop_face, patch_matrix, transform_points
from app.vision.inference.face_pose import FacePose, has_landmarks
from app.vision.inference.model_card import ModelCard
from app.wire import Message

EXPLAINED_KINDS = ("classes", "binary")
PROBABILITY_DIGITS = 4
NOT_READ = "this is not read from the face now; a mask may hide it"
# Added to the niceness of the process for the thread that explains, so that the frames go first (Linux only: elsewhere
# the niceness is the process's).
NICENESS = 5


class PatchModel(Protocol):
    """A network that reads patches."""

    def predict_patches(self, patches: np.ndarray) -> np.ndarray:
        """Logits, float32 (n, outputs), of uint8 patches (n, size, size, channels)."""


@dataclass(frozen=True, slots=True)
class _Subject:
    """What is explained: a label that is read from a patch.

    Attributes:
        patch: uint8, shape (size, size, channels).
        points: Landmarks in shares of the patch's side, shape (15, 2); None if they are unknown.
        label: Shown label; None while it is unsure, which stands for the likeliest one.
    """

    request: int
    person: int
    card: ModelCard
    head: Head
    patch: np.ndarray
    points: np.ndarray | None
    label: str | None


class Explainer:
    """Answers one request at a time by an `explanation` message, with the patch as its part.

    The frame's thread only cuts the patch out. The network runs in a thread of its own, in another interpreter than the
    one that reads the frames.

    Args:
        neutral_faces: By which the readings of the emotion are corrected.
        send: Sends a message to the web process; called from any thread.
        load: Loads the network of a card.
    """

    def __init__(
        self,
        predictors: Sequence[Predictor],
        neutral_faces: NeutralFaces,
        send: Callable[[Message], None],
        load: Callable[[ModelCard], PatchModel] = LiteRtPredictor,
    ) -> None:
        self._heads = {
            head.attribute: (predictor.card, head)
            for predictor in predictors
            for head in predictor.card.served_heads
            if head.kind in EXPLAINED_KINDS
        }
        self._neutral_faces, self._send, self._load = neutral_faces, send, load
        self._networks: dict[str, PatchModel] = {}
        self._requested: Mapping[str, Any] | None = None
        self._thread: threading.Thread | None = None

    def request(self, body: Mapping[str, Any]) -> None:
        """Explain a person's attribute in the next frame; replaces a request that waits. May come from any thread.

        Args:
            body: `request` (a number that the answer repeats), `person` and `attribute`.
        """
        self._requested = body

    def update(self, image: np.ndarray, tracks: Sequence[Track]) -> None:
        """Begin with a request that waits, if there is one.

        Args:
            image: RGB uint8, shape (height, width, 3).
            tracks: The faces of this frame.
        """
        body = self._requested
        if body is None or (self._thread is not None and self._thread.is_alive()):
            return
        track = next((track for track in tracks if track.id == body["person"]), None)
        if track is not None and not track.is_detected:
            return  # its position is predicted: the next frame shows the face or loses it
        self._requested = None
        if track is None:
            self._refuse(body, f"person {body['person']} is not in view any more")
        else:
            self._begin(body, image, track)

    def _begin(self, body: Mapping[str, Any], image: np.ndarray, track: Track) -> None:
        """Cut out the patch and start the thread, unless the attribute is not read or another one hides it."""
        estimate = track.estimates.get(body["attribute"])
        if (
            body["attribute"] not in self._heads
            or not isinstance(estimate, ClassEstimate)
            or estimate.probabilities is None
        ):
            self._refuse(body, NOT_READ)
            return
        label = None if estimate.label == UNSURE else estimate.label
        subject = self._subject(body, image, track.face, label)
        self._thread = threading.Thread(target=self._explain, args=[subject], name="explanation", daemon=True)
        self._thread.start()

    def _refuse(self, body: Mapping[str, Any], reason: str) -> None:
        self._send(Message("explanation", {"request": body["request"], "error": reason}))

    def _subject(self, body: Mapping[str, Any], image: np.ndarray, face: Face, label: str | None) -> _Subject:
        card, head = self._heads[body["attribute"]]
        pose = FacePose.from_face(face)
        points = None
        if face.points is not None and has_landmarks(face):
            # The centre of pixel 0 lies half a pixel from the edge of the patch.
            points = (transform_points(patch_matrix(pose, card.patch), face.points) + 0.5) / card.patch.size
        patch = crop_face(image, pose, card.patch)
        return _Subject(body["request"], body["person"], card, head, patch, points, label)

    def _explain(self, subject: _Subject) -> None:
        _lower_priority()
        if subject.card.name not in self._networks:
            self._networks[subject.card.name] = self._load(subject.card)
        read = self._probabilities(subject, with_covers(subject.patch))
        likeliest = subject.head.labels[int(read[0].argmax())]
        label = subject.label or likeliest
        probabilities = read[:, subject.head.labels.index(label)]
        falls = occlusion_map(probabilities)
        regions = {} if subject.points is None else region_cells(subject.points)
        body = {
            "request": subject.request,
            "person": subject.person,
            "attribute": subject.head.attribute,
            "label": label,
            "unsure": subject.label is None,
            "likeliest": likeliest,
            "probability": round(float(probabilities[0]), PROBABILITY_DIGITS),
            "falls": falls.round(PROBABILITY_DIGITS).tolist(),
            "regions": {name: round(value, PROBABILITY_DIGITS) for name, value in region_means(falls, regions).items()},
            "strongest_region": strongest_region(falls, regions),
            "shape": list(subject.patch.shape),
        }
        self._send(Message("explanation", body, [subject.patch.tobytes()]))

    def _probabilities(self, subject: _Subject, patches: np.ndarray) -> np.ndarray:
        """Calibrated probabilities (n, labels) as they are reported of the person, before smoothing."""
        outputs = self._networks[subject.card.name].predict_patches(patches)
        logits = next(part for head, part in subject.card.head_logits(outputs) if head == subject.head)
        probabilities = np.array([subject.head.probabilities(row) for row in logits])
        if subject.head.attribute != EMOTION.name:
            return probabilities
        return self._neutral_faces.correct_probabilities(subject.person, probabilities)


def _lower_priority() -> None:
    if sys.platform == "linux":
        os.nice(NICENESS)  # of this thread alone
