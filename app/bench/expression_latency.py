"""Measure how soon a change of expression is shown."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

from app.attributes.estimate import UNSURE, ClassEstimate
from app.bench.scenes.synthetic_scenes import Scene
from app.bench.still_predictions import EmotionProbabilities, visible_changes
from app.domain import FrameResult

# A change counts if the model sees the new emotion in a still frame with at least this probability.
MIN_STILL_PROBABILITY = 0.6


def measure_expression_latency(
    scene: Scene,
    results: Sequence[FrameResult],
    predict_stills: Callable[[], Sequence[EmotionProbabilities]] | None = None,
) -> dict[str, Any] | None:
    """Measure the time from each change of the scene's only face to the label that is finally shown.

    Args:
        predict_stills: Returns the emotion of each expression in a still frame. Changes that the model does not see
            there are left out, since no smoothing could show them; without it all changes count.
    Returns:
        `changes`: number of changes that count; `left_out`: number of the others; `shown`: number that end in another
        label than before; over these `p50_s` and `slowest_s`. None if no expression is predicted or none changes.
    """
    (person, *others) = scene.persons.values()
    labels = [_shown_label(result) for result in results]
    if others or not person.changes_at_s or not any(labels):
        return None
    counts = [True] * len(person.changes_at_s)
    if predict_stills:
        counts = visible_changes(predict_stills(), MIN_STILL_PROBABILITY)
    latencies = []
    for is_visible, (start_s, end_s) in zip(counts, pairwise([*person.changes_at_s, scene.seconds]), strict=True):
        first, last = round(start_s * scene.fps), round(end_s * scene.fps)
        if is_visible:
            latencies.append(_frames_until_shown(labels[:first], labels[first:last]))
    shown_s = [frames / scene.fps for frames in latencies if frames is not None]
    return {
        "changes": len(latencies),
        "left_out": len(counts) - len(latencies),
        "shown": len(shown_s),
        "p50_s": round(statistics.median(shown_s), 3) if shown_s else None,
        "slowest_s": round(max(shown_s), 3) if shown_s else None,
    }


def _frames_until_shown(before: Sequence[str | None], after: Sequence[str | None]) -> int | None:
    """Number of frames until the final label; None if it is the same as before, unsure or missing."""
    if not before or not after or after[-1] in (None, UNSURE, before[-1]):
        return None
    return after.index(after[-1])


def _shown_label(result: FrameResult) -> str | None:
    """Emotion label of the only face."""
    emotion = result.faces[0].estimates.get("emotion") if len(result.faces) == 1 else None
    return emotion.label if isinstance(emotion, ClassEstimate) else None
