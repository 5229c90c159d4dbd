import numpy as np
import pytest

from app.attributes.face_geometry import MEAN_FACE_MM
from app.vision.explanation.face_regions import region_cells, region_means, strongest_region
from app.vision.explanation.occlusion_map import CELLS, cell_edges, covers, occlusion_map, with_covers


def planted(size=48, rows=slice(30, 36), columns=slice(12, 24)):
    """A gray patch with a bright place."""
    patch = np.full((size, size, 1), 90, np.uint8)
    patch[rows, columns] = 250
    return patch


def share_of_bright(patches):
    """A network that reacts to bright pixels alone: their number over that of the planted place."""
    return (patches > 200).sum((1, 2, 3)) / (6 * 12)


def test_the_map_finds_what_the_network_reacts_to():
    probabilities = share_of_bright(with_covers(planted()))
    falls = occlusion_map(probabilities)
    assert probabilities[0] == 1
    assert falls.shape == (CELLS, CELLS)
    row, column = np.unravel_index(falls.argmax(), falls.shape)
    assert row == 5
    assert column in (2, 3)
    assert falls[5, 2:4].min() > 0.5
    elsewhere = falls.copy()
    elsewhere[4:7, 1:5] = 0
    assert elsewhere.max() < 0.6 * falls.max(), "only large covers that reach the place from afar"
    assert falls[0].max() == falls[1].max() == 0


def test_what_speaks_against_a_label_is_negative():
    falls = occlusion_map(1 - share_of_bright(with_covers(planted())))
    assert falls.min() == falls[5, 2:4].min() < -0.5
    assert falls.max() == 0


def test_what_speaks_twice_for_a_label_is_found_by_the_large_covers():
    """Two bright places of which one is enough, as one half of a smile is: only a cover over both takes it away."""
    patch = planted() | planted(columns=slice(24, 36))
    probabilities = np.minimum(1, share_of_bright(with_covers(patch)))
    small = occlusion_map(np.concatenate([probabilities[:50], np.repeat(probabilities[:1], 25)]))
    assert small.max() == 0
    row, column = np.unravel_index(occlusion_map(probabilities).argmax(), (CELLS, CELLS))
    assert row >= 4
    assert 2 <= column <= 5


def test_covers_take_the_mean_colour_and_reach_every_pixel():
    patch = np.random.default_rng(1).integers(0, 256, (50, 50, 3), np.uint8)
    patches = with_covers(patch)
    assert patches.shape == (1 + len(list(covers())), 50, 50, 3)
    assert (patches[0] == patch).all()
    changed = (patches[1:] != patch).any(-1)
    assert changed.any(0).mean() > 0.99
    assert patches[1, 0, 0].tolist() == patch.mean((0, 1)).round().tolist()
    assert cell_edges(50).tolist() == [0, 6, 12, 19, 25, 31, 38, 44, 50]


@pytest.mark.parametrize(("region", "row"), [("brows", 0.31), ("eyes", 0.43), ("nose", 0.62), ("mouth", 0.80)])
def test_regions_follow_the_landmarks(region, row):
    points = np.array(MEAN_FACE_MM)[:, :2] / 170 + (0.5, 0.52)
    falls = np.zeros((CELLS, CELLS))
    falls[int(row * CELLS)] = 0.4
    regions = region_cells(points)
    means = region_means(falls, regions)
    assert list(means) == ["brows", "eyes", "nose", "mouth"]
    assert max(means, key=means.get) == region
    assert strongest_region(falls + np.outer(falls[:, 0], np.arange(CELLS) == 3), regions) == region


def test_a_place_outside_all_regions_belongs_to_none():
    points = np.array(MEAN_FACE_MM)[:, :2] / 170 + (0.5, 0.52)
    falls = np.zeros((CELLS, CELLS))
    falls[0, 0] = 1
    assert strongest_region(falls, region_cells(points)) is None


def test_regions_outside_the_patch_are_left_out():
    points = np.full((15, 2), 2.0)
    points[2] = 0.5
    assert region_means(np.ones((CELLS, CELLS)), region_cells(points)) == {"nose": 1.0}
