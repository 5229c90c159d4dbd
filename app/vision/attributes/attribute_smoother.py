"""Keep what the models say of each person steady over time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from app.domain import SURE_RACE, SURE_SEX, Attributes, Track
from app.vision.attributes.attribute_inference import Reading
from app.vision.attributes.temporal_smoothing import SteadyAge, SteadyEmotion, SteadyMask, SteadyMean

FORGET_S = 3.0  # longer than the tracker remembers anyone
THROUGH_MASK = 0.05  # what a reading of age, sex or race counts where half of the face is covered


@dataclass(slots=True)
class _Memory:
    known: Attributes = Attributes()
    emotion: SteadyEmotion = field(default_factory=SteadyEmotion)
    age: SteadyAge = field(default_factory=SteadyAge)
    sex: SteadyMean = field(default_factory=lambda: SteadyMean(SURE_SEX))
    race: SteadyMean = field(default_factory=lambda: SteadyMean(SURE_RACE))
    mask: SteadyMask = field(default_factory=SteadyMask)
    at_s: float = 0.0

    def add(self, fresh: Attributes, weight: float, now_s: float) -> None:
        """Take in a reading; what it does not speak of stays."""
        if fresh.mask is not None:
            self.mask.add(fresh.mask, now_s)
            self.known = replace(self.known, mask=self.mask.probabilities, stable_mask=self.mask.label)
        weight *= THROUGH_MASK if self.known.is_masked else 1
        if fresh.emotion is not None:
            self.emotion.add(fresh.emotion, now_s)
            decided, second = self.emotion.label, self.emotion.second
            emotion = self.emotion.probabilities
            self.known = replace(self.known, emotion=emotion, stable_emotion=decided, second_emotion=second)
        if fresh.age_years is not None:
            self.age.add(fresh.age_years, fresh.age_interval, weight)
            interval = fresh.age_interval and self.age.interval
            self.known = replace(self.known, age_years=self.age.years, age_interval=interval)
        if fresh.p_female is not None:
            self.sex.add({"female": fresh.p_female, "male": 1 - fresh.p_female}, weight)
            p_female = self.sex.probabilities["female"]
            self.known = replace(self.known, p_female=p_female, stable_sex=self.sex.label)
        if fresh.race is not None:
            self.race.add(fresh.race, weight)
            self.known = replace(self.known, race=self.race.probabilities, stable_race=self.race.label)


class AttributeSmoother:
    """Remembers the readings of every track, by the source's time."""

    def __init__(self) -> None:
        self._memories: dict[int, _Memory] = {}

    def update(self, tracks: Sequence[Track], readings: Sequence[Reading], now_s: float) -> list[Track]:
        """The tracks with all that is known of them by now.

        Args:
            readings: What the models say of each track in this picture.
            now_s: The source's time in seconds.
        """
        self._memories = {id: one for id, one in self._memories.items() if now_s - one.at_s <= FORGET_S}
        return [self._added(*one, now_s) for one in zip(tracks, readings, strict=True)]

    def reset(self) -> None:
        """Drop everything, for a new source with a clock of its own."""
        self._memories = {}

    def _added(self, track: Track, reading: Reading, now_s: float) -> Track:
        memory = self._memories.setdefault(track.id, _Memory())
        memory.add(reading.attributes, reading.weight, now_s)
        memory.at_s = now_s
        return replace(track, attributes=memory.known)
