"""Metrics by group of people: race x sex x age band, the best and the worst group, and the gap between them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from training.samples.sample import Sample

AGE_BANDS_YEARS = ((0, 9), (10, 19), (20, 29), (30, 44), (45, 59), (60, 199))
# Smaller groups are shown, but are neither the worst nor part of the largest gap: their figures are too uncertain.
MIN_GROUP_FACES = 30
ALL = "all"

Figure = Callable[[np.ndarray], float]


@dataclass(frozen=True, slots=True)
class Group:
    """The faces of one race, sex and age band, each of which may be `all`; `rows` are their indexes."""

    race: str
    sex: str
    band: str
    rows: np.ndarray

    @property
    def name(self) -> str:
        return ", ".join(word for word in (self.race, self.sex, self.band) if word != ALL) or ALL


@dataclass(frozen=True, slots=True)
class GroupGap:
    """The best and the worst group of at least `MIN_GROUP_FACES` faces."""

    best: Group
    worst: Group
    best_figure: float
    worst_figure: float

    @property
    def gap(self) -> float:
        return abs(self.best_figure - self.worst_figure)


@dataclass(frozen=True, slots=True)
class Grouping:
    """Race, sex and age band of n faces, as arrays of words (n,)."""

    races: np.ndarray
    sexes: np.ndarray
    bands: np.ndarray

    @classmethod
    def of(cls, samples: Sequence[Sample]) -> Grouping | None:
        """From the labels; None if the data set has neither sex nor age."""
        if not samples or not {"sex", "age"} & set(samples[0].labels):
            return None
        races, sexes = ([str(sample.labels.get(name, ALL)) for sample in samples] for name in ("race", "sex"))
        return cls(np.array(races), np.array(sexes), np.array([_band(sample.labels.get("age")) for sample in samples]))

    def words(self) -> tuple[list[str], list[str], list[str]]:
        """The races, sexes and bands that occur, bands from the youngest."""
        bands = [name for name in (*map(band_name, AGE_BANDS_YEARS), ALL) if name in self.bands]
        return sorted(set(self.races.tolist())), sorted(set(self.sexes.tolist())), bands

    def group(self, race: str = ALL, sex: str = ALL, band: str = ALL) -> Group:
        """The faces of this race, sex and band; `all` selects everybody."""
        rows = np.ones(len(self.sexes), bool)
        for words, word in ((self.races, race), (self.sexes, sex), (self.bands, band)):
            rows &= (words == word) | (word == ALL)
        return Group(race, sex, band, np.flatnonzero(rows))

    def intersections(self) -> list[Group]:
        """Every combination of race, sex and band that has a face."""
        races, sexes, bands = self.words()
        found = [self.group(race, sex, band) for race in races for sex in sexes for band in bands]
        return [group for group in found if len(group.rows)]

    def largest_gap(self, figure: Figure | None, higher_is_better: bool = True) -> GroupGap | None:
        """The best and the worst group by a figure of their rows; None if fewer than two groups are large enough."""
        if figure is None:
            return None
        rated = [(figure(group.rows), group) for group in self.intersections() if len(group.rows) >= MIN_GROUP_FACES]
        if len(rated) < 2:
            return None
        ordered = sorted(rated, key=lambda one: one[0], reverse=higher_is_better)
        (best_figure, best), (worst_figure, worst) = ordered[0], ordered[-1]
        return GroupGap(best, worst, best_figure, worst_figure)


def band_name(band: tuple[int, int]) -> str:
    """Such as 20-29, and 60+ for the last."""
    first, last = band
    return f"{first}+" if band == AGE_BANDS_YEARS[-1] else f"{first}-{last}"


def _band(age: str | float | None) -> str:
    if age is None:
        return ALL
    return next(band_name(band) for band in AGE_BANDS_YEARS if float(age) < band[1] + 1)
