"""Score whether a person's neutral face, known beforehand, improves how that person's other faces are read.

People with a neutral picture who are not in the training split are in two halves by the hash of their names. One half
chooses the form of the correction and its parameter, and gives the usual neutral face; the other half is scored. No
picture is corrected by itself: each other neutral picture of the person corrects it in turn (`one`), or the mean of
them does (`several`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from app.vision.attributes.neutral_face import EXCESS_SHARE, log_probabilities
from training.evaluation.derived.neutral_forms import FORMS, NeutralFace, NeutralPrior
from training.evaluation.derived.posed_expressions import read_posed, without_training_people
from training.evaluation.scored_model import served_model
from training.metrics.cluster_bootstrap import class_mean, class_mean_interval
from training.samples.sample import Rejection
from training.transforms.alignment import face_patches

NEUTRAL = "neutral"
PROTOCOLS = ("one", "several")
# Further ways to halve the people, which show how much the gain depends on the halves.
OTHER_HALVINGS = 20


@dataclass(frozen=True, slots=True)
class PosedFaces:
    """Readings of n pictures of people who posed.

    Attributes:
        probabilities: Shape (n, labels).
        true: Column of the labelled emotion, shape (n,).
        persons, sources: Shape (n,).
        labels: The emotions, in the order of the columns.
    """

    probabilities: np.ndarray
    true: np.ndarray
    persons: np.ndarray
    sources: np.ndarray
    labels: Sequence[str]

    def select(self, rows: np.ndarray) -> PosedFaces:
        """The pictures of some rows."""
        parts = (self.probabilities[rows], self.true[rows], self.persons[rows], self.sources[rows])
        return PosedFaces(*parts, self.labels)

    @property
    def neutral(self) -> int:
        """Column of the neutral label."""
        return self.labels.index(NEUTRAL)

    @property
    def is_neutral(self) -> np.ndarray:
        """Whether a picture is labelled neutral, bool (n,)."""
        return self.true == self.neutral

    def with_neutral(self) -> PosedFaces:
        """The pictures of the people of whom there is a neutral one."""
        return self.select(np.isin(self.persons, self.persons[self.is_neutral]))


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pictures, each with a neutral face of the same person that is not the picture itself.

    Attributes:
        faces: n pictures; one occurs once for each neutral picture that corrects it.
        neutral_face: Of each row.
        weights: 1 / rows of the same picture, shape (n,).
    """

    faces: PosedFaces
    neutral_face: NeutralFace
    weights: np.ndarray

    def select(self, rows: np.ndarray) -> Pairs:
        """Some of the rows."""
        face = NeutralFace(self.neutral_face.probabilities[rows], self.neutral_face.logits[rows])
        return Pairs(self.faces.select(rows), face, self.weights[rows])

    @property
    def is_misread(self) -> np.ndarray:
        """Whether another label than neutral is the likeliest of the neutral face, bool (n,)."""
        return np.asarray(self.neutral_face.probabilities.argmax(-1) != self.faces.neutral)


@dataclass(frozen=True, slots=True)
class Choice:
    """A form of the correction with its parameter."""

    form: str
    parameter: float

    def correct(self, pairs: Pairs, prior: NeutralPrior) -> np.ndarray:
        """Corrected probabilities, shape (n, labels)."""
        return FORMS[self.form][0](pairs.faces.probabilities, pairs.neutral_face, prior, self.parameter)


@dataclass(frozen=True, slots=True)
class Halves:
    """The pairs of the people who choose and of those who are scored, and the usual neutral face of the former."""

    choosing: Pairs
    scored: Pairs
    prior: NeutralPrior

    @classmethod
    def of(cls, pairs: Pairs, halving: int) -> Halves:
        """Halve the people of all pairs."""
        is_choosing = chooses(pairs.faces.persons, halving)
        choosing = pairs.select(is_choosing)
        return cls(choosing, pairs.select(~is_choosing), usual_neutral_face(choosing))

    def best_parameter(self, form: str) -> Choice:
        """The parameter of a form with the largest gain on the choosing half."""
        return max((Choice(form, one) for one in FORMS[form][1]), key=self._gain_choosing)

    def choose(self) -> Choice:
        """The form and its parameter with the largest gain on the choosing half."""
        return max(map(self.best_parameter, FORMS), key=self._gain_choosing)

    def _gain_choosing(self, choice: Choice) -> float:
        return gain(self.choosing, choice, self.prior)


