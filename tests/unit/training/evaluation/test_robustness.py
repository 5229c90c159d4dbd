"""The same faces under several conditions: what each one changes, and what is lost by it."""

import json
import shutil
from dataclasses import replace

import cv2
import numpy as np
import pytest
from click.testing import CliRunner

from app.vision.inference.face_crop import PatchSpec, whole_image_pose
from tests.support.training import drawn_face, emotion_tree, utkface_files, write_csv, write_folder
from training.cli.main import main
from training.datasets.readers.kaggle_keypoints import COLUMNS
from training.evaluation.robustness import (
    ROTATION_DEGREES,
    add_mask,
    condition_figures,
    face_ellipse,
    hide_outside,
    inner_square,
    patches_by_condition,
    rotate_sample,
)
from training.metrics.age_scores import AgeScores
from training.metrics.class_scores import ClassScores
from training.samples.sample import Sample
from training.transforms.alignment import FaceAligner, face_patches
from training.transforms.synthetic_masks import typical_points

SPEC = PatchSpec(100, "rgb", 1.4, 0.05)
FRAME = whole_image_pose(100, 100, SPEC)


def face(seed=0, side=100):
    return Sample(str(seed), drawn_face(seed, side=side), {})


def test_the_tight_square_and_the_ellipse_hold_the_features_alone():
    square, ellipse = inner_square(SPEC), face_ellipse(SPEC)
    columns, rows = np.flatnonzero(square.any(0)), np.flatnonzero(square.any(1))
    assert len(columns) == pytest.approx(FRAME.box.width, abs=1)
    assert len(rows) == pytest.approx(FRAME.box.width, abs=1)
    assert rows[-1] + 1 == pytest.approx(FRAME.box.y2, abs=1)
    x, y = typical_points(FRAME).round().astype(int).T
    assert square[y, x].all()
    assert ellipse[y, x].all()
    assert ellipse.sum() < np.pi / 4 * FRAME.box.width * FRAME.box.height
    assert not (square | ellipse)[[0, 0, -1, -1], [0, -1, 0, -1]].any()


def test_what_is_covered_has_the_mean_colour_of_its_patch():
    patches = np.random.default_rng(0).integers(0, 256, (3, 100, 100, 3), np.uint8)
    kept = face_ellipse(SPEC)
    found = hide_outside(patches, kept)
    np.testing.assert_array_equal(found[:, kept], patches[:, kept])
    outside = np.broadcast_to(patches.mean((1, 2)).round()[:, None], found[:, ~kept].shape)
    np.testing.assert_array_equal(found[:, ~kept], outside)


