"""Runs stand side by side with the figures that `evaluate` has for each."""

import json
import shutil

import pytest
from click.testing import CliRunner

from tests.support.training import emotion_tree, utkface_files, write_folder
from training.cli.main import main
from training.engine.run_dir import BEST, LOG, write_run
from training.evaluation.faces import evaluate
from training.evaluation.run_comparison import compare_runs
from training.recipes.registry import find_recipe
from training.reports.comparison import comparison_context, comparison_figures, figure_row, run_names
from training.reports.render import FIGURES, write_report


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """Two sets and untrained runs on them, with logs."""
    home = tmp_path_factory.mktemp("home")
    sets = {"emotion-cnn-deep": write_folder(home / "fer", emotion_tree(train=1, test=3))}
    sets["sex-cnn"] = write_folder(home / "utk", utkface_files(60))
    for name, data in sets.items():
        recipe = find_recipe(name)
        write_run(recipe, data, home / name, {"mixed": False})
        recipe.build().save_weights(home / name / BEST)
        monitor = recipe.monitor[0]
        (home / name / LOG).write_text(f"epoch,{monitor},val_loss\n0,0.5,1.0\n1,0.75,0.9\n")
    shutil.copytree(home / "sex-cnn", home / "other" / "sex-cnn")
    return home


@pytest.fixture(scope="module")
def runs(home):
    return compare_runs([home / "emotion-cnn-deep", home / "sex-cnn", home / "other" / "sex-cnn"])


@pytest.mark.soak
def test_the_figures_are_those_of_evaluate(home, runs):
    emotion, sex, again = runs
    report = evaluate("emotion", home / "fer", "test", home, home / "emotion-cnn-deep")
    assert emotion.figures["n"] == 21
    assert emotion.figures["accuracy"] == report.figures["accuracy"]
    assert "was used to choose" in emotion.note
    assert sex.figures == again.figures
    assert sex.figures["n"] == evaluate("demographics", home / "utk", "valid", home, home / "sex-cnn").figures["n"]


def test_size_time_and_epochs_are_told(runs):
    facts = runs[1].facts
    assert facts["parameters"] == 949_169
    assert facts["size_mb"] == pytest.approx(4 * 0.949_169, rel=0.05)
    assert 0 < facts["ms_per_face"] < 1000
    assert (facts["epochs"], facts["best_epoch"], facts["best"]) == (2, 2, 0.75)


def test_the_page_names_every_run_apart_and_draws_its_curves(runs, tmp_path):
    html = write_report("comparison", comparison_context(runs), comparison_figures(runs), tmp_path).read_text()
    assert run_names(runs) == ["emotion-cnn-deep", "sex-cnn (2)", "sex-cnn (3)"]
    assert html.count("<title>emotion-cnn-deep</title>") == html.count("<title>sex-cnn (2)</title>") == 2, "two plots"
    assert "<img" not in html, "the page shows no picture of a set"
    figures = json.loads((tmp_path / FIGURES).read_text())
    assert [one["recipe"] for one in figures] == ["emotion-cnn-deep", "sex-cnn", "sex-cnn"]


def test_the_best_of_a_row_is_shaded_most(runs):
    known = [{"sex_ece": 0.1, "accuracy": 0.5}, {"sex_ece": 0.3, "accuracy": 0.7}, {}]
    error, accuracy = (figure_row(name, known) for name in ("sex_ece", "accuracy"))
    assert error[0].strength > error[1].strength
    assert accuracy[0].strength < accuracy[1].strength
    assert error[2] is None


def test_runs_on_other_pictures_are_not_ranked(runs, tmp_path):
    known = [{"accuracy": 0.5}, {"accuracy": 0.7}, {"accuracy": 0.9}]
    first, second, alone = figure_row("accuracy", known, ["a", "a", "b"])
    assert first.strength < second.strength
    assert alone.strength == first.strength, "the best figure is that of other pictures"
    emotion, sex, again = runs
    assert sex.scored_on == again.scored_on != emotion.scored_on
    assert comparison_context(runs)["several_sets"]
    assert not comparison_context([sex, again])["several_sets"]


def test_a_folder_that_is_no_run_is_one_line(tmp_path):
    done = CliRunner().invoke(main, ["compare", str(tmp_path), "--out", str(tmp_path / "page")])
    assert done.exit_code == 1
    assert done.output.strip().splitlines() == [done.output.strip()]
    assert "is no folder of a run" in done.output
