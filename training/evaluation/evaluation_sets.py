"""What the `evaluate` commands score: on which data sets, and which attributes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.errors import SettingsError
from training.datasets.catalog import AAF, EXPRESSIONS, LANDMARKS, MASKS, UTKFACE
from training.datasets.dataset_spec import DatasetSpec
from training.datasets.detect_format import detect_format
from training.datasets.fer2013 import FER2013


@dataclass(frozen=True, slots=True)
class EvaluationTask:
    """Something that can be evaluated.

    Attributes:
        sources: The sets it can be scored on; the first where a path does not tell.
        served: What a served model must read to be scored.
        scored: What of a model is scored, as far as the set knows it.
    """

    sources: Sequence[DatasetSpec]
    served: Sequence[str]
    scored: Sequence[str]


TASKS: Mapping[str, EvaluationTask] = {
    "emotion": EvaluationTask((FER2013, EXPRESSIONS), ("emotion",), ("emotion",)),
    "demographics": EvaluationTask((UTKFACE, AAF), ("age", "sex"), ("age", "sex", "race")),
    "landmarks": EvaluationTask((LANDMARKS, AAF), ("landmarks",), ("landmarks",)),
    "mask": EvaluationTask((MASKS,), ("mask",), ("mask",)),
}
OF_PEOPLE = ("emotion", "demographics")  # which of them it is follows from the set


def task_of_people(data: Path) -> EvaluationTask:
    """Emotion or demographics, as the labels of a set have it.

    Raises:
        SettingsError: it has neither.
        UnreadableMedia: there is no set.
    """
    source = detect_format(data)
    for name in OF_PEOPLE:
        if source in [one.at(data) for one in TASKS[name].sources]:
            return TASKS[name]
    raise SettingsError(
        f"{data} is {source.name}, which is labelled with neither emotions nor ages; give another --data"
    )
