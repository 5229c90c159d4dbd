"""Predict each expression of a changing face in a still frame, without smoothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from app.analysis import Analyzer
from app.attributes.estimate import ClassEstimate
from app.bench.scenarios import Scenario
from app.bench.scenes.scene_renderer import SceneRenderer, assign_pictures
from app.domain import Frame, Track
from app.settings import Settings

EmotionProbabilities = Mapping[str, float]


def predict_stills(scenario: Scenario, settings: Settings) -> list[EmotionProbabilities]:
    """Emotion midway between each two changes of the scene's only face; empty if no face is found."""
    scene = scenario.scene
    (person,) = scene.persons.values()
    renderer, analyzer = SceneRenderer(scene, assign_pictures(scene, scenario.pictures())), Analyzer(settings)
    middles_s = [(start + end) / 2 for start, end in pairwise([0.0, *person.changes_at_s, scene.seconds])]
    tracks = [analyzer.frame_analyzer()(Frame(renderer.render(time_s), 0, time_s, 0.0)) for time_s in middles_s]
    return [_emotion(found) for found in tracks]


def _emotion(faces: Sequence[Track]) -> EmotionProbabilities:
    """Emotion of the only face; empty if there is none or several."""
    emotion = faces[0].estimates.get("emotion") if len(faces) == 1 else None
    return emotion.probabilities or {} if isinstance(emotion, ClassEstimate) else {}


def visible_changes(stills: Sequence[EmotionProbabilities], min_probability: float) -> list[bool]:
    """For each change, whether the model is confident of a new emotion that differs from the one before."""
    return [
        _top_label(after, min_probability) not in (None, _top_label(before, 0.0)) for before, after in pairwise(stills)
    ]


def _top_label(probabilities: EmotionProbabilities, min_probability: float) -> str | None:
    label = max(probabilities, key=probabilities.__getitem__, default=None)
    return label if label is not None and probabilities[label] >= min_probability else None
