"""The commands, with their JSON and their one-line errors."""

import json
import shutil

import pytest
from click.testing import CliRunner

from tests.support.training import emotion_tree, utkface_files, write_folder, write_tar
from training.cli.main import main


def run(*words):
    return CliRunner().invoke(main, [str(word) for word in words])


@pytest.fixture
def models(models_dir, tmp_path):
    """A copy of the test models, whose cards may be written to."""
    return shutil.copytree(models_dir, tmp_path / "models")


def test_evaluate_writes_one_flat_object(models, tmp_path):
    data = write_tar(tmp_path / "fer.tar", emotion_tree(train=0, test=1))
    done = run("evaluate", "emotion", "--data", data, "--models", models, "--json", tmp_path / "out/figures.json")
    assert done.exit_code == 0, done.output
    figures = json.loads((tmp_path / "out/figures.json").read_text())
    assert figures["n"] == 7
    assert {"accuracy", "balanced_accuracy", "ece"} <= set(figures)
    assert all(isinstance(value, int | float) for value in figures.values())
    assert "PublicTest was used to choose" in done.output


def test_evaluate_demographics_writes_its_figures(models, tmp_path):
    data = write_folder(tmp_path / "faces", {**utkface_files(3), "61_1_2017.jpg": b"x"})
    done = run("evaluate", "demographics", "--data", data, "--models", models, "--json", tmp_path / "f.json")
    figures = json.loads((tmp_path / "f.json").read_text())
    assert figures["n"] == 3
    assert {"mae_years", "rmse_years", "sex_accuracy"} <= set(figures)
    assert "61_1_2017.jpg: irregular name" in done.output


def test_write_card_names_the_command_without_the_paths_of_the_machine(models, tmp_path):
    data = write_tar(tmp_path / "fer.tar", emotion_tree(train=0, test=1))
    words = ("evaluate", "emotion", "--data", data, "--models", models)
    assert run(*words, "--split", "test", "--write-card").exit_code == 0
    figures = json.loads((models / "emotion/card.json").read_text())["figures"]["fer.tar test"]
    assert figures["command"] == "python -m training evaluate emotion --data fer.tar --split test"
    assert "PublicTest" in figures["note"]
    assert run(*words).exit_code == 0, "the card still loads"


def test_prepare_reports_as_json(tmp_path):
    data = write_folder(tmp_path / "set", {**emotion_tree(2, 1), "train/happy/bad.png": b"x"})
    words = ("prepare", "emotion-compact", "--data", data, "--cache", tmp_path / "cache", "--json", tmp_path / "r.json")
    done = run(*words)
    assert done.exit_code == 0, done.output
    report = json.loads((tmp_path / "r.json").read_text())
    assert report["pictures"] == {"train": 14, "valid": 7, "test": 0}
    assert report["reasons"] == {"cannot be decoded": 1}
    assert len(list((tmp_path / "cache").iterdir())) == 1


@pytest.mark.parametrize(
    "words",
    [
        ("evaluate", "emotion", "--data", "nowhere.tar"),
        ("evaluate", "emotion", "--data", "{set}", "--models", "{set}"),
        ("evaluate", "emotion", "--data", "{set}", "--split", "valid", "--models", "{models}"),
        ("prepare", "no-such-recipe", "--data", "{set}"),
        ("prepare", "emotion-compact", "--data", "nowhere"),
        ("train", "emotion-compact", "--data", "nowhere", "--out", "{models}/run"),
        ("export", "emotion-compact", "--run", "nowhere", "--models", "{models}"),
        ("tutorial-loop", "--source", "nowhere.mp4", "--seconds", "0.1"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_no_traceback(words, models, tmp_path):
    data = write_folder(tmp_path / "set", emotion_tree(1, 1))
    done = run(*(word.format(set=data, models=models) for word in words))
    assert done.exit_code == 1
    assert len(done.output.strip().splitlines()) == 1, done.output
    assert done.output.startswith("Error: ")


def test_an_unknown_task_is_a_usage_error():
    assert run("evaluate", "shoes", "--data", ".").exit_code == 2


def test_who_averages_weights_must_name_the_file_as_keras_does(tmp_path):
    done = run("average", "emotion-cnn", tmp_path / "a.weights.h5", "--out", tmp_path / "mean.h5")
    assert done.exit_code == 2
    assert "mean.h5 must end in .weights.h5" in done.output


def test_a_detector_takes_no_teacher_of_answers(tmp_path):
    done = run("train", "face-detector", "--data", tmp_path, "--out", tmp_path, "--taught-by", tmp_path / "model.keras")
    assert done.exit_code == 1
    assert "face-detector takes no --taught-by; leave it out" in done.output


def test_only_a_detector_takes_a_detector_as_teacher(tmp_path):
    done = run(
        "train", "emotion-cnn", "--data", tmp_path, "--out", tmp_path / "run", "--teacher", tmp_path / "yunet.onnx"
    )
    assert done.exit_code == 2
    assert "--teacher is for face-detector; leave it out" in done.output
    assert not (tmp_path / "run").exists()
