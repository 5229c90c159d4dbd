"""Copies never straddle two splits."""

from tests.support.training import drawn_face, samples_of
from training.samples.splits import split_samples


def test_every_picture_lands_in_one_split_whatever_the_order():
    samples = samples_of([drawn_face(n) for n in range(60)], age=[30.0] * 60)
    forward, _ = split_samples(samples)
    backward, _ = split_samples(samples[::-1])
    assert {name: {s.name for s in part} for name, part in forward.items()} == {
        name: {s.name for s in part} for name, part in backward.items()
    }
    assert sum(map(len, forward.values())) == 60
    assert len(forward["train"]) > len(forward["test"]) > 0


def test_one_of_identical_pictures_is_kept_and_the_copies_listed():
    splits, dropped = split_samples(samples_of([drawn_face(1), drawn_face(2), drawn_face(1)], age=[20.0, 30.0, 20.0]))
    assert sorted(s.name for part in splits.values() for s in part) == ["0", "1"]
    assert [(one.name, one.reason) for one in dropped] == [("2", "copy of another picture")]


def test_identical_pictures_with_conflicting_labels_all_go():
    splits, dropped = split_samples(samples_of([drawn_face(1), drawn_face(1)], age=[20.0, 30.0]))
    assert not any(splits.values())
    assert {one.reason for one in dropped} == {"identical picture with another age"}
