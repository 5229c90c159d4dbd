"""What the model reads of each look of a changing face as a still picture, without any smoothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from app.analysis import Analyzer
from app.bench.scenarios import Case
from app.bench.scenes.scene_renderer import Composed, cast
from app.domain import Frame
from app.settings import Settings

Still = Mapping[str, float]


def stills(case: Case, settings: Settings) -> list[Still]:
    """Probabilities of the emotions midway between each two changes of a scene's one face; empty where none is read."""
    (person,) = case.scene.persons.values()
    composed, analyzer = Composed(case.scene, cast(case.scene, case.looks())), Analyzer(settings)
    middles_s = [(start + end) / 2 for start, end in pairwise([0.0, *person.changes_at_s, case.scene.seconds])]
    faces = [analyzer.frame_analyzer()(Frame(composed.picture(time_s), 0, time_s, 0.0)) for time_s in middles_s]
    return [(found[0].attributes.emotion or {}) if len(found) == 1 else {} for found in faces]


def seen(readings: Sequence[Still], sure: float) -> list[bool]:
    """Of each change, whether the model sees it: it is sure of an emotion, and that is not the likeliest before."""
    return [_likeliest(after, sure) not in (None, _likeliest(before, 0.0)) for before, after in pairwise(readings)]


def _likeliest(reading: Still, sure: float) -> str | None:
    label = max(reading, key=reading.__getitem__, default=None)
    return label if label is not None and reading[label] >= sure else None
