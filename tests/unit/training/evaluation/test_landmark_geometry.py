"""Shapes of faces by emotion: normalised alike, measured, and set beside what is known."""

from __future__ import annotations

import json
from pathlib import Path

import keras
import numpy as np
import pytest
from click.testing import CliRunner

from app.attributes.output_head import Head
from app.errors import ModelError, UnreadableMedia
from tests.support.training import drawn_face, emotion_tree, encoded, utkface_files, write_folder
from training.cli.main import main
from training.engine.run_dir import BEST, write_run
from training.evaluation.landmark_geometry import PublishedResult, compare_with_published, measure, normalised
from training.evaluation.scored_model import FaceModel
from training.metrics.predictions import MeanEstimate
from training.recipes.registry import find_recipe
from training.reports.geometry import geometry_figures, relative_distances
from training.reports.render import PAGE
from training.samples.landmark_points import LANDMARK_NAMES

# x, y: eye centres, eye corners, brows, nose, mouth, in the order of NAMES; left is right in the picture.
FACE = np.array(
    [[0.5, 0], [-0.5, 0], [0.3, 0], [0.7, 0], [-0.3, 0], [-0.7, 0], [0.3, -0.3], [0.8, -0.3], [-0.3, -0.3]]
    + [[-0.8, -0.3], [0, 0.6], [0.4, 1.1], [-0.4, 1.1], [0, 1.0], [0, 1.2]]
)
NOSE, BOTTOM_LIP = LANDMARK_NAMES.index("nose_tip"), LANDMARK_NAMES.index("mouth_center_bottom_lip")
PATCH = find_recipe("landmarks-cnn").task.patch


def placed(faces: np.ndarray, seed: int, scales: tuple[float, float] = (0.2, 0.6)) -> np.ndarray:
    """Faces (n, 15, 2) turned, scaled and moved, each in its own way."""
    random = np.random.default_rng(seed)
    turns = random.uniform(*scales, (len(faces), 1)) * np.exp(1j * random.uniform(-0.5, 0.5, (len(faces), 1)))
    moved = (faces[..., 0] + 1j * faces[..., 1]) * turns + random.uniform(-0.2, 0.2, (len(faces), 1))
    return np.stack([moved.real, moved.imag], -1)


def reader(shapes: dict[int, np.ndarray]) -> FaceModel:
    """Reads the shape of the class whose tone (as in `emotion_tree`) a picture has."""

    def predict(patches: np.ndarray) -> np.ndarray:
        classes = [round((np.median(patch[42:54, 42:54]) - 60) / 28) for patch in patches]
        jitter = np.random.default_rng(1).normal(0, 0.01, (len(patches), 15, 2))
        faces = placed(np.stack([shapes.get(one, FACE) for one in classes]) + jitter, 3, (0.39, 0.41))
        return faces.reshape(len(patches), 30).astype(np.float32)

    names = tuple(f"{name}_{axis}" for name in LANDMARK_NAMES for axis in "xy")
    return FaceModel("a reader", PATCH, (Head("landmarks", "value", names),), predict, Path())


def test_position_turn_and_size_do_not_count() -> None:
    found, sound = normalised(placed(np.repeat(FACE[None], 20, 0), 2))
    np.testing.assert_allclose(found, np.repeat(FACE[None], 20, 0), atol=1e-9)
    assert sound.all()


@pytest.mark.parametrize(
    "wrong", [FACE * 0, FACE * [1, -1], FACE * [[np.nan, 1]]], ids=["a dot", "upside down", "none"]
)
def test_points_that_make_no_face_are_told(wrong: np.ndarray) -> None:
    assert normalised(np.stack([FACE, wrong]))[1].tolist() == [True, False]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    files = {**emotion_tree(train=6, test=0), "train/happy/bad.png": b"x", "train/none.png": encoded(drawn_face(1))}
    return write_folder(tmp_path / "set", files)


def test_published_results_are_confirmed(tree: Path) -> None:
    disgust, happy, surprise = FACE.copy(), FACE.copy(), FACE.copy()
    disgust[NOSE:, 1] += 0.2  # and the mouth
    surprise[BOTTOM_LIP, 1] += 0.6
    happy[NOSE, 1] -= 0.1
    happy[NOSE + 1 :, 1] -= 0.2
    found = measure(tree, reader({1: disgust, 3: happy, 6: surprise}))
    assert [one.agrees for one in found.findings] == [True] * 4
    assert all(one.sentence.endswith(" is significant.") for one in found.findings)
    assert next(iter(relative_distances(found, "eye_nose").items()))[0] == "disgust"
    assert found.emotions["neutral"].distances["eyes_nose_px"].value == pytest.approx(0.4 * 48 * 0.61**0.5, rel=0.05)
    assert found.emotions["surprise"].distances["nose_lip_px"].value == pytest.approx(0.4 * 48 * 1.2, rel=0.05)
    assert found.shape_findings[0].endswith("eyes to nose is largest for disgust and smallest for happy.")
    figures = geometry_figures(found)
    assert figures["faces"] == 42
    lip = figures["emotions"]["surprise"]["points"]["mouth_center_bottom_lip"]
    assert lip["highest"][1] < lip["mean"][1] < lip["lowest"][1]
    assert lip["mean"] == pytest.approx([0, 1.8], abs=0.1)
    assert [one["reason"] for one in figures["rejected"]] == ["cannot be decoded", "in no class folder"]


