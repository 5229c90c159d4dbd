"""Patches vary within their bounds and repeat with their seed."""

from dataclasses import replace

import numpy as np
import pytest

from tests.support.training import drawn_face
from training.samples.framing import denormalize_points, normalize_points
from training.transforms.patch_augmentation import Augmentation, fill_padding

STRONG = Augmentation(
    rotation_degrees=15, scale=(0.8, 1.2), shift=0.1, flip=True, contrast=0.3, brightness=0.2, random_erasing=0.5
)


@pytest.fixture
def patches():
    return np.stack([drawn_face(seed) for seed in range(6)])


@pytest.mark.parametrize("channels", [1, 3])
def test_shape_and_kind_stay(patches, channels):
    varied = STRONG.augment(patches[..., :channels], {}, np.random.default_rng(1))[0]
    assert varied.shape == (6, 48, 48, channels)
    assert varied.dtype == np.uint8


def test_the_same_seed_varies_alike_and_another_differently(patches):
    once, again, other = (STRONG.augment(patches, {}, np.random.default_rng(seed))[0] for seed in (1, 1, 2))
    np.testing.assert_array_equal(once, again)
    assert not np.array_equal(once, other)


def test_the_given_patches_stay_untouched(patches):
    before = patches.copy()
    STRONG.augment(patches, {}, np.random.default_rng(1))
    np.testing.assert_array_equal(patches, before)


def test_no_amounts_change_nothing(patches):
    np.testing.assert_array_equal(Augmentation().augment(patches, {}, np.random.default_rng(1))[0], patches)


def test_half_are_mirrored_exactly(patches):
    many = np.repeat(patches[:1], 40, axis=0)
    varied = Augmentation(flip=True).augment(many, {}, np.random.default_rng(1))[0]
    mirrored = [np.array_equal(one, many[0][:, ::-1]) for one in varied]
    same = [np.array_equal(one, many[0]) for one in varied]
    assert all(a != b for a, b in zip(mirrored, same, strict=True))
    assert 8 < sum(mirrored) < 32


def test_a_shear_tilts_level_lines_and_leaves_upright_ones():
    lines = np.zeros((1, 49, 49, 1), np.uint8)
    lines[:, :, 24] = lines[:, 24] = 255
    sheared = Augmentation(shear_degrees=20).augment(lines, {}, np.random.default_rng(3))[0][0, ..., 0]
    assert sheared[5:44, 24].min() > 200, "the upright line stands"
    tops = sheared.argmax(0)
    slope = (tops[34] - tops[14]) / 20
    assert 0.1 < abs(slope) <= np.tan(np.deg2rad(20))


# Every mirrored face names the first and the third point of the other side.
MOVING = replace(STRONG, shear_degrees=10, random_erasing=0, landmark_orders={"points": (2, 1, 0)})


def test_a_dot_stays_under_its_point():
    random = np.random.default_rng(5)
    columns, rows = np.meshgrid(np.arange(64), np.arange(64))
    places = random.uniform(22, 42, (30, 2))  # far from the edge, which no dot may cross
    distances = [(columns - x) ** 2 + (rows - y) ** 2 for x, y in places]
    dots = np.stack([255 * np.exp(-one / 8) for one in distances])[..., None].astype(np.uint8)
    others = random.uniform(22, 42, (30, 2, 2))
    marks = normalize_points(np.concatenate([places[:, None], others], 1), dots[0])
    plain = replace(MOVING, contrast=0, brightness=0)
    varied, moved = plain.augment(dots, {"points": marks.reshape(30, 6).astype(np.float32)}, np.random.default_rng(6))
    found = denormalize_points(moved["points"].reshape(30, 3, 2), dots[0])
    mirrored = 0
    for picture, point in zip(varied[..., 0].astype(float), found, strict=True):
        middle = np.array([(picture * axis).sum() for axis in (columns, rows)]) / picture.sum()
        away = np.linalg.norm(point - middle, axis=-1)
        assert min(away[0], away[2]) < 0.3
        mirrored += away[2] < away[0]
    assert 5 < mirrored < 25


def test_moving_points_changes_no_picture_and_unknown_points_stay_unknown(patches):
    marks = np.random.default_rng(2).uniform(-1, 1, (6, 6)).astype(np.float32)
    marks[:, 2:4] = np.nan
    other = np.arange(6.0)
    targets = {"points": marks, "other": other}
    varied, moved = MOVING.augment(patches, targets, np.random.default_rng(1))
    np.testing.assert_array_equal(varied, MOVING.augment(patches, {}, np.random.default_rng(1))[0])
    np.testing.assert_array_equal(np.isnan(moved["points"]), np.isnan(marks))
    assert moved["other"] is other
    assert moved["points"].dtype == np.float32


def test_a_mixed_picture_means_what_it_shows():
    tones = np.array([40, 80, 120, 160, 200, 240])
    patches = np.repeat(tones, 8 * 8).reshape(6, 8, 8, 1).astype(np.uint8)
    seen = []
    for seed in range(20):
        shares = np.eye(6, dtype=np.float32)
        varied, targets = Augmentation(mixup=0.5).augment(patches, {"shares": shares}, np.random.default_rng(seed))
        np.testing.assert_allclose(varied[:, 0, 0, 0], targets["shares"] @ tones, atol=0.51)
        assert targets["shares"].dtype == np.float32
        seen.append(np.diag(targets["shares"]))
    assert min(map(np.min, seen)) >= 0.5, "of each picture at least half stays"
    assert 0.3 < np.mean(np.array(seen) < 1) < 0.5, "half are mixed, one in six of them with itself"


def test_surroundings_take_the_place_of_what_was_past_the_edge_and_of_nothing_else(patches):
    outside = np.zeros((6, 48, 48), np.uint8)
    outside[:, :, :16] = 255
    before = patches.copy()
    varied = fill_padding(patches, outside, 1.0, np.random.default_rng(1))
    np.testing.assert_array_equal(patches, before)
    assert varied.dtype == np.uint8
    np.testing.assert_array_equal(varied[:, :, 26:], patches[:, :, 26:])
    assert (np.abs(varied[:, :, :12].astype(int) - patches[:, :, :12]).mean((1, 2, 3)) > 10).all()
    np.testing.assert_array_equal(fill_padding(patches, outside, 0.0, np.random.default_rng(1)), patches)
    np.testing.assert_array_equal(fill_padding(patches, 0 * outside, 1.0, np.random.default_rng(1)), patches)
