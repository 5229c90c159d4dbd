"""Smooth the attributes of each track over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from app.domain import MIN_RACE_PROBABILITY, MIN_SEX_PROBABILITY, Attributes, Track
from app.vision.attributes.attribute_inference import AttributePrediction
from app.vision.attributes.temporal_smoothing import AgeSmoother, ConstantSmoother, EmotionSmoother, MaskSmoother

# Longer than the tracker remembers a lost face.
FORGET_AFTER_S = 3.0
# Factor on the weight of age, sex and race predictions while a mask hides half of the face.
MASKED_WEIGHT_FACTOR = 0.05


@dataclass(slots=True)
class _TrackAttributes:
    """Smoothers of one track, and their current output."""

    smoothed: Attributes = Attributes()
    emotion: EmotionSmoother = field(default_factory=EmotionSmoother)
    age: AgeSmoother = field(default_factory=AgeSmoother)
    sex: ConstantSmoother = field(default_factory=lambda: ConstantSmoother(MIN_SEX_PROBABILITY))
    race: ConstantSmoother = field(default_factory=lambda: ConstantSmoother(MIN_RACE_PROBABILITY))
    mask: MaskSmoother = field(default_factory=MaskSmoother)
    updated_at_s: float = 0.0

    def update(self, new: Attributes, weight: float, now_s: float) -> None:
        """Add a prediction; attributes that it lacks keep their values. The mask goes first: it lowers weights."""
        self.updated_at_s = now_s
        if new.mask is not None:
            self._update_mask(new.mask, now_s)
        weight *= MASKED_WEIGHT_FACTOR if self.smoothed.is_masked else 1
        if new.emotion is not None:
            self._update_emotion(new.emotion, now_s)
        if new.age_years is not None:
            self._update_age(new.age_years, new.age_interval, weight)
        if new.p_female is not None:
            self._update_sex(new.p_female, weight)
        if new.race is not None:
            self._update_race(new.race, weight)

    def _update_mask(self, mask: Mapping[str, float], now_s: float) -> None:
        self.mask.update(mask, now_s)
        self.smoothed = replace(self.smoothed, mask=self.mask.probabilities, stable_mask=self.mask.label)

    def _update_emotion(self, emotion: Mapping[str, float], now_s: float) -> None:
        self.emotion.update(emotion, now_s)
        self.smoothed = replace(
            self.smoothed,
            emotion=self.emotion.probabilities,
            stable_emotion=self.emotion.label,
            second_emotion=self.emotion.second,
        )

    def _update_age(self, years: float, interval: tuple[float, float] | None, weight: float) -> None:
        self.age.update(years, interval, weight)
        smoothed_interval = interval and self.age.interval
        self.smoothed = replace(self.smoothed, age_years=self.age.years, age_interval=smoothed_interval)

    def _update_sex(self, p_female: float, weight: float) -> None:
        self.sex.update({"female": p_female, "male": 1 - p_female}, weight)
        smoothed_p = self.sex.probabilities["female"]
        self.smoothed = replace(self.smoothed, p_female=smoothed_p, stable_sex=self.sex.label)

    def _update_race(self, race: Mapping[str, float], weight: float) -> None:
        self.race.update(race, weight)
        self.smoothed = replace(self.smoothed, race=self.race.probabilities, stable_race=self.race.label)


class AttributeSmoother:
    """Keeps the smoothed attributes of every track, by source time."""

    def __init__(self) -> None:
        self._by_track: dict[int, _TrackAttributes] = {}

    def update(self, tracks: Sequence[Track], predictions: Sequence[AttributePrediction], now_s: float) -> list[Track]:
        """Add the predictions of one frame and return the tracks with their smoothed attributes.

        Args:
            predictions: One per track.
            now_s: Source time in seconds.
        """
        self._by_track = {
            id: known for id, known in self._by_track.items() if now_s - known.updated_at_s <= FORGET_AFTER_S
        }
        return [self._smooth(track, prediction, now_s) for track, prediction in zip(tracks, predictions, strict=True)]

    def reset(self) -> None:
        """Start a new source with its own clock."""
        self._by_track = {}

    def _smooth(self, track: Track, prediction: AttributePrediction, now_s: float) -> Track:
        state = self._by_track.setdefault(track.id, _TrackAttributes())
        state.update(prediction.attributes, prediction.weight, now_s)
        return replace(track, attributes=state.smoothed)
