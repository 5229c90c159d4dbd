"""How soon a change of expression is shown."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

from app.bench.scenes.synthetic_scenes import Scene
from app.bench.still_predictions import Still, seen
from app.domain import UNSURE, FrameResult

SURE = 0.6  # probability of an emotion from which on the model has seen it in a still picture


def onsets(
    scene: Scene, results: Sequence[FrameResult], read_stills: Callable[[], Sequence[Still]] | None = None
) -> dict[str, Any] | None:
    """Seconds from each change of a scene's one face to the label that is shown for it in the end.

    Args:
        read_stills: What the model reads of each look as a still picture. A change that it does not see there, surely
            and as another emotion, cannot be shown and is left out; without it every change counts.

    Returns:
        `changes`: how many counted; `left_out`: how many did not; `shown`: how many ended in another label than before;
        of these `p50_s` and `slowest_s`. None where no expression is read or none changes.
    """
    (person, *others) = scene.persons.values()
    labels = [_label(result) for result in results]
    if others or not person.changes_at_s or not any(labels):
        return None
    counts = seen(read_stills(), SURE) if read_stills else [True] * len(person.changes_at_s)
    found = []
    for is_seen, (start_s, end_s) in zip(counts, pairwise([*person.changes_at_s, scene.seconds]), strict=True):
        first, last = round(start_s * scene.fps), round(end_s * scene.fps)
        if is_seen:
            found.append(_onset(labels[:first], labels[first:last]))
    shown_s = [frames / scene.fps for frames in found if frames is not None]
    return {
        "changes": len(found),
        "left_out": len(counts) - len(found),
        "shown": len(shown_s),
        "p50_s": round(statistics.median(shown_s), 3) if shown_s else None,
        "slowest_s": round(max(shown_s), 3) if shown_s else None,
    }


def _onset(before: Sequence[str | None], after: Sequence[str | None]) -> int | None:
    """Pictures until the label that stays; None where it is the same as before, or none."""
    if not before or not after or after[-1] in (None, UNSURE, before[-1]):
        return None
    return after.index(after[-1])


def _label(result: FrameResult) -> str | None:
    """What is shown of the only face."""
    return result.faces[0]["emotion"]["label"] if len(result.faces) == 1 and "emotion" in result.faces[0] else None
