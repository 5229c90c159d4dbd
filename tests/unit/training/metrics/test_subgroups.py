"""Groups of people against small cases worked out by hand."""

import numpy as np
import pytest

from tests.support.training import samples_of
from training.metrics.subgroups import ALL, MIN_GROUP_FACES, Grouping

IMAGE = np.zeros((2, 2, 3), np.uint8)


def people(*groups):
    """So many samples of each (count, race, sex, age)."""
    rows = [row[1:] for row in groups for _ in range(row[0])]
    races, sexes, ages = zip(*rows, strict=True)
    return samples_of([IMAGE] * len(rows), race=races, sex=sexes, age=ages)


def test_everybody_belongs_to_one_crossed_group():
    grouping = Grouping.of(people((2, "black", "male", 9.0), (3, "white", "female", 9.5), (1, "white", "female", 60.0)))
    named = {group.name: len(group.rows) for group in grouping.intersections()}
    assert named == {"black, male, 0-9": 2, "white, female, 0-9": 3, "white, female, 60+": 1}
    assert len(grouping.group().rows) == 6
    assert len(grouping.group(sex="female").rows) == 4


def test_a_set_without_races_is_grouped_by_the_rest():
    samples = samples_of([IMAGE] * 2, sex=["male", "female"], age=[30.0, 31.0])
    assert [group.name for group in Grouping.of(samples).intersections()] == ["female, 30-44", "male, 30-44"]
    assert Grouping.of(samples).words()[0] == [ALL]
    assert Grouping.of(samples_of([IMAGE], emotion=["happy"])) is None


def test_the_worst_group_and_the_gap_leave_small_groups_out():
    samples = people(
        (MIN_GROUP_FACES, "black", "male", 20.0),
        (MIN_GROUP_FACES, "white", "male", 20.0),
        (MIN_GROUP_FACES - 1, "asian", "male", 20.0),
    )
    right = np.array([1.0] * MIN_GROUP_FACES + [0.5] * MIN_GROUP_FACES + [0.0] * (MIN_GROUP_FACES - 1))
    spread = Grouping.of(samples).largest_gap(lambda rows: float(right[rows].mean()))
    assert (spread.worst.race, spread.best.race) == ("white", "black")
    assert (spread.worst_figure, spread.best_figure, spread.gap) == pytest.approx((0.5, 1.0, 0.5))
    years = Grouping.of(samples).largest_gap(lambda rows: float(right[rows].mean()), higher_is_better=False)
    assert years.worst.race == "black"


def test_one_large_group_has_no_gap():
    samples = people((MIN_GROUP_FACES, "black", "male", 20.0), (2, "white", "male", 20.0))
    assert Grouping.of(samples).largest_gap(lambda rows: 1.0) is None
