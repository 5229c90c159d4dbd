"""Training of the landmark network: points stay on their place of the face, the loss prefers the truth."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

keras = pytest.importorskip("keras")

from app.domain import Box, Face  # noqa: E402
from app.vision.landmarks.network import LandmarkNetwork, read_landmark_card  # noqa: E402
from tests.support.training import whole_image_patch  # noqa: E402
from training.datasets.readers.scenes import Scene  # noqa: E402
from training.engine.train import train  # noqa: E402
from training.evaluation.scored_model import served_model  # noqa: E402
from training.export.export import export  # noqa: E402
from training.recipes.registry import find_recipe  # noqa: E402
from training.samples.framing import denormalize_points  # noqa: E402
from training.samples.landmark_points import FIVE_POINT_INDEXES, LANDMARK_NAMES, MIRRORED_ORDER  # noqa: E402
from training.samples.sample import Sample  # noqa: E402
from training.tasks.base import TrainOptions  # noqa: E402
from training.tasks.landmarks import crops, losses  # noqa: E402
from training.tasks.landmarks.batches import CropBatches, boxed_faces  # noqa: E402
from training.tasks.landmarks.crops import POINTS, MarkedFace, boxed_crop, empty_crop, face_crop, targets  # noqa: E402
from training.tasks.landmarks.landmark_data import training_data  # noqa: E402

RECIPE = find_recipe("face-landmarks")
CROPS = RECIPE.task.crops
EYE = LANDMARK_NAMES.index("right_eye_center")  # on the left of the picture


def marked_sample(name: str = "face.jpg") -> Sample:
    """A gray picture with a bright eye on the left of the picture and a dark one on its right."""
    image = np.full((160, 160, 3), 120, np.uint8)
    points = np.random.default_rng(0).uniform(60, 100, (len(LANDMARK_NAMES), 2)).astype(np.float32)
    points[FIVE_POINT_INDEXES] = [(60, 65), (100, 65), (80, 85), (65, 105), (95, 105)]
    cv2.circle(image, (60, 65), 6, (255, 255, 255), -1)
    cv2.circle(image, (100, 65), 6, (0, 0, 0), -1)
    return Sample(name, image, {}, points=points)


def scene(*boxes: tuple[float, float, float, float]) -> Scene:
    found = np.array(boxes, np.float32).reshape(-1, 4)
    image = np.full((200, 300, 3), 90, np.uint8)
    return Scene("scene.jpg", image, found, np.zeros(len(found), bool), np.full((len(found), 5, 2), np.nan, np.float32))


def test_points_stay_on_the_face(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bright eye, or after mirroring the dark one, lies under the point of the right eye."""
    monkeypatch.setattr(crops, "MASKED", 0.0)
    monkeypatch.setattr(crops, "_varied", lambda image, patch, random: image[..., :1])
    tones = set()
    for seed in range(30):
        patch, wanted = face_crop(MarkedFace.of(marked_sample()), CROPS, np.random.default_rng(seed))
        x, y = denormalize_points(wanted[POINTS].reshape(-1, 2)[EYE], patch).round().astype(int)
        assert patch[y, x, 0] in (0, 255)
        tones.add(int(patch[y, x, 0]))
    assert tones == {0, 255}


def test_mirrored_names_are_each_others() -> None:
    assert [MIRRORED_ORDER[index] for index in MIRRORED_ORDER] == list(range(len(LANDMARK_NAMES)))


def test_an_empty_crop_keeps_away_from_faces() -> None:
    crowded = scene((0, 0, 150, 200))
    for seed in range(20):
        frame = crops._empty_place(crowded, np.random.default_rng(seed))
        assert crops._covered(frame, crowded.boxes) < crops.CLEAR
    patch, wanted = empty_crop(crowded, CROPS, np.random.default_rng(0))
    assert patch.shape == CROPS.patch.shape
    assert not wanted.any()


def test_a_batch_depends_on_seed_epoch_and_index_alone() -> None:
    first, again = (CropBatches([[marked_sample()]], [scene()], CROPS, 6, 10, seed=3) for _ in range(2))
    patches, wanted = first.batch_at(1, 2)
    first.batch_at(0, 0)
    assert patches.shape == (6, 96, 96, 1)
    assert np.array_equal(patches, again.batch_at(1, 2)[0])
    assert np.array_equal(wanted["answer"], again.batch_at(1, 2)[1]["answer"])
    assert not np.array_equal(patches, again.batch_at(1, 3)[0])


