"""Even out the classes of a set: keep equally many of each, or draw each picture with its own weight."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from app.errors import SettingsError
from training.datasets.dataset_spec import EMOTIONS
from training.datasets.readers.masks import MASKS
from training.datasets.readers.utkface import RACES, SEXES
from training.samples.sample import Sample

ATTRIBUTES = ("race", "age", "sex", "emotion", "mask")
OLDEST_BAND = 80  # the few who are older share a band
ORDER: Mapping[str, Sequence[str]] = {
    "race": RACES,
    "age": (*(f"{age}-{age + 9}" for age in range(0, OLDEST_BAND, 10)), f"{OLDEST_BAND}+"),
    "sex": SEXES,
    "emotion": EMOTIONS,
    "mask": MASKS,
}


def class_label(sample: Sample, attribute: str) -> str:
    """The label in words; of an age its decade."""
    label = sample.labels[attribute]
    if attribute != "age":
        return str(label)
    decade = int(float(label)) // 10 * 10
    return f"{OLDEST_BAND}+" if decade >= OLDEST_BAND else f"{decade}-{decade + 9}"


def count_classes(samples: Sequence[Sample], attribute: str) -> dict[str, int]:
    """How many pictures each class has, known classes first and in their order."""
    counts = Counter(class_label(sample, attribute) for sample in samples)
    known = [name for name in ORDER.get(attribute, ()) if name in counts]
    return {name: counts[name] for name in [*known, *sorted(counts.keys() - set(known))]}


def undersample(samples: Sequence[Sample], attribute: str, seed: int = 1) -> list[int]:
    """Which samples to keep, sorted, so that every class has as many as the smallest one.

    Raises:
        SettingsError: the samples do not have the attribute.
    """
    classes = _classes(samples, attribute)
    fewest = min(Counter(classes).values())
    shuffled = np.random.default_rng(seed).permutation(len(samples))
    kept: list[int] = []
    taken: Counter[str] = Counter()
    for index in shuffled:
        if taken[classes[index]] < fewest:
            taken[classes[index]] += 1
            kept.append(int(index))
    return sorted(kept)


def weights(samples: Sequence[Sample], attribute: str) -> np.ndarray:
    """How often to draw each sample so that classes come up equally often, float64 (n,), 1 on average.

    Raises:
        SettingsError: the samples do not have the attribute.
    """
    classes = _classes(samples, attribute)
    counts = Counter(classes)
    return np.array([len(samples) / len(counts) / counts[name] for name in classes])


def tempered_class_weights(
    samples: Sequence[Sample], attribute: str, within: str, factors: Mapping[str, float] | None = None
) -> np.ndarray:
    """How often to draw each sample so that classes come up equally often, float64 (n,), 1 on average.

    Within a class the labels called `within` share by the square roots of their counts: small ones count for more
    than their pictures, but no picture comes up all the time.

    Args:
        factors: By such a label, how much more or less its pictures count.
    Raises:
        SettingsError: the samples do not have the attribute.
    """
    classes = np.array(_classes(samples, attribute))
    cells = [(name, str(sample.labels.get(within, ""))) for name, sample in zip(classes, samples, strict=True)]
    counts = Counter(cells)
    found = np.array([counts[cell] ** -0.5 * (factors or {}).get(cell[1], 1.0) for cell in cells])
    names = np.unique(classes)
    for name in names:
        found[classes == name] *= len(samples) / len(names) / found[classes == name].sum()
    return found


def group_sampling_weights(samples: Sequence[Sample], attributes: Sequence[str], power: float = 0.5) -> np.ndarray:
    """How often to draw each sample so that groups of people count for more than their pictures, float64 (n,).

    Args:
        attributes: What a group has in common; it need not be known of everybody.
        power: 0 draws every picture equally often, 1 every group.
    Returns:
        1 on average.
    """
    groups = [tuple(class_label(one, name) for name in attributes if name in one.labels) for one in samples]
    counts = Counter(groups)
    drawn = np.array([counts[group] ** -power for group in groups])
    return drawn / drawn.mean()


def _classes(samples: Sequence[Sample], attribute: str) -> list[str]:
    if not samples or any(attribute not in sample.labels for sample in samples):
        there = [name for name in ATTRIBUTES if samples and all(name in sample.labels for sample in samples)]
        raise SettingsError(f"this set has no {attribute} to balance by; it has {', '.join(there) or 'none of these'}")
    return [class_label(sample, attribute) for sample in samples]
