"""Score pairs of emotions on faces with compound expressions, as the app shows them.

A face is described by the emotions that are named. Its overlap with the labels is 2 * common / (named + labelled)
emotions: 1 if exactly the labelled emotions are named. Naming a pair is better than naming the likeliest emotion alone
if the mean overlap is higher, on compound expressions (two labels), and not lower on expressions of one emotion.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from app.attributes.emotion_pair import MIN_PAIR_PROBABILITY
from app.attributes.predicted.emotion import ATTRIBUTE as EMOTION
from training.datasets.readers import labelled_crops
from training.evaluation.derived.posed_expressions import read_posed, without_training_people
from training.evaluation.scored_model import served_model
from training.metrics.cluster_bootstrap import mean_interval
from training.samples.sample import Rejection, Sample
from training.transforms.alignment import face_patches

IMAGES = "compound.tar"
TABLE = "compound.csv"
PAIR = ("first", "second")


@dataclass(frozen=True, slots=True)
class LabelledFaces:
    """Probabilities of n faces and the emotions that they are labelled with.

    Attributes:
        labels: The emotions, in the order of the columns.
        probabilities: Shape (n, labels).
        true: Whether a face is labelled with an emotion, bool (n, labels).
        persons: Shape (n,).
    """

    labels: Sequence[str]
    probabilities: np.ndarray
    true: np.ndarray
    persons: np.ndarray

    def select(self, rows: np.ndarray) -> LabelledFaces:
        """The faces of some rows."""
        return LabelledFaces(self.labels, self.probabilities[rows], self.true[rows], self.persons[rows])

    @property
    def likeliest(self) -> np.ndarray:
        """Columns of the two likeliest emotions, int (n, 2)."""
        return np.argsort(-self.probabilities, axis=1, kind="stable")[:, :2]

    @property
    def hits(self) -> np.ndarray:
        """Whether each of the two likeliest emotions is among the labels, bool (n, 2)."""
        return np.take_along_axis(self.true, self.likeliest, 1)

    @property
    def are_both_hits(self) -> np.ndarray:
        """Whether both of the two likeliest emotions are among the labels, bool (n,)."""
        return np.logical_and(*self.hits.T)

    @property
    def shown(self) -> np.ndarray:
        """Whether the app shows a pair, bool (n,); never while it shows "unsure"."""
        first, second = np.take_along_axis(self.probabilities, self.likeliest, 1).T
        return (second >= MIN_PAIR_PROBABILITY) & (first >= EMOTION.min_probability)

    @property
    def gains(self) -> np.ndarray:
        """Overlap with pairs minus overlap of the likeliest emotion alone, (n,); 0 where no pair is shown."""
        labelled, hits = self.true.sum(1), self.hits
        gain = 2 * hits.sum(1) / (2 + labelled) - 2 * hits[:, 0] / (1 + labelled)
        return np.where(self.shown, gain, 0.0)


@dataclass(frozen=True, slots=True)
class CompoundReport:
    """Scores of pairs.

    Attributes:
        figures: Flat: shares with their 95 % intervals by person.
        rejected: What was not scored.
        folder: Folder of the emotion model.
    """

    figures: Mapping[str, float | int]
    rejected: Sequence[Rejection]
    folder: Path


def evaluate_compound(folder: Path, models: Path) -> CompoundReport:
    """Score the pairs of the served emotion model on the compound expressions in a folder that name a pair.

    Args:
        folder: With compound.tar, compound.csv, expressions.tar and expressions.csv.
        models: As the app's `--models`.
    Raises:
        UnreadableMedia: a file is missing or damaged.
        ModelError: no model reads emotions, or it is altered.
    """
    model = served_model(models, ["emotion"])
    labels = model.heads[0].labels
    dataset = labelled_crops.read(folder / IMAGES, folder / TABLE, (*PAIR, "person"))
    pairs = [one for one in dataset.samples if all(one.labels[column] in labels for column in PAIR)]
    posed, unreadable = read_posed(folder)
    n_without_pair = len(dataset.samples) - len(pairs)
    pairs, singles = without_training_people(pairs), without_training_people(posed)

    def labelled(samples: Sequence[Sample], columns: Sequence[str]) -> LabelledFaces:
        probabilities = model.answers(face_patches(samples, model.patch, models))["emotion"]
        true = np.array([[label in {one.labels[column] for column in columns} for label in labels] for one in samples])
        return LabelledFaces(labels, probabilities, true, np.array([str(one.labels["person"]) for one in samples]))

    figures = score(labelled(pairs, PAIR), labelled(singles, ("emotion",)))
    rejected = [*dataset.rejected, *unreadable]
    figures |= {"n_without_pair": n_without_pair, "rejected": len(rejected)}
    return CompoundReport(figures, rejected, model.folder)


def score(compound: LabelledFaces, single: LabelledFaces) -> dict[str, float | int]:
    """Score what the app shows.

    Args:
        compound: Faces with two labels.
        single: Faces with one label.
    """
    shown = {"compound": compound, "single": single}
    parts = [_overall_figures(compound), *(_shown_figures(name, faces) for name, faces in shown.items())]
    return {name: value for part in [*parts, _pair_figures(compound)] for name, value in part.items()}


def report_lines(report: CompoundReport) -> Iterator[str]:
    """The figures as lines of text."""
    yield f"the app shows pairs from {MIN_PAIR_PROBABILITY}"
    for name, value in report.figures.items():
        yield f"{name:40} {value:.4f}" if isinstance(value, float) else f"{name:40} {value}"


def _overall_figures(faces: LabelledFaces) -> dict[str, float | int]:
    """How often the two likeliest emotions are the pair, and the likeliest one of it, against chance."""
    count, hits = len(faces.persons), faces.hits
    emotions = len(faces.labels)
    named = np.zeros_like(faces.true)
    np.put_along_axis(named, faces.likeliest, True, 1)
    first = np.eye(emotions, dtype=bool)[faces.likeliest[:, 0]]
    return {
        "n": count,
        "n_persons": len(set(faces.persons.tolist())),
        **_share("pair_accuracy", faces.are_both_hits, faces.persons),
        "pair_chance": 2 / (emotions * (emotions - 1)),
        # Expected of the same answers, dealt to the faces at random.
        "pair_chance_by_frequency": float((named[:, None] == faces.true[None]).all(-1).mean()),
        "pair_chance_constant": max(float((faces.true == row).all(1).mean()) for row in np.unique(faces.true, axis=0)),
        **_share("single_accuracy", hits[:, 0], faces.persons),
        "single_chance_by_frequency": float((first.mean(0) * faces.true.mean(0)).sum()),
    }


def _shown_figures(name: str, faces: LabelledFaces) -> dict[str, float | int]:
    """What is shown of faces."""
    figures: dict[str, float | int] = {
        f"n_{name}": len(faces.persons),
        f"n_{name}_persons": len(set(faces.persons.tolist())),
    }
    figures |= _share(f"{name}_shown", faces.shown, faces.persons)
    figures |= _share(f"{name}_overlap_gain", faces.gains, faces.persons)
    if not faces.shown.any():
        return figures
    part = faces.select(faces.shown)
    figures |= _share(f"{name}_gain_where_shown", part.gains, part.persons)
    figures |= _share(f"{name}_first_right_where_shown", part.hits[:, 0], part.persons)
    return figures | _share(f"{name}_second_right_where_shown", part.hits[:, 1], part.persons)


def _pair_figures(faces: LabelledFaces) -> dict[str, float]:
    """How often a shown pair is the labelled one."""
    part = faces.select(faces.shown)
    return _share("pair_accuracy_where_shown", part.are_both_hits, part.persons) if len(part.persons) else {}


def _share(name: str, values: np.ndarray, persons: np.ndarray) -> dict[str, float]:
    """The mean of values (n,) with its 95 % interval by person."""
    low, high = mean_interval(values, persons)
    return {name: float(values.mean()), f"{name}_low": low, f"{name}_high": high}
