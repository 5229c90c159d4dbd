"""Only the inner face stays; around it the gray levels go on smoothly."""

from __future__ import annotations

import numpy as np

from tests.support.training import drawn_face
from training.transforms.surround_fill import fill_surroundings


def patches(count: int = 20) -> np.ndarray:
    return np.stack([drawn_face(seed)[..., :1] for seed in range(count)])


def test_the_inner_face_stays_and_the_corners_become_smooth() -> None:
    before = patches()
    after = fill_surroundings(before, 1.0, np.random.default_rng(1))
    assert (after.shape, after.dtype) == (before.shape, np.uint8)
    inner = np.s_[:, 20:32, 19:29]
    np.testing.assert_array_equal(after[inner], before[inner])
    corner = np.s_[:, :8, :8]
    assert np.abs(np.diff(before[corner].astype(int), axis=2)).mean() > 10
    assert np.abs(np.diff(after[corner].astype(int), axis=2)).max() <= 6
    # The corners continue the face, which is lighter than the noise that they showed.
    assert after[corner].mean() > before[corner].mean() + 60


def test_some_patches_are_filled_alike_with_the_same_seed_and_the_given_ones_stay() -> None:
    before = patches(60)
    kept = before.copy()
    once, again = (fill_surroundings(before, 0.3, np.random.default_rng(4)) for _ in range(2))
    np.testing.assert_array_equal(once, again)
    np.testing.assert_array_equal(before, kept)
    changed = [not np.array_equal(a, b) for a, b in zip(once, before, strict=True)]
    assert 8 < sum(changed) < 30
