import csv
import io

import numpy as np
import pytest

from app.attributes.face_geometry import POINT_NAMES, HeadRotation, camera_matrix, rotation_matrix
from app.errors import UnreadableMedia
from tests.support.training import drawn_face, encoded, write_tar
from training.datasets.catalog import EXPRESSIONS
from training.evaluation.derived.mean_face_68 import mean_face_68
from training.evaluation.derived.pose_errors import INNER_POINTS, marked_poses, predicted_poses
from training.evaluation.derived.posed_expressions import IMAGES, TABLE, read_posed, without_training_people
from training.samples.landmark_points import LANDMARK_NAMES, landmarks_from_ibug
from training.samples.sample import Dataset

STILL = np.zeros((160, 160, 3), np.uint8)
ORDER = [LANDMARK_NAMES.index(name) for name in POINT_NAMES]


def marks_of(head, sides):
    """The 68 points of the mean face in the middle of a still, in the middle of a frame `sides` times as wide."""
    size, face = sides * 160, mean_face_68()
    placed = (face - landmarks_from_ibug(face).mean(0)) @ rotation_matrix(HeadRotation(*head)).T + (
        0.0,
        0.0,
        230.0 * sides,
    )
    projected = placed @ camera_matrix((size, size)).T
    return projected[:, :2] / projected[:, 2:] - (size - 160) / 2


@pytest.mark.parametrize("sides", [1, 4])
@pytest.mark.parametrize("head", [(0, 0, 0), (35, -10, 15), (-50, 20, -30)])
def test_both_ways_recover_the_pose_of_the_mean_face(head, sides):
    marks = marks_of(head, sides)
    for found in (
        marked_poses([marks], [STILL], sides),
        marked_poses([marks], [STILL], sides, INNER_POINTS),
        predicted_poses([landmarks_from_ibug(marks)[ORDER]], [STILL], sides),
    ):
        # Perspective moves the mean of the points, and the app's points are made symmetric.
        assert found[0] == pytest.approx(head, abs=2)


def test_the_mean_face_faces_the_camera_with_the_nose_nearest():
    face = mean_face_68()
    assert face[:, 2].argmin() == 30, "tip of the nose"
    assert face[36:42, 0].max() < 0 < face[42:48, 0].min(), "the subject's right eye lies left in the picture"
    assert face[8, 1] == face[:, 1].max(), "chin"


def expressions(folder, rows):
    table = io.StringIO()
    csv.writer(table).writerows([("file", "emotion", "source", "person"), *rows])
    (folder / TABLE).write_text(table.getvalue())
    write_tar(folder / IMAGES, {row[0]: encoded(drawn_face(seed)) for seed, row in enumerate(rows)})


def test_only_posed_sources_are_read(tmp_path):
    expressions(
        tmp_path,
        [("a.png", "happy", "kdef", "kdef_1"), ("b.png", "sad", "sfew", "film"), ("c.png", "sad", "cfee", "cfee_1")],
    )
    samples, rejected = read_posed(tmp_path)
    assert [(one.labels["source"], one.labels["emotion"], one.labels["person"]) for one in samples] == [
        ("kdef", "happy", "kdef_1"),
        ("cfee", "sad", "cfee_1"),
    ]
    assert not rejected
    assert {one.framing.margin for one in samples} == {1.25}


def test_all_or_none_of_a_persons_faces_are_kept_and_none_of_the_training_split(tmp_path):
    expressions(tmp_path, [(f"{n}.png", "happy", "kdef", f"kdef_{n // 2}") for n in range(60)])
    samples, _ = read_posed(tmp_path)
    kept = {one.name for one in without_training_people(samples)}
    trained_on = {one.name for one in EXPRESSIONS.split(Dataset(samples)).train}
    assert kept
    assert kept.isdisjoint(trained_on)
    people = [one.labels["person"] for one in samples if one.name in kept]
    assert all(people.count(person) == 2 for person in people)


def test_a_folder_without_posed_faces_is_refused(tmp_path):
    expressions(tmp_path, [("b.png", "sad", "sfew", "film")])
    with pytest.raises(UnreadableMedia, match="no posed expressions"):
        read_posed(tmp_path)