@dataclass(frozen=True, slots=True)
class NeutralReport:
    """Scores of the corrections.

    Attributes:
        chosen: Form and parameter by protocol.
        figures: Flat: shares with their 95 % intervals by person.
    """

    chosen: Mapping[str, Choice]
    figures: Mapping[str, float | int]
    rejected: Sequence[Rejection]
    folder: Path


def evaluate_neutral(folder: Path, models: Path) -> NeutralReport:
    """Score the corrections on the posed faces of a folder, as the served emotion model reads them.

    Args:
        folder: With expressions.tar and expressions.csv.
        models: As the app's `--models`.
    Raises:
        UnreadableMedia: a file is missing or damaged.
        ModelError: no model reads emotions, or it is altered.
    """
    model = served_model(models, ["emotion"])
    labels = model.heads[0].labels
    posed, rejected = read_posed(folder)
    samples = without_training_people(posed)
    probabilities = model.answers(face_patches(samples, model.patch, models))["emotion"]
    true = np.array([labels.index(str(one.labels["emotion"])) for one in samples])
    persons, sources = (np.array([str(one.labels[name]) for one in samples]) for name in ("person", "source"))
    faces = PosedFaces(probabilities, true, persons, sources, labels).with_neutral()
    chosen, figures = score(faces)
    return NeutralReport(chosen, {**figures, "rejected": len(rejected)}, rejected, model.folder)


def score(faces: PosedFaces) -> tuple[dict[str, Choice], dict[str, float | int]]:
    """Choose a correction on one half of the people and score it on the other half, for each protocol."""
    is_choosing = chooses(faces.persons)
    figures: dict[str, float | int] = {}
    for name, half in (("choosing", faces.select(is_choosing)), ("scored", faces.select(~is_choosing))):
        figures |= {f"n_{name}": len(half.true), f"n_{name}_persons": len(set(half.persons.tolist()))}
    figures["n"] = figures.pop("n_scored")
    chosen = {}
    for protocol in PROTOCOLS:
        pairs = pair(faces, protocol)
        halves = Halves.of(pairs, halving=0)
        chosen[protocol] = halves.choose()
        found = _scored_figures(halves, chosen[protocol]) | _halving_figures(pairs) | _form_figures(halves)
        found |= {f"usual_logit_{label}": value for label, value in zip(faces.labels, halves.prior.logits, strict=True)}
        figures |= {f"{protocol}_{name}": value for name, value in found.items()}
    return chosen, figures


def chooses(persons: np.ndarray, halving: int = 0) -> np.ndarray:
    """Whether a person belongs to the half that chooses, bool (n,): a bit of the hash of the name.

    Args:
        halving: Number of the bit; each halves the people in another way.
    """
    digests = [hashlib.sha256(person.encode()).digest() for person in persons.tolist()]
    return np.array([(int.from_bytes(digest[:8], "big") >> halving) % 2 == 0 for digest in digests], bool)


def usual_neutral_face(pairs: Pairs) -> NeutralPrior:
    """Mean over people of how their neutral faces are read."""
    face, persons = pairs.neutral_face, pairs.faces.persons
    rows = [persons == person for person in np.unique(persons)]
    means = [np.mean([part[row].mean(0) for row in rows], 0) for part in (face.probabilities, face.logits)]
    return NeutralPrior(means[0], means[1], pairs.faces.neutral)


def pair(faces: PosedFaces, protocol: str) -> Pairs:
    """Pair each picture with the other neutral pictures of the person: with each (`one`) or their mean (`several`)."""
    rows, groups = [], []
    for row, person in enumerate(faces.persons.tolist()):
        own = np.flatnonzero(faces.is_neutral & (faces.persons == person))
        others = own[own != row]
        found = [[other] for other in others.tolist()] if protocol == "one" else [others.tolist()] * bool(len(others))
        rows += [row] * len(found)
        groups += found
    logits = log_probabilities(faces.probabilities)
    means = [np.array([part[group].mean(0) for group in groups]) for part in (faces.probabilities, logits)]
    weights = 1 / np.bincount(rows, minlength=len(faces.true))[rows]
    return Pairs(faces.select(np.array(rows)), NeutralFace(means[0], means[1]), weights)


