"""Undersampling and weights even classes out."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from app.errors import SettingsError
from training.datasets import class_balance
from training.datasets.class_balance import BalanceChoice
from training.samples.labels import SEXES
from training.samples.sample import Sample

IMAGE = np.zeros((2, 2, 3), np.uint8)


def people(**labels: list[str | float]) -> list[Sample]:
    count = len(next(iter(labels.values())))
    return [Sample(str(i), IMAGE, {name: values[i] for name, values in labels.items()}) for i in range(count)]


UNEVEN = people(race=["white"] * 30 + ["black"] * 10 + ["asian"] * 5, sex=["male", "female", "female"] * 15)


def by(*texts: str) -> list[str | None]:
    return BalanceChoice.parse(texts).classes_of(UNEVEN)


def test_undersampling_keeps_as_many_of_every_class_as_the_smallest_has() -> None:
    kept = [UNEVEN[index] for index in class_balance.undersample(by("race"))]
    assert class_balance.count_classes(kept, "race") == {"white": 5, "black": 5, "asian": 5}
    assert len({sample.name for sample in kept}) == 15


def test_undersampling_depends_on_the_seed_alone() -> None:
    assert class_balance.undersample(by("sex"), 7) == class_balance.undersample(by("sex"), 7)
    assert class_balance.undersample(by("sex"), 7) != class_balance.undersample(by("sex"), 8)


def test_weights_draw_every_class_equally_often() -> None:
    weights = class_balance.balanced_weights(by("race"))
    totals = Counter[str]()
    for sample, weight in zip(UNEVEN, weights, strict=True):
        totals[str(sample.labels["race"])] += weight
    assert totals == pytest.approx({"white": 15, "black": 15, "asian": 15})
    assert weights.mean() == pytest.approx(1)


def test_ages_are_balanced_by_decade_and_the_oldest_share_one() -> None:
    samples = people(age=[0.0, 9.0, 10.0, 79.0, 80.0, 116.0])
    assert class_balance.count_classes(samples, "age") == {"0-9": 2, "10-19": 1, "70-79": 1, "80+": 2}
    assert len(class_balance.undersample(BalanceChoice.parse(["age"]).classes_of(samples))) == 4


def test_classes_that_are_not_known_come_last() -> None:
    samples = people(emotion=["zeal", "sad", "awe", "angry"])
    assert list(class_balance.count_classes(samples, "emotion")) == ["angry", "sad", "awe", "zeal"]


def test_several_attributes_are_balanced_together_and_classes_can_be_chosen() -> None:
    classes = by("race=white,black", "sex")
    assert {name for name in classes if name} == {f"{race}, {sex}" for race in ("white", "black") for sex in SEXES}
    assert [name is None for name in classes] == [sample.labels["race"] == "asian" for sample in UNEVEN]
    kept = Counter(classes[index] for index in class_balance.undersample(classes))
    assert set(kept.values()) == {4}, "four black men are the smallest class"
    assert len(kept) == 4
    weights = class_balance.balanced_weights(classes)
    assert weights.mean() == pytest.approx(1)
    assert weights[-5:].tolist() == [0] * 5
    totals = [sum(w for w, own in zip(weights, classes, strict=True) if own == name) for name in kept]
    assert totals == pytest.approx([45 / 4] * 4)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("age", "no age to balance by; it has race, sex"),
        ("hair", "no attribute 'hair' to balance by; give race"),
        ("race=white,green", "race has no class 'green'; choose of white, black"),
        ("race=other", "no picture has the chosen classes of race"),
    ],
)
def test_what_cannot_be_balanced_by_is_one_line(text: str, message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        by(text)


def test_groups_are_drawn_by_a_power_of_their_counts() -> None:
    samples = [*people(race=["white"] * 16, sex=["male"] * 16), *people(race=["black"] * 4, sex=["male"] * 4)]
    samples += people(sex=["male"])  # of unknown race: a group of its own
    drawn = class_balance.group_sampling_weights(samples, ("race", "sex"))
    assert drawn.mean() == pytest.approx(1)
    assert (drawn[16] / drawn[0], drawn[20] / drawn[0]) == pytest.approx((2, 4))
    assert class_balance.group_sampling_weights(samples, ("race", "sex"), power=0).tolist() == [1.0] * 21