def answer_for(wanted: np.ndarray, logit: float) -> np.ndarray:
    return np.concatenate([wanted[:, POINTS], np.full((len(wanted), 1), logit)], 1).astype(np.float32)


def test_the_loss_is_least_at_the_truth() -> None:
    sample = marked_sample()
    wanted = targets(sample.points, sample.image)[None]
    right, off = answer_for(wanted, 8), answer_for(wanted, 8)
    off[:, POINTS] += 0.05
    least = float(losses.landmark_loss(wanted, right)[0])
    assert least < 0.01
    assert float(losses.landmark_loss(wanted, off)[0]) > least + 0.1
    assert float(losses.landmark_loss(wanted, answer_for(wanted, -8))[0]) > 5
    assert float(losses.nme(wanted, right)) == 0
    assert float(losses.told_apart(wanted, right)[0]) == 1


def test_a_face_of_which_only_the_box_is_known_teaches_its_score_alone() -> None:
    crowd = scene((10, 10, 60, 70), (100, 20, 108, 28))
    ((whole, box),) = boxed_faces([crowd])
    assert box.tolist() == [10, 10, 60, 70], "the other one is too small to be told"
    patch, wanted = boxed_crop(whole, box, CROPS, np.random.default_rng(0))
    assert patch.shape == CROPS.patch.shape
    off, sure = np.full((1, losses.OUTPUTS), 5.0, np.float32), np.full((1, losses.OUTPUTS), 0.0, np.float32)
    off[:, losses.SCORE] = sure[:, losses.SCORE] = 8
    assert float(losses.landmark_loss(wanted[None], off)[0]) == float(losses.landmark_loss(wanted[None], sure)[0])
    assert float(losses.landmark_loss(wanted[None], -sure)[0]) > 5
    assert float(losses.nme(wanted[None], off)) == 0


def test_points_of_what_is_no_face_teach_nothing() -> None:
    wanted = np.zeros((1, crops.COLUMNS), np.float32)
    for offset in (0.0, 5.0):
        answer = np.full((1, losses.OUTPUTS), offset, np.float32)
        answer[:, losses.SCORE] = -8
        assert float(losses.landmark_loss(wanted, answer)[0]) < 0.01
    assert float(losses.nme(wanted, answer)) == 0


@pytest.mark.soak
def test_a_short_training_is_exported_and_read_by_the_app(tmp_path, monkeypatch) -> None:
    samples = [marked_sample(f"{index}.jpg") for index in range(4)]
    scenes = dict.fromkeys(("train", "valid"), [scene()])
    recipe = replace(RECIPE, batch=4, task=replace(RECIPE.task, steps=2))
    marked = {split: [samples, samples] for split in ("train", "valid", "test")}
    data = training_data(recipe, marked, scenes, [])
    for module in ("task", "serving"):
        monkeypatch.setattr(f"training.tasks.landmarks.{module}.read_landmark_data", lambda recipe, folder: data)
    assert train(recipe, tmp_path, tmp_path / "run", TrainOptions(epochs=1)).is_file()
    assert (tmp_path / "run" / "splits" / "train.txt").read_text().startswith("0.jpg\n")
    exported = export(recipe, tmp_path / "run", tmp_path / "models")
    network = LandmarkNetwork(read_landmark_card(exported))
    assert len(network.track(samples[0].image, [Face(Box(40, 40, 120, 130), 1.0)])) == 1


def test_a_scored_network_looks_twice_at_every_picture(landmark_models) -> None:
    """The tiny network finds the bright nose, and the points around it at the scale of the second look."""
    model = served_model(landmark_models, ("landmarks",))
    image = np.zeros((160, 160, 3), np.uint8)
    cv2.circle(image, (100, 70), 6, (255, 255, 255), -1)
    points = model.answers(whole_image_patch(image, model.patch)[None])["landmarks"].reshape(-1, 2)
    assert model.attributes == {"landmarks"}
    assert denormalize_points(points, image)[2] == pytest.approx((100, 70), abs=3)
    eyes_apart = np.linalg.norm(points[0] - points[1])
    assert eyes_apart < 0.48, "the first look alone says half of the half picture"