def gain(pairs: Pairs, choice: Choice, prior: NeutralPrior) -> float:
    """Balanced accuracy with a correction minus that without."""
    return class_mean(_improved(pairs, choice, prior), pairs.faces.true, pairs.weights)


def report_lines(report: NeutralReport) -> Iterator[str]:
    """The chosen corrections, whether they help, what the app does, and the figures as lines of text."""
    for protocol, choice in report.chosen.items():
        helps = report.figures[f"{protocol}_gain_low"] > 0
        verdict = "raises" if helps else "does not reliably raise"
        yield f"{protocol}: {choice.form} {choice.parameter:g} {verdict} the balanced accuracy of the scored half"
    yield f"the app: lower_excess {EXCESS_SHARE:g}"
    for name, value in report.figures.items():
        yield f"{name:44} {value:.4f}" if isinstance(value, float) else f"{name:44} {value}"


def _improved(pairs: Pairs, choice: Choice, prior: NeutralPrior) -> np.ndarray:
    """1 where only the corrected reading is right, -1 where only the uncorrected one is, shape (n,)."""
    after = choice.correct(pairs, prior).argmax(-1) == pairs.faces.true
    return np.asarray(after.astype(float) - (pairs.faces.probabilities.argmax(-1) == pairs.faces.true))


def _scored_figures(halves: Halves, choice: Choice) -> dict[str, float | int]:
    """How the scored half is read without and with a correction."""
    pairs, prior = halves.scored, halves.prior
    before = (pairs.faces.probabilities.argmax(-1) == pairs.faces.true).astype(float)
    after = before + _improved(pairs, choice, prior)
    figures: dict[str, float | int] = {}
    for name, right in (("without", before), ("with", after)):
        figures[f"balanced_accuracy_{name}"] = class_mean(right, pairs.faces.true, pairs.weights)
        figures |= {f"recall_{label}_{name}": value for label, value in _recalls(pairs, right).items()}
    figures |= _gain("gain", pairs, choice, prior)
    for source in np.unique(pairs.faces.sources).tolist():
        figures |= _gain(f"gain_{source}", pairs.select(pairs.faces.sources == source), choice, prior)
    misread = pairs.select(pairs.is_misread)
    figures |= {"n_misread_persons": len(set(misread.faces.persons.tolist()))}
    return figures | _gain("gain_misread", misread, choice, prior)


def _recalls(pairs: Pairs, right: np.ndarray) -> dict[str, float]:
    """Recall by label, from 1 or 0 for each row (n,)."""
    rows = {label: pairs.faces.true == column for column, label in enumerate(pairs.faces.labels)}
    return {
        label: class_mean(right[row], pairs.faces.true[row], pairs.weights[row])
        for label, row in rows.items()
        if row.any()
    }


def _halving_figures(pairs: Pairs) -> dict[str, float | int]:
    """Gains of the scored halves if the people are halved in other ways, each with its own choice."""
    halvings = [Halves.of(pairs, halving) for halving in range(1, 1 + OTHER_HALVINGS)]
    gains = [gain(halves.scored, halves.choose(), halves.prior) for halves in halvings]
    return {
        "other_halvings": len(gains),
        "other_halvings_with_gain": sum(one > 0 for one in gains),
        "other_halvings_mean_gain": float(np.mean(gains)),
        "other_halvings_min_gain": min(gains),
    }


def _form_figures(halves: Halves) -> dict[str, float]:
    """The gains of each form with its best parameter, on both halves."""
    figures: dict[str, float] = {}
    for choice in map(halves.best_parameter, FORMS):
        figures[f"{choice.form}_parameter"] = choice.parameter
        figures[f"{choice.form}_gain_choosing"] = gain(halves.choosing, choice, halves.prior)
        figures |= _gain(f"{choice.form}_gain", halves.scored, choice, halves.prior)
    return figures


def _gain(name: str, pairs: Pairs, choice: Choice, prior: NeutralPrior) -> dict[str, float]:
    """The gain with its 95 % interval by person."""
    improved = _improved(pairs, choice, prior)
    low, high = class_mean_interval(improved, pairs.faces.true, pairs.faces.persons, pairs.weights)
    return {name: class_mean(improved, pairs.faces.true, pairs.weights), f"{name}_low": low, f"{name}_high": high}
