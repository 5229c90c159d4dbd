"""`summary`, `augment` and `predict`: what a recipe's network is, learns from, and says of a photo."""

import json
import shutil

import cv2
import keras
import numpy as np
import pytest
from click.testing import CliRunner

from app.paths import ASSETS
from tests.support.training import encoded
from training.cli.main import main
from training.engine.run_dir import BEST, write_run
from training.recipes.registry import find_recipe

PHOTO = ASSETS / "portraits" / "eileen_collins.png"


def run(*words):
    done = CliRunner().invoke(main, [str(word) for word in words])
    assert done.exit_code == 0, done.output
    return done.output


def untrained_run(folder, name):
    recipe = find_recipe(name)
    write_run(recipe, folder, folder, {})
    recipe.build().save_weights(folder / BEST)
    keras.backend.clear_session()
    return folder


def test_summary_shows_every_layer(tmp_path):
    output = run("summary", "landmarks-cnn", "--layers", tmp_path / "layers.txt", "--json", tmp_path / "rows.json")
    assert "4,830,306 parameters" in output
    rows = json.loads((tmp_path / "rows.json").read_text())
    assert rows[-2:] == [
        {"kind": "LeakyReLU", "shape": "64", "parameters": 0, "settings": "slope 0.1"},
        {"kind": "Dense", "shape": "30", "parameters": 1950, "settings": ""},
    ]
    assert len((tmp_path / "layers.txt").read_text().splitlines()) == len(rows) + 1
    assert sum(row["parameters"] for row in rows) == 4_830_306


def test_augment_draws_a_row_a_face_with_its_variations(models_dir, tmp_path):
    words = ("augment", "emotion-cnn", PHOTO, "--count", 3, "--models", models_dir)
    assert "1 face, 3 variations of each" in run(*words, "--out", tmp_path / "a.png")
    sheet = cv2.imread(str(tmp_path / "a.png"))
    assert sheet.shape == (116, 4 * 116 + 8, 3)
    original, first, second = (sheet[:112, at : at + 112].astype(int) for at in (0, 124, 240))
    assert min(np.abs(first - original).mean(), np.abs(second - first).mean()) > 1, "each varies"
    run(*words, "--out", tmp_path / "b.png")
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes(), "the same seed, the same sheet"


@pytest.mark.parametrize(
    ("name", "key", "words"), [("sex-cnn", "sex", "female"), ("landmarks-cnn", "landmarks", "15 landmarks")]
)
def test_predict_reads_each_face_of_a_photo(models_dir, tmp_path, name, key, words):
    folder = untrained_run(tmp_path / "run", name)
    output = run("predict", "--run", folder, PHOTO, "--models", models_dir, "--json", tmp_path / "found.json")
    assert f"{PHOTO}: face at " in output
    assert words in output
    (found,) = json.loads((tmp_path / "found.json").read_text())
    (face,) = found["faces"]
    x1, y1, x2, y2 = face["box"]
    if key == "landmarks":
        assert set(face[key]) >= {"nose_tip", "left_eye_center"}
        assert all(x1 - 50 < x < x2 + 50 and y1 - 50 < y < y2 + 50 for x, y in face[key].values()), "in the photo"
    else:
        assert sum(face[key].values()) == pytest.approx(1, abs=1e-3)


def test_a_photo_without_a_face_says_so(models_dir, tmp_path):
    (tmp_path / "empty.png").write_bytes(encoded(np.full((80, 80, 3), 90, np.uint8)))
    folder = untrained_run(tmp_path / "run", "sex-cnn")
    assert "empty.png: no face found" in run("predict", "--run", folder, tmp_path / "empty.png", "--models", models_dir)
    words = ("augment", "sex-cnn", tmp_path / "empty.png", "--out", tmp_path / "a.png", "--models", models_dir)
    done = CliRunner().invoke(main, [str(word) for word in words])
    assert done.exit_code == 1
    assert "no face was found in these photos" in done.output


def test_a_sheet_that_is_no_image_is_one_line(models_dir, tmp_path):
    shutil.copy(PHOTO, tmp_path / "a.png")
    words = ("augment", "sex-cnn", tmp_path / "a.png", "--out", tmp_path / "a.text", "--models", models_dir)
    done = CliRunner().invoke(main, [str(word) for word in words])
    assert done.exit_code == 1
    assert "cannot write an image to" in done.output
