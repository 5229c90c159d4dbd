"""Training of the face detector: crops keep their faces, cells get the right targets, losses prefer the truth."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

keras = pytest.importorskip("keras")

from app.vision.detection.anchor_free_detector import cell_grid, decode_cells  # noqa: E402
from training.datasets.readers.scenes import Scene  # noqa: E402
from training.datasets.scene_sets import session_key, split_scenes  # noqa: E402
from training.tasks.detection import losses, targets  # noqa: E402
from training.tasks.detection.validation import SceneScore  # noqa: E402
from training.transforms.scene_crops import Crop, flip_crop, mosaic, random_crop  # noqa: E402

SIZE = 128
UNKNOWN = np.full((1, 5, 2), np.nan, np.float32)


def crop_with(*boxes: tuple[float, float, float, float], ignore: bool = False) -> Crop:
    found = np.array(boxes, np.float32).reshape(-1, 4)
    points = np.repeat(UNKNOWN, len(found), 0)
    return Crop(np.full((SIZE, SIZE, 3), 120, np.uint8), found, np.full(len(found), ignore), points)


def bright_scene(x: int = 100, y: int = 80, side: int = 40) -> Scene:
    """A red square with a green left half on gray, marked as a face."""
    image = np.full((240, 320, 3), 60, np.uint8)
    image[y : y + side, x : x + side] = (250, 0, 0)
    image[y : y + side, x : x + side // 2] = (0, 250, 0)
    points = np.array([[(x + 10, y + 10), (x + 30, y + 10), (x + 20, y + 20), (x + 10, y + 30), (x + 30, y + 30)]])
    box = np.array([[x, y, x + side, y + side]], np.float32)
    return Scene("square.jpg", image, box, np.array([False]), points.astype(np.float32))


def square_in(image: np.ndarray) -> tuple[np.ndarray, float]:
    """Centre and mean side of the coloured square in a crop."""
    red, green = (np.abs(image.astype(int) - colour).max(-1) < 70 for colour in ((250, 0, 0), (0, 250, 0)))
    rows, columns = np.nonzero(red | green)
    return np.array([columns.mean() + 0.5, rows.mean() + 0.5]), float(np.sqrt(len(rows)))


def test_a_box_follows_its_face_into_every_crop() -> None:
    seen = 0
    for seed in range(40):
        crop = random_crop(bright_scene(), SIZE, np.random.default_rng(seed))
        if len(crop.boxes) == 0 or crop.ignore[0] or (crop.boxes <= 0).any() or (crop.boxes >= SIZE).any():
            continue
        seen += 1
        centre, side = square_in(crop.image)
        assert np.allclose((crop.boxes[0, :2] + crop.boxes[0, 2:]) / 2, centre, atol=1.5)
        assert crop.boxes[0, 2] - crop.boxes[0, 0] == pytest.approx(side, abs=2.5)
        left, right = crop.points[0, 0], crop.points[0, 1]
        assert left[0] < right[0]
    assert seen > 10


def test_points_stay_on_their_place_of_the_face() -> None:
    """The first point lies in the green half, the second in the red one; mirrored, the halves change places."""
    for seed in range(20):
        crop = random_crop(bright_scene(), SIZE, np.random.default_rng(seed))
        inside = len(crop.boxes) and (crop.points[0] > 2).all() and (crop.points[0] < SIZE - 3).all()
        if not inside or crop.boxes[0, 2] - crop.boxes[0, 0] < 20:
            continue
        colours = [crop.image[round(float(y)), round(float(x))] for x, y in crop.points[0, :2]]
        greens = [int(colour[1]) > int(colour[0]) for colour in colours]
        assert sorted(greens) == [False, True]


def test_mirroring_twice_changes_nothing() -> None:
    crop = random_crop(bright_scene(), SIZE, np.random.default_rng(3))
    again = flip_crop(flip_crop(crop))
    assert np.array_equal(again.image, crop.image)
    assert np.allclose(again.boxes, crop.boxes)
    assert np.allclose(again.points, crop.points)


def test_a_face_mostly_outside_is_ignored() -> None:
    crops = [random_crop(bright_scene(), SIZE, np.random.default_rng(seed)) for seed in range(200)]
    cut = [crop for crop in crops if len(crop.boxes) and crop.ignore[0]]
    for crop in cut:
        width, height = crop.boxes[0, 2:] - crop.boxes[0, :2]
        assert (crop.boxes[0] == 0).any() or (crop.boxes[0] == SIZE).any() or width * height < 49
    assert cut


def test_four_scenes_share_a_crop() -> None:
    crop = mosaic([bright_scene()] * 4, SIZE, np.random.default_rng(0))
    assert crop.image.shape == (SIZE, SIZE, 3)
    assert len(crop.boxes) == len(crop.ignore) == len(crop.points)
    assert (crop.boxes >= 0).all()
    assert (crop.boxes <= SIZE).all()


def test_cells_of_a_face_decode_to_its_box() -> None:
    """What the network is taught is what serving reads."""
    wanted = targets.targets(crop_with((30, 20, 70, 70)), targets.grid(SIZE))
    mine = wanted[:, targets.FACE] > 0
    rows = np.zeros((int(mine.sum()), 15), np.float32)
    rows[:, 1:5] = np.log(wanted[mine, targets.DISTANCES])
    boxes, _ = decode_cells(rows, cell_grid(SIZE, SIZE, targets.STRIDES)[mine])
    assert len(boxes) >= 4
    assert np.allclose(boxes, (30, 20, 70, 70), atol=0.01)


def test_points_decode_too() -> None:
    points = np.array([[(40, 35), (60, 35), (50, 45), (42, 58), (58, 58)]], np.float32)
    plain = crop_with((30, 20, 70, 70))
    wanted = targets.targets(Crop(plain.image, plain.boxes, plain.ignore, points), targets.grid(SIZE))
    mine = wanted[:, targets.POINTED] > 0
    rows = np.concatenate([np.zeros((int(mine.sum()), 5)), wanted[mine, targets.POINTS]], 1)
    _, found = decode_cells(rows, cell_grid(SIZE, SIZE, targets.STRIDES)[mine])
    assert np.allclose(found, points, atol=0.01)


@pytest.mark.parametrize(("side", "strides"), [(8, {8}), (40, {8, 16}), (90, {16, 32}), (120, {32})])
def test_faces_belong_to_the_cells_of_their_size(side: float, strides: set[int]) -> None:
    wanted = targets.targets(crop_with((2, 2, 2 + side, 2 + side)), targets.grid(SIZE))
    owners = targets.grid(SIZE).strides[wanted[:, targets.FACE] > 0]
    assert set(owners.tolist()) == strides


def test_an_ignored_face_asks_nothing_and_the_rest_of_the_crop_says_no_face() -> None:
    wanted = targets.targets(crop_with((30, 20, 70, 70), ignore=True), targets.grid(SIZE))
    grid = targets.grid(SIZE)
    inside = ((grid.centres > (31, 21)) & (grid.centres < (69, 69))).all(1)
    outside = ((grid.centres < (30, 20)) | (grid.centres > (70, 70))).any(1)
    assert not wanted[:, targets.FACE].any()
    assert not wanted[inside, targets.WEIGHT].any()
    assert wanted[outside, targets.WEIGHT].all()


def test_of_two_faces_over_each_other_the_smaller_gets_the_cell() -> None:
    wanted = targets.targets(crop_with((20, 20, 60, 60), (34, 34, 46, 46)), targets.grid(SIZE))
    grid = targets.grid(SIZE)
    middle = np.flatnonzero((grid.centres == (36, 36)).all(1))
    assert np.allclose(wanted[middle, targets.DISTANCES] * 8, (2, 2, 10, 10))


def test_the_loss_is_least_for_the_truth() -> None:
    wanted = targets.targets(crop_with((30, 20, 70, 70)), targets.grid(SIZE))[None]
    answer = np.zeros((1, wanted.shape[1], losses.OUTPUTS), np.float32)
    answer[..., losses.SCORE] = np.where(wanted[..., targets.FACE] > 0, 9, -9)
    answer[..., losses.LOG_DISTANCES] = np.log(np.maximum(wanted[..., targets.DISTANCES], 1e-3))
    right = float(losses.detection_loss(wanted, answer))
    assert right < 1e-3
    for column, change in ((losses.SCORE, -18.0), (losses.LOG_DISTANCES, 0.7)):
        wrong = answer.copy()
        wrong[..., column] += change
        assert float(losses.detection_loss(wanted, wrong)) > right + 0.1


def test_box_error_is_one_minus_generalised_overlap() -> None:
    wanted = np.array([[1.0, 1.0, 1.0, 1.0]])
    assert float(losses.box_error(wanted, np.log(wanted))[0]) == pytest.approx(0, abs=1e-6)
    half = np.array([[1.0, 1.0, 3.0, 1.0]])  # twice as wide: overlap 1/2, hull without gaps
    assert float(losses.box_error(wanted, np.log(half))[0]) == pytest.approx(0.5)


def test_shoots_stay_together() -> None:
    assert (
        session_key("facecount_10002.jpg") == session_key("facecount_10187.jpg") != session_key("facecount_10203.jpg")
    )
    assert session_key("fddb_2002_07_19_big_img_130.jpg") == session_key("fddb_2002_07_19_big_img_139.jpg")
    assert session_key("cmumit_wxm.jpg") == "cmumit_wxm"
    scenes = [
        Scene(f"facecount_{number}.jpg", np.zeros((1, 1, 3), np.uint8), UNKNOWN[:0, 0], np.empty(0, bool), UNKNOWN[:0])
        for number in range(10_000, 18_000, 7)
    ]
    parts = split_scenes(scenes)
    assert not {session_key(one.name) for one in parts["train"]} & {session_key(one.name) for one in parts["valid"]}
    assert 0.03 < len(parts["valid"]) / len(scenes) < 0.3


@pytest.mark.soak
def test_a_short_training_is_exported_and_found_by_the_app(tmp_path: Path) -> None:
    """From scenes on disk through training and export to the app's detector."""
    import csv

    import cv2

    from app.vision.detection.anchor_free_detector import AnchorFreeDetector, read_detector_card
    from training.engine.train import train
    from training.export.export import export
    from training.recipes.registry import find_recipe
    from training.tasks.base import TrainOptions

    folder = tmp_path / "data" / "scenes"
    folder.mkdir(parents=True)
    with (folder / "scenes.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["file", "x1", "y1", "x2", "y2", "ignore"])
        for index in range(16):
            scene = bright_scene(20 + 12 * index, 30 + 5 * index)
            cv2.imwrite(str(folder / f"cmumit_{index}.jpg"), scene.image[..., ::-1])
            table.writerow([f"cmumit_{index}.jpg", *scene.boxes[0], 0])
    recipe = find_recipe("face-detector")
    recipe = replace(recipe, batch=2, task=replace(recipe.task, steps=2, size=64))
    run = tmp_path / "run"
    assert train(recipe, tmp_path / "data", run, TrainOptions(epochs=1)).is_file()
    assert (run / "log.csv").read_text().startswith("epoch,")
    (tmp_path / "models").mkdir()
    exported = export(recipe, run, tmp_path / "models")
    detector = AnchorFreeDetector(read_detector_card(exported))
    assert isinstance(detector.detect(bright_scene().image), list)


def test_the_teacher_marks_what_it_cannot_see(astronaut: np.ndarray) -> None:
    """A portrait is learnt; a box around nothing is not, unless it is in a picture of masks."""
    teacher = Path(__file__).parents[5] / "shared/models/face_detection_yunet_2026may.onnx"
    if not teacher.is_file():
        pytest.skip(f"there is no {teacher.name}")
    from training.tasks.detection.label_cleaning import ignore_undetected

    boxes = np.array([[175, 65, 275, 200], [10, 400, 60, 460]], np.float32)
    unknown = np.repeat(UNKNOWN, 2, 0)
    scenes = [Scene(name, astronaut, boxes, np.zeros(2, bool), unknown) for name in ("a.jpg", "maskcc0_a.jpg")]
    first, masked = ignore_undetected(scenes, teacher)
    assert first.ignore.tolist() == [False, True]
    assert masked.ignore.tolist() == [False, False]


def test_the_served_score_is_right_often_enough_and_silent_without_faces() -> None:
    nobody = replace(bright_scene(), boxes=np.empty((0, 4), np.float32), ignore=np.empty(0, bool), points=UNKNOWN[:0])
    score = SceneScore([bright_scene(), nobody, nobody])
    right, wrong = np.array([100, 80, 140, 120]), np.array([10, 10, 50, 50])
    seen = np.array([[*right, 0.9], [*wrong, 0.6], [*wrong + 60, 0.3]])
    quiet, loud = np.empty((0, 5)), np.array([[*wrong, 0.7]])
    assert score.threshold([seen, quiet, quiet], precision=0.9, false_per_empty=0.0) == pytest.approx(0.9)
    assert score.threshold([seen, quiet, quiet], precision=0.5, false_per_empty=0.0) == pytest.approx(0.6)
    assert score.threshold([seen, loud, quiet], precision=0.3, false_per_empty=0.0) > 0.7
    assert score.threshold([seen, loud, quiet], precision=0.3, false_per_empty=0.5) == pytest.approx(0.6)
