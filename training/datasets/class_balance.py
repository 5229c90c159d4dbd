"""Balance the classes of a data set, by undersampling or by sampling weights."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from app.errors import SettingsError
from training.samples.labels import EMOTIONS, MASK_STATES, RACES, SEXES
from training.samples.sample import Sample

ATTRIBUTES = ("race", "age", "sex", "emotion", "mask")
BAND_YEARS = 10
OLDEST_BAND_YEARS = 80  # ages above share one band, since there are few of them
CLASS_ORDER: Mapping[str, Sequence[str]] = {
    "race": RACES,
    "age": (*(f"{age}-{age + 9}" for age in range(0, OLDEST_BAND_YEARS, BAND_YEARS)), f"{OLDEST_BAND_YEARS}+"),
    "sex": SEXES,
    "emotion": EMOTIONS,
    "mask": MASK_STATES,
}


def class_label(sample: Sample, attribute: str) -> str:
    """The label as a word; the decade of an age."""
    label = sample.labels[attribute]
    if attribute != "age":
        return str(label)
    decade = int(float(label)) // BAND_YEARS * BAND_YEARS
    return f"{OLDEST_BAND_YEARS}+" if decade >= OLDEST_BAND_YEARS else f"{decade}-{decade + 9}"


def count_classes(samples: Sequence[Sample], attribute: str) -> dict[str, int]:
    """Number of samples per class, known classes first and in their order."""
    counts = Counter(class_label(sample, attribute) for sample in samples)
    known = [name for name in CLASS_ORDER.get(attribute, ()) if name in counts]
    return {name: counts[name] for name in [*known, *sorted(counts.keys() - set(known))]}


@dataclass(frozen=True, slots=True)
class BalanceChoice:
    """What to balance by: one attribute or several together, with all their classes or chosen ones.

    Attributes:
        classes: By attribute the chosen classes; empty for all of them.
    """

    classes: Mapping[str, Sequence[str]]

    @classmethod
    def parse(cls, texts: Sequence[str]) -> BalanceChoice:
        """From texts such as `sex` and `race=white,black`.

        Raises:
            SettingsError: an attribute or class is unknown.
        """
        found: dict[str, Sequence[str]] = {}
        for text in texts:
            attribute, _, words = text.partition("=")
            found[attribute] = tuple(word.strip() for word in words.split(",") if word.strip())
            if attribute not in ATTRIBUTES:
                raise SettingsError(f"there is no attribute {attribute!r} to balance by; give {', '.join(ATTRIBUTES)}")
            unknown = [word for word in found[attribute] if word not in CLASS_ORDER[attribute]]
            if unknown:
                known = ", ".join(CLASS_ORDER[attribute])
                raise SettingsError(f"{attribute} has no class {unknown[0]!r}; choose of {known}")
        return cls(found)

    @property
    def name(self) -> str:
        """Such as "race and sex"."""
        return " and ".join(self.classes)

    def classes_of(self, samples: Sequence[Sample]) -> list[str | None]:
        """The class of each sample, joint ones such as "white, female"; None where it is not chosen.

        Raises:
            SettingsError: the samples lack an attribute, or none is of a chosen class.
        """
        columns = [_classes(samples, attribute) for attribute in self.classes]
        chosen = [words or CLASS_ORDER[attribute] for attribute, words in self.classes.items()]
        found = [
            ", ".join(row) if all(word in words for word, words in zip(row, chosen, strict=True)) else None
            for row in zip(*columns, strict=True)
        ]
        if not any(found):
            raise SettingsError(f"no picture has the chosen classes of {self.name}; choose others")
        return found


def undersample(classes: Sequence[str | None], seed: int = 1) -> list[int]:
    """Sorted indexes of the samples to keep so that every class is as large as the smallest one; none of class None."""
    smallest = min(Counter(name for name in classes if name is not None).values())
    kept: list[int] = []
    taken: Counter[str] = Counter()
    for index in np.random.default_rng(seed).permutation(len(classes)):
        name = classes[index]
        if name is not None and taken[name] < smallest:
            taken[name] += 1
            kept.append(int(index))
    return sorted(kept)


def balanced_weights(classes: Sequence[str | None]) -> np.ndarray:
    """Sampling weights that make all classes equally frequent, float64 (n,), mean 1; 0 for class None."""
    counts = Counter(classes)
    weights = np.array([0.0 if name is None else 1 / counts[name] for name in classes])
    return np.asarray(weights / weights.mean())


def tempered_class_weights(
    samples: Sequence[Sample], attribute: str, within: str, factors: Mapping[str, float] | None = None
) -> np.ndarray:
    """Sampling weights that make all classes equally frequent, float64 (n,), mean 1.

    Within a class, the values of the label `within` share by the square roots of their counts: small ones count for
    more than their number, but no image is repeated all the time.

    Args:
        factors: Factor on the weight of samples, by that label.
    Raises:
        SettingsError: the samples do not have the attribute.
    """
    classes = np.array(_classes(samples, attribute))
    cells = [(name, str(sample.labels.get(within, ""))) for name, sample in zip(classes, samples, strict=True)]
    counts = Counter(cells)
    weights = np.array([counts[cell] ** -0.5 * (factors or {}).get(cell[1], 1.0) for cell in cells])
    names = np.unique(classes)
    for name in names:
        weights[classes == name] *= len(samples) / len(names) / weights[classes == name].sum()
    return weights


def group_sampling_weights(samples: Sequence[Sample], attributes: Sequence[str], power: float = 0.5) -> np.ndarray:
    """Sampling weights that raise the frequency of small groups of people, float64 (n,), mean 1.

    Args:
        attributes: What defines a group; samples that lack one of them form a group of their own.
        power: 0 makes all samples equally frequent, 1 all groups.
    """
    groups = [tuple(class_label(one, name) for name in attributes if name in one.labels) for one in samples]
    counts = Counter(groups)
    weights = np.array([counts[group] ** -power for group in groups])
    return weights / weights.mean()


def _classes(samples: Sequence[Sample], attribute: str) -> list[str]:
    if not samples or any(attribute not in sample.labels for sample in samples):
        there = [name for name in ATTRIBUTES if samples and all(name in sample.labels for sample in samples)]
        raise SettingsError(f"this set has no {attribute} to balance by; it has {', '.join(there) or 'none of these'}")
    return [class_label(sample, attribute) for sample in samples]
