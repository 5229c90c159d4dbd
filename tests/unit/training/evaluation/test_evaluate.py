"""Runs are scored like served models, and the page shows what was found."""

import json
import re
from dataclasses import replace

import cv2
import numpy as np
import pytest
from click.testing import CliRunner

from app.errors import ModelError, SettingsError
from tests.support.training import (
    csv_row,
    drawn_face,
    emotion_tree,
    encoded,
    utkface_files,
    write_csv,
    write_folder,
    write_tar,
)
from training.cli.main import main
from training.datasets.readers.kaggle_keypoints import COLUMNS
from training.engine.run_dir import BEST, write_run
from training.evaluation.faces import evaluate
from training.evaluation.scored_model import FaceModel, run_model
from training.metrics.age_scores import AgeScores
from training.metrics.calibration import fit_interval_scales
from training.metrics.class_scores import ClassScores
from training.metrics.landmark_scores import LandmarkScores
from training.recipes.registry import find_recipe
from training.reports import render
from training.reports.images import draw_window


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Folders of untrained runs."""
    home = tmp_path_factory.mktemp("runs")
    for name in ("sex-cnn", "age-cnn", "landmarks-cnn"):
        recipe = find_recipe(name)
        write_run(recipe, home, home / name, {})
        network = recipe.build()
        if name == "landmarks-cnn":  # made to answer 0 always
            network.layers[-1].set_weights([np.zeros_like(weight) for weight in network.layers[-1].get_weights()])
        network.save_weights(home / name / BEST)
    return home


@pytest.fixture(scope="module")
def faces(tmp_path_factory):
    """UTKFace-named pictures: ninety, of which every second is female."""
    return write_folder(tmp_path_factory.mktemp("faces"), {**utkface_files(90), "61_1_2017.jpg": b"x"})


def test_a_run_is_scored_by_what_its_recipe_reads(runs, faces, tmp_path):
    report = evaluate("demographics", faces, None, tmp_path, runs / "sex-cnn")
    assert [scores.attribute for scores in report.scores] == ["sex"]
    assert report.figures["n"] == 90
    assert report.figures["sex_accuracy_low"] < report.figures["sex_accuracy"] < report.figures["sex_accuracy_high"]
    assert "mae_years" not in report.figures


def test_a_run_answers_as_its_network_does(runs):
    patches = np.stack([cv2.resize(drawn_face(seed), (48, 48)) for seed in range(3)])
    model = find_recipe("sex-cnn").build()
    model.load_weights(runs / "sex-cnn" / BEST)
    answers = run_model(runs / "sex-cnn").answers(patches)["sex"]
    np.testing.assert_allclose(answers[:, 1:], model.predict(patches, verbose=0)["p_female"], atol=1e-5)
    np.testing.assert_allclose(answers.sum(1), 1)


def test_plain_ages_are_scored_in_years(runs, faces, tmp_path):
    report = evaluate("demographics", faces, None, tmp_path, runs / "age-cnn")
    (scores,) = report.scores
    assert report.figures["mae_years"] == pytest.approx(np.abs(scores.predicted - scores.true).mean())
    assert {"rmse_years", "bias_years", "share_within_5_years"} <= set(report.figures)


def test_a_run_of_something_else_is_one_line(runs, faces, tmp_path):
    with pytest.raises(ModelError, match="reads age, which evaluate emotion does not score"):
        evaluate("emotion", faces, None, tmp_path, runs / "age-cnn")
    with pytest.raises(SettingsError, match="is no folder of a run"):
        evaluate("emotion", faces, None, tmp_path, tmp_path)


def test_a_run_is_scored_on_kaggles_keypoints(runs, tmp_path):
    random = np.random.default_rng(0)
    rows = [[*map(str, random.uniform(20, 70, 30)), " ".join(map(str, random.integers(0, 256, 96**2)))] for _ in "ab"]
    rows.append([*rows[0][:28], "", "", rows[0][30]])  # a known face without its last point
    rows.append(["", *rows[0][1:]])  # without an eye
    table = write_csv(tmp_path / "training.csv", rows, (*COLUMNS, "Image"))
    words = ("landmarks", "--data", table, "--run", runs / "landmarks-cnn", "--out", tmp_path / "page")
    page_of(*words, "--json", tmp_path / "figures.json")
    figures = json.loads((tmp_path / "figures.json").read_text())
    assert (figures["n"], figures["rejected"], figures["unknown_points"]) == (3, 1, 1)
    # The network that is always 0 puts every point into the middle of the picture.
    true = np.array([[cell or "nan" for cell in row[:30]] for row in rows[:3]], float).reshape(3, 15, 2)
    errors = np.linalg.norm(true - 47.5, axis=2) / np.linalg.norm(true[:, :1] - true[:, 1:2], axis=2)
    assert figures["nme"] == pytest.approx(np.nanmean(errors), rel=1e-4)
    assert figures["rmse_px96"] == pytest.approx(36 * np.sqrt(np.nanmean(errors**2) / 2), rel=1e-4)
    assert figures["nme_nose_tip"] == pytest.approx(errors[:, 10].mean(), rel=1e-4)
    assert figures["rmse_px96_nose_tip"] == pytest.approx(36 * np.sqrt((errors[:, 10] ** 2).mean() / 2), rel=1e-4)
    assert "left eyebrow outer end" in (tmp_path / "page" / render.PAGE).read_text()


def test_landmarks_are_scored_at_the_scale_of_the_eyes():
    true = np.zeros((2, 15, 2))
    true[:, 0] = (0.5, 0)
    predicted = true.copy()
    predicted[:, 3] += (0.3, 0.4)  # as far as the eyes are apart
    scores = LandmarkScores(predicted, true)
    figures = scores.figures
    assert figures["nme"] == pytest.approx(1 / 15)
    assert figures["rmse_px96"] == pytest.approx(36 * np.sqrt(1 / 30))
    assert [name for name, own in scores.by_point.items() if own["nme"]] == ["left_eye_outer_corner"]
    assert scores.by_point["left_eye_outer_corner"]["rmse_px96"] == pytest.approx(36 * np.sqrt(1 / 2))


def test_ages_are_biased_by_decade():
    scores = AgeScores(np.array([12.0, 20.0, 30.0]), np.array([10.0, 19.0, 35.0]))
    assert [(one.first, one.bias_years, one.n) for one in scores.decades()] == [(10, 1.5, 2), (30, -5.0, 1)]


def test_intervals_are_scored_by_predicted_age():
    predicted, true = np.full(400, 25.0), np.tile([24.0, 26.0, 35.0, 25.0], 100)
    scores = AgeScores(predicted, true, np.stack([predicted - 5, predicted + 5], -1))
    assert scores.figures["interval_coverage"] == 0.75
    ((first, share, low, high, count),) = scores.coverages()
    assert (first, share, count) == (20, 0.75, 400)
    assert low < 0.75 < high
    assert replace(scores, intervals=None).coverages() == []


def test_stretched_intervals_hold_their_share():
    random = np.random.default_rng(0)
    predicted = random.uniform(0, 80, 4000)
    true = predicted + random.normal(0, 2 + predicted / 10)
    told = np.stack([predicted - 4, predicted + 4], -1)
    at, factors = np.array(fit_interval_scales(predicted, told, true, 0.8)).T
    half = 4 * np.interp(predicted, at, factors)
    inside = np.abs(true - predicted) <= half
    for first in range(0, 80, 10):
        assert inside[(predicted >= first) & (predicted < first + 10)].mean() == pytest.approx(0.8, abs=0.04)


def test_a_large_set_does_not_decide_the_width_of_intervals():
    """Errors of 9,000 faces of one set are below 2 years, those of 1,000 of another below 8."""
    random = np.random.default_rng(0)
    errors = np.concatenate([random.uniform(0, 2, 9000), random.uniform(0, 8, 1000)])
    groups, predicted = np.repeat([0, 1], [9000, 1000]), np.full(10000, 30.0)
    told = np.stack([predicted - 1, predicted + 1], -1)
    (pooled, *_), (equal, *_) = (
        fit_interval_scales(predicted, told, predicted + errors, 0.8, one) for one in (None, groups)
    )
    # Shares below x, from 2 on: pooled .9 + x / 80, equal .5 + x / 16.
    assert pooled[1] == pytest.approx(0.8 / (0.45 + 0.0125), abs=0.05)
    assert equal[1] == pytest.approx(4.8, abs=0.25)


def test_the_surest_mistake_is_the_worst():
    probabilities = np.array([[0.9, 0.1], [0.2, 0.8], [0.45, 0.55]])
    scores = ClassScores("emotion", ("happy", "sad"), probabilities, np.array([0, 0, 0]))
    np.testing.assert_allclose(scores.severity(), [0, 0.6, 0.1])
    assert scores.describe(1) == "sad 80%, labelled happy"


def test_the_columns_of_heads_are_told_apart(tmp_path):
    from app.attributes.output_head import Head
    from app.vision.inference.face_crop import PatchSpec

    heads = (Head("age", "bins", ("0", "10")), Head("sex", "classes", ("male", "female"), 2.0))
    model = FaceModel("", PatchSpec(2, "rgb", 1.0), heads, lambda patches: np.array([[0.0, 0.0, 0.0, 2.0]]), tmp_path)
    answers = model.answers(np.zeros((1, 2, 2, 3), np.uint8))
    np.testing.assert_allclose(answers["age"][:, 0], [5.0])
    np.testing.assert_allclose(answers["sex"], [[1 / (1 + np.e), np.e / (1 + np.e)]])


def page_of(*words):
    done = CliRunner().invoke(main, ["evaluate", *map(str, words)])
    assert done.exit_code == 0, done.output
    return done.output


def test_the_page_and_its_figures_agree(models_dir, tmp_path):
    files = {**emotion_tree(train=0, test=3), "test/happy/broken.png": b"x", "test/<b>.png": encoded(drawn_face(1))}
    data = write_tar(tmp_path / "fer.tar", files)
    output = page_of("emotion", "--data", data, "--models", models_dir, "--out", tmp_path / "page")
    html = (tmp_path / "page" / render.PAGE).read_text()
    details = json.loads((tmp_path / "page" / render.FIGURES).read_text())
    assert sum(map(sum, details["emotion"]["confusion"])) == details["figures"]["n"] == 21
    recalls = [one["recall"] for one in details["emotion"]["classes"].values()]
    assert np.mean(recalls) == pytest.approx(details["figures"]["balanced_accuracy"])
    assert sum(one["n"] for one in details["emotion"]["reliability"]) == 21
    assert "<b>.png" not in html, "names of files are text"
    assert html.count('alt="a face with a wrong prediction"') == 21 - sum(np.diag(details["emotion"]["confusion"]))
    figure_lines = [line for line in output.splitlines() if re.match(r"\w+ +0\.\d{4}", line)]
    assert figure_lines
    assert all("(validation split)" in line for line in figure_lines)
    assert html.count("On the validation split") == 3


def test_the_page_shows_groups_of_people(models_dir, faces, tmp_path):
    page_of("demographics", "--data", faces, "--models", models_dir, "--out", tmp_path / "page")
    details = json.loads((tmp_path / "page" / render.FIGURES).read_text())
    assert sum(one["n"] for one in details["sex"]["groups"]) == 90
    assert sum(one["n"] for one in details["age"]["decades"]) == 90
    assert [one["name"] for one in details["rejected"]] == ["61_1_2017.jpg"]
    html = (tmp_path / "page" / render.PAGE).read_text()
    assert "On the validation split" not in html
    assert "everybody" in html


def test_what_was_chosen_by_is_said_in_every_form(models_dir, runs, faces, tmp_path):
    rows = [csv_row(seed, "happy", usage) for seed, usage in enumerate(("Training", "PublicTest", "PrivateTest"))]
    table = write_csv(tmp_path / "fer2013.csv", rows)
    valid, test = (evaluate("emotion", table, split, models_dir).note for split in ("valid", "test"))
    assert "valid was used to choose" in valid
    assert test is None
    assert "valid was used to choose" in evaluate("demographics", faces, "valid", tmp_path, runs / "sex-cnn").note


def test_a_card_takes_no_figures_of_a_run(faces, tmp_path):
    words = ["evaluate", "emotion", "--data", str(faces), "--run", str(tmp_path), "--write-card"]
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 2
    assert "--write-card is for a served model" in done.output


def test_rows_left_out_of_training_do_not_count_against_another_split(models_dir, tmp_path):
    listed = {"training_rows_to_drop.csv": b"row,reason,correlation\n0,blank image,\n"}
    tree = write_folder(tmp_path / "fer2013", {**emotion_tree(), **listed})
    rejected = {split: evaluate("emotion", tree, split, models_dir).figures["rejected"] for split in ("train", "test")}
    assert rejected == {"train": 1, "test": 0}


@pytest.mark.soak
def test_the_window_of_a_spatial_transformer_is_drawn_over_its_input(tmp_path):
    recipe = find_recipe("emotion-stn")
    network = recipe.build()
    window = network.get_layer("window")
    kernel, _ = window.get_weights()
    window.set_weights([kernel, np.float32([0.5, 0, 0, 0, 0.5, 0])])  # the middle quarter
    write_run(recipe, tmp_path, tmp_path / "run", {})
    network.save_weights(tmp_path / "run" / BEST)
    data = write_tar(tmp_path / "fer.tar", emotion_tree(train=0, test=2))
    report = evaluate("emotion", data, "test", tmp_path, tmp_path / "run")
    assert report.windows.rows.shape == (14, 6)
    np.testing.assert_allclose(report.windows.area_shares, 0.25, atol=1e-6)
    page_of("emotion", "--data", data, "--run", tmp_path / "run", "--out", tmp_path / "page")
    html = (tmp_path / "page" / render.PAGE).read_text()
    assert "on average it has 25.0% of the area" in html
    assert html.count("with the window of its spatial transformer") == 12
    assert json.loads((tmp_path / "page" / render.FIGURES).read_text())["window_area_share"] == pytest.approx(0.25)
    image = draw_window(np.full((48, 48, 1), 100, np.uint8), report.windows.rows[0], 120)
    marked = np.argwhere((image != 100).any(-1))
    assert marked.min(0) == pytest.approx([60, 60], abs=3), "of 240 pixels"
    assert marked.max(0) == pytest.approx([180, 180], abs=3)