def test_faces_are_turned_by_twenty_degrees_to_either_side():
    turns = []
    for seed in range(8):
        image = cv2.GaussianBlur(drawn_face(seed, side=64) // 3, (0, 0), 2)
        cv2.circle(image, (32, 12), 3, (255, 0, 0), -1)
        found = rotate_sample(Sample("a", image, {})).image
        y, x = np.argwhere(found[..., 0].astype(int) - found[..., 1] > 100).mean(0) - 31.5
        turns.append(np.degrees(np.arctan2(x, -y)))
    assert np.abs(turns) == pytest.approx(np.full(8, ROTATION_DEGREES), abs=3)
    assert min(turns) < 0 < max(turns)
    np.testing.assert_array_equal(rotate_sample(face()).image, rotate_sample(face()).image)


def test_a_mask_covers_the_mouth_and_not_the_eyes():
    points = typical_points(FRAME)
    sample = face()
    changed = (add_mask(sample, points).image != sample.image).any(-1)
    x, y = points.round().astype(int).T
    assert changed[y, x].tolist() == [False, False, True, True, True]
    np.testing.assert_array_equal(add_mask(face(), points).image, add_mask(face(), points).image)


def test_points_are_told_where_the_landmark_network_sees_them(landmark_models):
    """The tiny network of tests/support/tiny_models takes a bright dot for the nose."""
    aligner, spec = FaceAligner(landmark_models), PatchSpec(48, "gray", 1.5, aligned=True)
    image = np.zeros((96, 96, 3), np.uint8)
    assert aligner.face_points(Sample("a", image, {}), spec) is None
    cv2.circle(image, (56, 45), 4, (255, 255, 255), -1)
    points = aligner.face_points(Sample("a", image, {}), spec)
    assert points[2] == pytest.approx((56, 45), abs=3)
    assert points[0][0] < points[2][0] < points[1][0], "eyes from left to right in the picture"


def test_an_aligned_face_is_aligned_anew_under_a_mask(landmark_models):
    image = np.zeros((96, 96, 3), np.uint8)
    cv2.circle(image, (56, 45), 4, (255, 255, 255), -1)
    spec = replace(SPEC, aligned=True)
    samples = [Sample("a", image, {})]
    found = dict(patches_by_condition(samples, spec, landmark_models))
    assert list(found) == ["plain", "turned", "tight", "hair_hidden", "masked"]
    np.testing.assert_array_equal(found["plain"], face_patches(samples, spec, landmark_models))
    points = FaceAligner(landmark_models).face_points(samples[0], spec)
    again = face_patches([add_mask(samples[0], points)], spec, landmark_models)
    np.testing.assert_array_equal(found["masked"], again)


def test_a_change_of_sex_has_a_direction():
    def scores(*females):
        rows = np.array([[1 - p, p] for p in females])
        return [ClassScores("sex", ("male", "female"), rows, np.array([1, 1, 1, 1, 0, 0]), "sex_")]

    figures = condition_figures({
        "plain": scores(0.9, 0.9, 0.9, 0.1, 0.1, 0.1),
        "hair_hidden": scores(0.9, 0.1, 0.1, 0.1, 0.1, 0.1),
    })  # fmt: skip
    assert (figures["n_female"], figures["n_male"]) == (4, 2)
    assert (figures["female_as_male"], figures["female_as_male_hair_hidden"]) == (0.25, 0.75)
    assert figures["female_as_male_lost_hair_hidden"] == 0.5
    assert figures["female_as_male_lost_hair_hidden_low"] < 0.5 < figures["female_as_male_lost_hair_hidden_high"]
    assert (figures["male_as_female"], figures["male_as_female_lost_hair_hidden"]) == (0, 0)


def test_what_is_lost_is_paired():
    def scores(probabilities, ages):
        return [
            ClassScores("sex", ("male", "female"), np.array(probabilities), np.array([0, 1]), "sex_"),
            AgeScores(np.array(ages), np.array([30.0, 40.0])),
        ]

    figures = condition_figures({
        "plain": scores([[0.9, 0.1], [0.1, 0.9]], [31.0, 40.0]),
        "masked": scores([[0.9, 0.1], [0.9, 0.1]], [35.0, 44.0]),
    })  # fmt: skip
    assert (figures["sex_accuracy"], figures["sex_accuracy_masked"], figures["sex_accuracy_lost_masked"]) == (
        1,
        0.5,
        0.5,
    )
    assert (figures["mae_years"], figures["mae_years_masked"], figures["mae_years_lost_masked"]) == (0.5, 4.5, 4)
    assert figures["mae_years_lost_masked_low"] == figures["mae_years_lost_masked_high"] == 4
    assert figures["sex_accuracy_lost_masked_low"] < 0 < figures["sex_accuracy_lost_masked_high"]


def run(*words):
    return CliRunner().invoke(main, ["evaluate", *map(str, words)])


def test_the_command_scores_every_condition_and_writes_the_card(models_dir, tmp_path):
    models = shutil.copytree(models_dir, tmp_path / "models")
    data = write_folder(tmp_path / "utkface", {**utkface_files(12), "61_1_2017.jpg": b"x"})
    words = ("--data", data, "--models", models, "--json", tmp_path / "figures.json")
    plain = run("demographics", *words)
    assert plain.exit_code == 0, plain.output
    alone = json.loads((tmp_path / "figures.json").read_text())
    done = run("conditions", *words, "--write-card")
    assert done.exit_code == 0, done.output
    figures = json.loads((tmp_path / "figures.json").read_text())
    assert (figures["n"], figures["rejected"]) == (12, 1)
    assert all(isinstance(value, int | float) for value in figures.values())
    for name in ("mae_years", "sex_accuracy", "race_accuracy"):
        assert figures[name] == pytest.approx(alone[name])
        sign = 1 if name == "mae_years" else -1
        for condition in ("turned", "tight", "hair_hidden", "masked"):
            lost = sign * (figures[f"{name}_{condition}"] - figures[name])
            assert figures[f"{name}_lost_{condition}"] == pytest.approx(lost)
    assert figures["mae_years_masked"] != figures["mae_years"]
    card = json.loads((models / "demographics" / "card.json").read_text())["figures"]["utkface, conditions"]
    assert card["command"] == "python -m training evaluate conditions --data utkface"
    assert card["mae_years_lost_turned"] == round(figures["mae_years_lost_turned"], 4)


def test_emotions_are_scored_as_well_and_limited(models_dir, tmp_path):
    data = write_folder(tmp_path / "fer2013", emotion_tree())
    words = ("--data", data, "--models", models_dir, "--split", "test", "--limit", 3, "--json", tmp_path / "f.json")
    done = run("conditions", *words)
    assert done.exit_code == 0, done.output
    assert "PublicTest was used to choose" in done.output
    figures = json.loads((tmp_path / "f.json").read_text())
    assert figures["n"] == 3
    assert {"accuracy", "accuracy_low", "accuracy_turned", "accuracy_lost_turned_high"} <= set(figures)
    assert "mae_years" not in figures


def test_what_cannot_be_scored_is_one_line(models_dir, tmp_path):
    points = write_csv(tmp_path / "training.csv", [], (*COLUMNS, "Image"))
    emotions = write_folder(tmp_path / "fer2013", emotion_tree(1, 1))
    for words, line in (
        (("--data", points), "neither emotions nor ages"),
        (("--data", tmp_path / "nowhere"), "there is no"),
        (("--data", emotions, "--split", "valid"), "has no valid split"),
        (("--data", emotions, "--models", tmp_path), "no model in"),
    ):
        done = run("conditions", "--models", models_dir, *words)
        assert done.exit_code == 1
        assert line in done.output
        assert len(done.output.strip().splitlines()) == 1, done.output
    assert run("conditions", "--data", emotions, "--run", tmp_path, "--write-card").exit_code == 2
