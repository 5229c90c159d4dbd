import numpy as np
import pytest

from app.attributes.face_geometry import HeadRotation, rotation_matrix
from app.errors import UnreadableMedia
from training.evaluation.derived.mean_face import EYE_DISTANCE_MM, fit_shape, with_frontal_pitch
from training.evaluation.derived.mean_face_68 import MEAN_FACE_68_MM, app_points, mean_face_68
from training.evaluation.derived.structure_from_motion import factorise, fit_rigid
from training.samples.landmark_points import MIRRORED_IBUG_68


def turned(shape, heads, scales, noise=0.0, seed=0):
    """Orthographic pictures (n, points, 2) of a shape (points, 3)."""
    seen = [scale * (shape @ rotation_matrix(head).T)[:, :2] for head, scale in zip(heads, scales, strict=True)]
    return np.array(seen) + np.random.default_rng(seed).normal(0, noise, (len(seen), len(shape), 2))


def poses(count, seed=1, degrees=(30, 15, 20)):
    return [HeadRotation(*row) for row in np.random.default_rng(seed).normal(0, degrees, (count, 3)).tolist()]


def distances(shape):
    return np.linalg.norm(shape[:, None] - shape[None], axis=-1)


@pytest.mark.parametrize("fit", [factorise, fit_rigid])
def test_a_known_shape_is_recovered_up_to_its_place_in_space(fit):
    shape = np.random.default_rng(3).normal(size=(12, 3))
    shape -= shape.mean(0)
    scales = np.random.default_rng(4).uniform(0.8, 1.2, 30)
    motions, found = fit(turned(shape, poses(30), scales))
    ratio = distances(found).sum() / distances(shape).sum()
    assert distances(found) == pytest.approx(distances(shape) * ratio, rel=1e-3)
    lengths = np.linalg.norm(motions, axis=2)
    assert lengths[:, 0] == pytest.approx(lengths[:, 1])
    assert (motions[:, 0] * motions[:, 1]).sum(1) == pytest.approx(0, abs=1e-6)
    assert lengths[:, 0] / ratio**-1 == pytest.approx(scales, rel=1e-3)


@pytest.mark.soak
def test_with_noise_the_depth_is_nearer_to_the_truth_after_the_fit_of_rotations():
    shape = mean_face_68() - mean_face_68().mean(0)
    pictures = turned(shape, poses(400, degrees=(15, 8, 8)), np.ones(400), noise=4.0)
    pictures -= pictures.mean(1, keepdims=True)
    flatness = []
    for fit in (factorise, fit_rigid):
        sizes = np.linalg.svd(fit(pictures)[1], compute_uv=False)
        flatness.append(sizes[2] / sizes[0])
    sizes = np.linalg.svd(shape, compute_uv=False)
    true = sizes[2] / sizes[0]
    assert abs(flatness[1] - true) < abs(flatness[0] - true)
    assert flatness[1] == pytest.approx(true, rel=0.1)


def test_an_object_that_never_turns_has_no_depth():
    shape = np.random.default_rng(3).normal(size=(12, 3))
    with pytest.raises(UnreadableMedia, match="too little"):
        factorise(turned(shape - shape.mean(0), [HeadRotation(0, 0, angle) for angle in range(9)], np.ones(9)))
    with pytest.raises(UnreadableMedia, match="1 faces are too few"):
        factorise(turned(shape, [HeadRotation(0, 0, 0)], [1]))


def without_pitch(face):
    """The face with the line from eyes to mouth vertical."""
    _, y, z = app_points(face)[[3, 4]].mean(0) - app_points(face)[[0, 1]].mean(0)
    return face @ rotation_matrix(HeadRotation(0, float(np.degrees(np.arctan2(z, y))), 0)).T


def test_the_mean_face_is_recovered_from_faces_in_known_poses():
    marks = turned(mean_face_68(), poses(60), np.random.default_rng(5).uniform(0.4, 0.6, 60)) + (80, 80)
    assert fit_shape(marks) == pytest.approx(without_pitch(mean_face_68()), abs=0.3)


def test_portraits_set_the_zero_of_the_pitch():
    size, up = (640, 640), rotation_matrix(HeadRotation(0, 6, 0))
    placed = app_points(mean_face_68()) @ up.T + (0, 0, 700)
    portrait = (placed[:, :2] / placed[:, 2:] * 640 + 319.5, size)
    found, pitch = with_frontal_pitch(mean_face_68(), {"kdef": [portrait], "cfee": [portrait] * 3})
    assert pitch == pytest.approx(6, abs=0.2)
    assert found == pytest.approx(mean_face_68() @ up.T, abs=0.3)


def test_the_mean_face_in_use_is_symmetric_and_has_a_nose_of_half_the_eye_distance():
    face = mean_face_68()
    assert (face[list(MIRRORED_IBUG_68)] * (-1, 1, 1) == face).all()
    eyes = app_points(face)[:2]
    assert np.linalg.norm(eyes[0] - eyes[1]) == pytest.approx(EYE_DISTANCE_MM, abs=0.1)
    assert 0.35 < (eyes[:, 2].mean() - face[30, 2]) / EYE_DISTANCE_MM < 0.65
    assert len(MEAN_FACE_68_MM) == 68
