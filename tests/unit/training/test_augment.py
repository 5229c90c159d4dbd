"""Patches vary within their bounds and repeat with their seed."""

import numpy as np
import pytest

from tests.training_support import drawn_face
from training.augment import Augmentation

STRONG = Augmentation(rotation=15, scale=(0.8, 1.2), shift=0.1, flip=True, contrast=0.3, brightness=0.2, erase=0.5)


@pytest.fixture
def patches():
    return np.stack([drawn_face(seed) for seed in range(6)])


@pytest.mark.parametrize("channels", [1, 3])
def test_shape_and_kind_stay(patches, channels):
    varied = STRONG.apply(patches[..., :channels], np.random.default_rng(1))
    assert varied.shape == (6, 48, 48, channels)
    assert varied.dtype == np.uint8


def test_the_same_seed_varies_alike_and_another_differently(patches):
    once, again, other = (STRONG.apply(patches, np.random.default_rng(seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(once, again)
    assert not np.array_equal(once, other)


def test_the_given_patches_stay_untouched(patches):
    before = patches.copy()
    STRONG.apply(patches, np.random.default_rng(1))
    np.testing.assert_array_equal(patches, before)


def test_no_amounts_change_nothing(patches):
    np.testing.assert_array_equal(Augmentation().apply(patches, np.random.default_rng(1)), patches)


def test_half_are_mirrored_exactly(patches):
    many = np.repeat(patches[:1], 40, axis=0)
    varied = Augmentation(flip=True).apply(many, np.random.default_rng(1))
    mirrored = [np.array_equal(one, many[0][:, ::-1]) for one in varied]
    same = [np.array_equal(one, many[0]) for one in varied]
    assert all(a != b for a, b in zip(mirrored, same, strict=True))
    assert 8 < sum(mirrored) < 32