def test_disagreement_and_significance_are_reported() -> None:
    sure, unsure = MeanEstimate(1.0, 0.001), MeanEstimate(0.99, 0.1)
    published = PublishedResult("nose_mouth", "largest", "surprise")
    means = {
        "surprise": {"nose_mouth": unsure},
        "sad": {"nose_mouth": sure},
        "fear": {"nose_mouth": MeanEstimate(0.5, 0.001)},
    }
    doubtful = compare_with_published(published, means)
    assert doubtful.agrees is False
    assert doubtful.sentence == (
        "Disagrees: as published, the distance from nose to mouth is largest for surprise; here it is so for sad, "
        "surprise is number 2 of 3, the difference is not significant."
    )
    assert compare_with_published(published, {"sad": {"nose_mouth": sure}, "fear": {"nose_mouth": sure}}).agrees is None
    far = {**means, "surprise": {"nose_mouth": MeanEstimate(0.4, 0.001)}}
    assert compare_with_published(published, far).sentence.endswith(
        "surprise is number 3 of 3, the difference is significant."
    )
    near = {**means, "surprise": {"nose_mouth": MeanEstimate(1.01, 0.1)}}
    assert compare_with_published(published, near).sentence == (
        "Agrees: as published, the distance from nose to mouth is largest for surprise; the difference from sad is not "
        "significant."
    )


def write_untrained_run(folder: Path) -> None:
    """A run whose network answers a face whatever it sees, with a little noise of what it sees."""
    recipe = find_recipe("landmarks-cnn")
    network = recipe.build()
    kernel, _ = network.get_layer("points").get_weights()
    network.get_layer("points").set_weights([kernel * 0.01, (FACE * 0.5).astype(np.float32).reshape(-1)])
    write_run(recipe, folder, folder, {})
    network.save_weights(folder / BEST)
    keras.backend.clear_session()


def test_the_command_writes_a_page_of_the_same_figures(tree: Path, tmp_path: Path) -> None:
    write_untrained_run(tmp_path / "run")
    words = ["geometry", tree, "--out", tmp_path / "out", "--run", tmp_path / "run"]
    done = CliRunner().invoke(main, [str(word) for word in words])
    assert done.exit_code == 0, done.output
    figures = json.loads((tmp_path / "out" / "geometry.json").read_text())
    html = (tmp_path / "out" / PAGE).read_text()
    assert set(figures["emotions"]) == {"angry", "disgust", "fear", "happy", "neutral", "sad", "surprise"}
    assert all(0 < low <= mean <= high for means in figures["relative"].values() for mean, low, high in means.values())
    for one in figures["findings"]:
        assert one["sentence"] in done.output
        assert one["sentence"] in html
    assert html.count("<figure>") == 7
    assert html.count("<title>nose tip</title>") == 7
    assert "<img" not in html, "the page shows no picture of the set"


def test_a_lone_face_of_an_emotion_is_left_out_by_name(tmp_path: Path) -> None:
    alone = write_folder(tmp_path / "set", emotion_tree(train=1, test=0))
    with pytest.raises(UnreadableMedia, match="no emotion with 2 faces whose points could be read"):
        measure(alone, reader({}))
    write_folder(alone, {"train/sad/extra.png": encoded(drawn_face(50, 200))})
    found = measure(alone, reader({}))
    assert list(found.emotions) == ["sad"]
    assert [one.agrees for one in found.findings] == [None] * 4
    assert {one.reason for one in found.rejected} == {"too few faces of its emotion"}
    assert len(found.rejected) == 6


def test_a_model_that_reads_something_else_is_one_line(tree: Path) -> None:
    model = FaceModel("", PATCH, (Head("emotion", "classes", ("sad",)),), lambda patches: patches, tree)
    with pytest.raises(ModelError, match="reads emotion, not landmarks; give another"):
        measure(tree, model)


def test_a_set_without_emotions_is_one_line(tmp_path: Path) -> None:
    faces = write_folder(tmp_path / "faces", utkface_files(3))
    write_untrained_run(tmp_path / "run")
    words = ["geometry", faces, "--out", tmp_path / "out", "--run", tmp_path / "run"]
    done = CliRunner().invoke(main, [str(word) for word in words])
    assert done.exit_code == 1
    assert "which names no emotions; give a set such as FER2013" in done.output
    assert len(done.output.strip().splitlines()) == 1
