"""Smooth the attributes of each track over time, decide what is reported, and add derived attributes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from app.attributes.attribute import Attribute, DerivedInputs
from app.attributes.attribute_set import LANDMARKS_INPUT, AttributeSet
from app.attributes.estimate import Estimate, Estimates
from app.domain import Track
from app.vision.attributes.attribute_inference import AttributePrediction
from app.vision.attributes.pnp_solver import solve_pnp
from app.vision.attributes.temporal_smoothing import Smoother, smoother_for

# Longer than the tracker remembers a lost face.
FORGET_AFTER_S = 3.0
# Factor on the weight of predictions of constant attributes while something hides a part of the face, such as a mask.
HIDDEN_WEIGHT_FACTOR = 0.05
# Derived attributes are computed again after this time, also without new predictions: heads turn.
DERIVE_INTERVAL_S = 0.1


@dataclass(slots=True)
class _TrackAttributes:
    """Smoothers of one track, and their current output.

    Attributes:
        smoothed: Smoothed estimates by name.
        reported: What is reported of them, with the derived attributes.
    """

    attributes: AttributeSet
    smoothers: dict[str, Smoother] = field(default_factory=dict)
    smoothed: dict[str, Estimate] = field(default_factory=dict)
    reported: Estimates = field(default_factory=dict)
    updated_at_s: float = 0.0
    derived_at_s: float = 0.0

    def update(self, new: AttributePrediction, track: Track, frame_size: tuple[int, int], now_s: float) -> None:
        """Add a prediction; attributes that it lacks keep their values."""
        self.updated_at_s = now_s
        if new.estimates:
            self._smooth(new, now_s)
        if new.estimates or now_s - self.derived_at_s >= DERIVE_INTERVAL_S:
            self.derived_at_s = now_s
            reported = self.attributes.report(self.smoothed)
            inputs = DerivedInputs(reported, track.face.points, frame_size, solve_pnp)
            self.reported = self.attributes.derive(
                inputs, lambda attribute, value: self._smooth_derived(attribute, value, now_s)
            )

    def _smooth(self, new: AttributePrediction, now_s: float) -> None:
        """Smooth the new estimates. Those that hide others go first: they lower the weights."""
        known = [attribute for attribute in self.attributes if attribute.name in new.estimates]
        weight = new.weight
        for attribute in sorted(known, key=lambda attribute: not attribute.hides):
            if not attribute.hides and self.attributes.hidden_names(self.smoothed):
                weight = new.weight * HIDDEN_WEIGHT_FACTOR
            estimate = new.estimates[attribute.name]
            self.smoothed[attribute.name] = self._smoother(attribute).update(estimate, weight, now_s)

    def _smooth_derived(self, attribute: Attribute, estimate: Estimate, now_s: float) -> Estimate:
        """Smooth what comes from landmarks; what comes from smoothed attributes is smooth."""
        if LANDMARKS_INPUT not in attribute.inputs:
            return estimate
        return self._smoother(attribute).update(estimate, 1.0, now_s)

    def _smoother(self, attribute: Attribute) -> Smoother:
        if attribute.name not in self.smoothers:
            self.smoothers[attribute.name] = smoother_for(attribute)
        return self.smoothers[attribute.name]


class AttributeSmoother:
    """Keeps the smoothed attributes of every track, by source time."""

    def __init__(self, attributes: AttributeSet) -> None:
        self._attributes = attributes
        self._by_track: dict[int, _TrackAttributes] = {}

    def update(
        self,
        tracks: Sequence[Track],
        predictions: Sequence[AttributePrediction],
        frame_size: tuple[int, int],
        now_s: float,
    ) -> list[Track]:
        """Add the predictions of one frame and return the tracks with what is reported of them.

        Args:
            predictions: One per track.
            frame_size: Width and height of the frame in pixels.
            now_s: Source time in seconds.
        """
        self._by_track = {
            id: known for id, known in self._by_track.items() if now_s - known.updated_at_s <= FORGET_AFTER_S
        }
        pairs = zip(tracks, predictions, strict=True)
        return [self._smooth(track, prediction, frame_size, now_s) for track, prediction in pairs]

    def reset(self) -> None:
        """Start a new source with its own clock."""
        self._by_track = {}

    def _smooth(
        self, track: Track, prediction: AttributePrediction, frame_size: tuple[int, int], now_s: float
    ) -> Track:
        state = self._by_track.setdefault(track.id, _TrackAttributes(self._attributes))
        state.update(prediction, track, frame_size, now_s)
        return Track(track.id, track.face, state.reported, track.is_detected, track.neutral_face)
