"""What there is to say of a set: counts, copies, conflicts, bad files, and what balancing would leave."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from app.errors import UnreadableMedia
from training.datasets import class_balance
from training.datasets.dataset_spec import DatasetSpec
from training.datasets.detect_format import detect_format
from training.samples.sample import Rejection, Sample, count_reasons

WORDS = ("emotion", "sex", "race", "mask")  # attributes with a word a class
LISTED = 2000  # of a damaged set, more names would only make the page slow


@dataclass(frozen=True, slots=True)
class Copies:
    """Identical pictures.

    Attributes:
        indexes: Which samples they are.
        conflicts: The attributes that they disagree in.
    """

    indexes: Sequence[int]
    conflicts: Sequence[str]


@dataclass(frozen=True, slots=True)
class Balance:
    """The samples that undersampling keeps, and the weights to draw with instead.

    Attributes:
        attribute: What is balanced by, such as "race and sex".
        classes: The class of each sample; None for those of no chosen class.
        weights: float64 (n,), 1 on average.
    """

    attribute: str
    classes: Sequence[str | None]
    kept: Sequence[int]
    weights: np.ndarray


@dataclass(frozen=True, slots=True)
class Findings:
    """What there is to say of a set; `parts` are what training gets after copies were dealt with."""

    about: DatasetSpec
    samples: Sequence[Sample]
    rejected: Sequence[Rejection]
    parts: Mapping[str, Sequence[Sample]]
    copies: Sequence[Copies]
    balance: Balance | None

    @property
    def attributes(self) -> list[str]:
        """Those that every picture has and that count by words."""
        return [name for name in WORDS if all(name in sample.labels for sample in self.samples)]

    @property
    def has_ages(self) -> bool:
        return all("age" in sample.labels for sample in self.samples)

    @property
    def counted_attributes(self) -> list[str]:
        """Those that count by classes; ages count by decades."""
        return [*self.attributes, *(["age"] if self.has_ages else [])]

    def counts_by_part(self, attribute: str) -> dict[str, dict[str, int]]:
        """Pictures of each class, by the parts that have pictures."""
        counts = {name: class_balance.count_classes(part, attribute) for name, part in self.parts.items() if part}
        classes = class_balance.count_classes(self.samples, attribute)
        return {word: {name: counted.get(word, 0) for name, counted in counts.items()} for word in classes}

    @property
    def balanced(self) -> list[Sample]:
        """The samples that undersampling keeps; all where there is none."""
        return list(self.samples) if self.balance is None else [self.samples[index] for index in self.balance.kept]

    @property
    def conflicts(self) -> list[Copies]:
        return [copies for copies in self.copies if copies.conflicts]


def examine(path: Path, choice: class_balance.BalanceChoice | None = None, seed: int = 1) -> Findings:
    """Read a set, find its duplicates and, where it is chosen by what, balance its classes.

    Args:
        path: A set in any of its public forms.
        choice: What to balance by.
        seed: Chooses what undersampling keeps.
    Raises:
        UnreadableMedia: there is no set at `path`, or no image of it can be used.
        SettingsError: the set lacks the attribute.
    """
    about = detect_format(path)
    dataset = about.read(path, False)
    samples = dataset.samples
    if not samples:
        raise UnreadableMedia(f"no picture can be used ({len(dataset.rejected)} rejected); expected {about.about}")
    dealt = about.split(dataset)
    parts = {name: dealt.part(name) for name in ("train", "valid", "test")}
    balanced = None
    if choice is not None:
        classes = choice.classes_of(samples)
        kept, weights = class_balance.undersample(classes, seed), class_balance.balanced_weights(classes)
        balanced = Balance(choice.name, classes, kept, weights)
    return Findings(about, samples, dataset.rejected, parts, _copies(samples), balanced)


def _copies(samples: Sequence[Sample]) -> list[Copies]:
    groups: dict[str, list[int]] = defaultdict(list)
    for index, sample in enumerate(samples):
        groups[sample.content_hash].append(index)
    return [Copies(group, _conflicts([samples[i] for i in group])) for group in groups.values() if len(group) > 1]


def _conflicts(group: Sequence[Sample]) -> list[str]:
    names = sorted({name for sample in group for name in sample.labels})
    return [name for name in names if len({sample.labels.get(name) for sample in group}) > 1]


def figures(findings: Findings) -> dict[str, Any]:
    """Everything that the page shows in numbers, for JSON."""
    samples, kept = findings.samples, findings.balanced
    return {
        "set": findings.about.name,
        "pictures": len(samples),
        "sizes": dict(Counter(f"{s.image.shape[1]}x{s.image.shape[0]}" for s in samples).most_common()),
        "named_parts": dict(Counter(s.split or "none" for s in samples)),
        "dealt_parts": {name: len(part) for name, part in findings.parts.items()},
        "persons": len({s.labels["person"] for s in samples if "person" in s.labels}) or None,
        "with_points": sum(s.points is not None for s in samples),
        "with_all_points": sum(s.has_all_landmarks for s in samples),
        "with_votes": sum(s.votes is not None for s in samples),
        "counts": {name: class_balance.count_classes(samples, name) for name in findings.attributes},
        "counts_by_part": {name: findings.counts_by_part(name) for name in findings.counted_attributes},
        "age": age_summary(samples) if findings.has_ages else None,
        "race_by_sex": race_by_sex(samples) if {"race", "sex"} <= set(findings.attributes) else None,
        "rejected": _rejected(findings.rejected),
        "duplicates": _duplicates(findings),
        "balance": _balance(findings, kept) if findings.balance else None,
    }


def age_summary(samples: Sequence[Sample]) -> dict[str, Any]:
    """Spread, decades and single years of the ages."""
    ages = np.array([float(sample.labels["age"]) for sample in samples])
    years = Counter(int(age) for age in ages)
    return {
        "youngest": float(ages.min()),
        "median": float(np.median(ages)),
        "oldest": float(ages.max()),
        "decades": class_balance.count_classes(samples, "age"),
        "years": {str(year): years[year] for year in sorted(years)},
    }


def race_by_sex(samples: Sequence[Sample]) -> dict[str, dict[str, int]]:
    """Pictures by race, then by sex."""
    races = class_balance.count_classes(samples, "race")
    return {
        race: class_balance.count_classes([s for s in samples if s.labels["race"] == race], "sex") for race in races
    }


def _rejected(rejected: Sequence[Rejection]) -> dict[str, Any]:
    listed = [{"name": one.name, "reason": one.reason} for one in rejected[:LISTED]]
    return {"count": len(rejected), "reasons": count_reasons(rejected), "listed": listed}


def _duplicates(findings: Findings) -> dict[str, Any]:
    by_attribute = Counter(name for copies in findings.copies for name in copies.conflicts)
    across = sum(len({findings.samples[i].split for i in copies.indexes}) > 1 for copies in findings.copies)
    return {
        "groups": len(findings.copies),
        "pictures": sum(len(copies.indexes) for copies in findings.copies),
        "groups_across_parts": across,
        "conflicting_groups": dict(by_attribute),
        "conflicts": [
            [{"name": findings.samples[i].name, **findings.samples[i].labels} for i in copies.indexes]
            for copies in findings.conflicts[:LISTED]
        ],
    }


def _balance(findings: Findings, kept: Sequence[Sample]) -> dict[str, Any]:
    assert findings.balance is not None
    balance, attribute = findings.balance, findings.balance.attribute
    before = _ordered(Counter(name for name in balance.classes if name is not None))
    shown = findings.counted_attributes
    return {
        "attribute": attribute,
        "kept": len(kept),
        "before": before,
        "after": _ordered(Counter(str(balance.classes[index]) for index in balance.kept)),
        "weights": {name: len(findings.samples) / len(before) / count for name, count in before.items()},
        "others_after": {name: class_balance.count_classes(kept, name) for name in shown if name != attribute},
    }


def _ordered(counts: Counter[str]) -> dict[str, int]:
    """Counts by class in the order that classes are known in."""
    known = [name for names in class_balance.CLASS_ORDER.values() for name in names]
    place = {name: index for index, name in enumerate(known)}
    return {name: counts[name] for name in sorted(counts, key=lambda one: [place[word] for word in one.split(", ")])}
