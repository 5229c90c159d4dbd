"""The models that lessons use, each loaded when a lesson first needs it."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

import numpy as np

from app.attributes.attribute_set import AttributeSet, load_attributes
from app.domain import Face
from app.errors import ModelError
from app.learn.haar.cascade import Cascade, load_cascade
from app.settings import Settings
from app.vision.attributes.predictor import LiteRtPredictor, load_predictors
from app.vision.detection.face_detector import FaceDetector, build_detector
from app.vision.detection.haar import CASCADE_FILE
from app.vision.inference.layer_outputs import LayerReader
from app.vision.landmarks.landmark_tracking import LandmarkTracker, load_landmark_tracker


class Tools:
    """Detector, landmark network and attribute models of the settings. Use it in one thread."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._layer_readers: dict[str, LayerReader] = {}

    @cached_property
    def attributes(self) -> AttributeSet:
        """The attributes that are served; perceived race only if the operator has enabled it."""
        return load_attributes(self.settings.models, self.settings.enabled_attributes)

    @cached_property
    def predictors(self) -> dict[str, LiteRtPredictor]:
        """The attribute models by name of their card."""
        loaded = load_predictors(self.settings.models, self.attributes.served)
        return {one.card.name: one for one in loaded if isinstance(one, LiteRtPredictor)}

    @cached_property
    def detector(self) -> FaceDetector:
        """The detector of the live view."""
        return build_detector(self.settings)

    @cached_property
    def cascade(self) -> Cascade:
        """OpenCV's cascade of Haar features, to be run step by step."""
        return load_cascade(CASCADE_FILE)

    @cached_property
    def landmark_tracker(self) -> LandmarkTracker:
        """The landmark network, or its stand-in without one."""
        return load_landmark_tracker(self.settings.models)

    def layer_reader(self, attribute: str) -> LayerReader:
        """The network that reads an attribute, with the outputs of its layers.

        Raises:
            ModelError: no network reads it.
        """
        if attribute not in self._layer_readers:
            self._layer_readers[attribute] = LayerReader(self.predictor_of(attribute).card)
        return self._layer_readers[attribute]

    def predictor_of(self, attribute: str) -> LiteRtPredictor:
        """The model that reads an attribute.

        Raises:
            ModelError: no model does.
        """
        for predictor in self.predictors.values():
            if any(head.attribute == attribute for head in predictor.card.served_heads):
                return predictor
        folder = Path(self.settings.models)
        raise ModelError(f"no model in {str(folder)!r} reads {attribute}; give another --models folder")

    def faces(self, image: np.ndarray) -> list[Face]:
        """The faces of an image, RGB uint8 (height, width, 3), largest first, with landmarks where they are known."""
        detected = self.detector.detect(image)
        confirmed = self.landmark_tracker.confirm_detections(image, detected)
        return sorted(confirmed, key=lambda face: -face.box.width * face.box.height)
