"""A network leaves the house as LiteRT or as JSON with weights, and answers there as in Keras."""

import json
import subprocess
import sys
from dataclasses import replace

import cv2
import keras
import numpy as np
import pytest
from click.testing import CliRunner

from app.errors import ModelError
from app.numerics import softmax
from app.paths import ASSETS
from tests.support.training import TINY, drawn_face, emotion_tree, tiny_with, write_folder
from training.cli.main import main
from training.datasets.dataset_spec import DatasetSplits
from training.datasets.fer2013 import FER2013
from training.engine.run_dir import BEST, write_run
from training.export import formats
from training.export.export import export_files
from training.recipes.registry import find_recipe
from training.samples.sample import Dataset, Sample
from training.tasks.attributes.agreement import agreement
from training.tasks.attributes.arrays import Head
from training.tasks.attributes.patch_cache import load_splits
from training.tasks.attributes.serving import serving_model
from training.tasks.base import ExportOptions

POINTS = np.random.default_rng(1).uniform(20, 70, (15, 2)).astype(np.float32)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A set and an untrained run on it."""
    home = tmp_path_factory.mktemp("home")
    write_folder(home / "set", emotion_tree(train=4, test=3))
    write_run(TINY, home / "set", home / "run", {})
    TINY.build().save_weights(home / "run" / BEST)
    return home


def written(home, out, file_format, recipe=TINY):
    return [
        file.name
        for file in export_files(
            recipe, home / "run", out, ExportOptions(file_format=file_format, cache=home / "cache")
        )
    ]


def expected(home):
    patches = load_splits(TINY, home / "set", home / "cache").valid.patches
    return patches, serving_model(TINY, home / "run" / BEST).predict(patches, verbose=0)


@pytest.mark.parametrize(("file_format", "files"), [("json", ["model.json", "model.weights.h5"]), ("h5", ["model.h5"])])
def test_a_whole_network_says_probabilities_as_tutorials_expect(home, tmp_path, file_format, files):
    assert written(home, tmp_path, file_format) == ["README.md", "loop.py", *files]
    if file_format == "json":
        model = keras.models.model_from_json((tmp_path / "model.json").read_text())
        model.load_weights(tmp_path / "model.weights.h5")
        assert json.loads((tmp_path / "model.json").read_text())["class_name"] == "Functional"
    else:
        model = keras.models.load_model(tmp_path / "model.h5", compile=False)
    patches, logits = expected(home)
    answers = model.predict(patches, verbose=0)
    np.testing.assert_allclose(answers, softmax(logits), atol=1e-5)
    np.testing.assert_allclose(answers.sum(1), 1, atol=1e-5)
    guide = (tmp_path / "README.md").read_text()
    assert "a softmax: the probabilities of angry, disgust, fear, happy, neutral, sad, surprise, in this order" in guide
    assert "uint8 `(faces, 16, 16, 1)`, gray levels" in guide


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        pytest.param("sex-cnn", "a sigmoid: the probability of female; male has the rest", marks=pytest.mark.soak),
        pytest.param("age-cnn", "float32 `(faces, 1)`: years.", marks=pytest.mark.soak),
        ("landmarks-cnn", "x and y of left_eye_center,"),
    ],
)
def test_the_tutorial_networks_go_with_a_loop_that_runs(tmp_path, name, answer):
    recipe = find_recipe(name)
    samples = [Sample(str(i), drawn_face(i, side=96), {"sex": "male", "age": 30.0}, points=POINTS) for i in range(8)]
    source = replace(
        FER2013,
        inputs=lambda path: [path],
        read=lambda path, keep_blank: Dataset(samples),
        split=lambda dataset: DatasetSplits(samples, samples, [], ()),
    )
    recipe = replace(recipe, task=replace(recipe.task, source=source))
    write_run(recipe, tmp_path, tmp_path / "run", {})
    recipe.build().save_weights(tmp_path / "run" / BEST)
    options = ExportOptions(file_format="h5", cache=tmp_path / "cache")
    export_files(recipe, tmp_path / "run", tmp_path / "out", options)
    assert answer in (tmp_path / "out" / "README.md").read_text()
    code = (tmp_path / "out" / "loop.py").read_text()
    compile(code, "loop.py", "exec")
    assert len(code.splitlines()) <= 32
    if name == "sex-cnn":  # one run of a whole program is enough
        portrait = cv2.imread(str(ASSETS / "portraits" / "eileen_collins.png"))
        video = cv2.VideoWriter(str(tmp_path / "a.avi"), cv2.VideoWriter_fourcc(*"MJPG"), 5, portrait.shape[1::-1])
        for _ in range(2):
            video.write(portrait)
        video.release()
        words = [sys.executable, "loop.py", str(tmp_path / "a.avi"), str(tmp_path / "b.avi")]
        done = subprocess.run(words, cwd=tmp_path / "out", capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr
        assert set(done.stdout.split()) <= {"male", "female"}
        assert done.stdout.split(), "the face of the portrait is found"
        assert cv2.VideoCapture(str(tmp_path / "b.avi")).get(cv2.CAP_PROP_FRAME_COUNT) == 2


@pytest.mark.parametrize(("file_format", "tolerance"), [("float32", 1e-4), ("int8", 0.1)])
def test_litert_answers_as_keras(home, tmp_path, file_format, tolerance):
    from ai_edge_litert.interpreter import Interpreter

    assert written(home, tmp_path, file_format) == ["model.tflite"]
    interpreter = Interpreter(model_path=str(tmp_path / "model.tflite"))
    interpreter.allocate_tensors()
    patches, logits = expected(home)
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], patches[:1])
    interpreter.invoke()
    answers = interpreter.get_tensor(interpreter.get_output_details()[0]["index"])
    np.testing.assert_allclose(answers, logits[:1], atol=tolerance)


def test_what_strays_is_not_written(home, tmp_path, monkeypatch):
    stranger = keras.Model(*(lambda other: (other.input, other.output["logits"]))(TINY.build()))
    stranger.layers[1].scale = 1.0
    real = formats.to_litert
    monkeypatch.setattr(formats, "to_litert", lambda model, kind: real(stranger, kind))
    with pytest.raises(ModelError, match="strays from Keras"):
        written(home, tmp_path, "float32")
    assert list(tmp_path.iterdir()) == []


def test_plain_numbers_can_be_written_and_are_held_to_their_range(home, tmp_path):
    plain = tiny_with(heads=(Head("age", "value", TINY.task.heads[0].labels),))
    assert written(home, tmp_path, "float32", plain) == ["model.tflite"]
    values = np.array([[0.0], [10.0]])
    assert "mean shift" in agreement((Head("age", "value", ("years",)),), values + 0.05, values)
    with pytest.raises(ModelError, match="strays"):
        agreement((Head("age", "value", ("years",)),), values + 0.2, values)


@pytest.mark.parametrize("file_format", ["json", "h5"])
def test_whole_networks_need_a_folder(file_format):
    done = CliRunner().invoke(main, ["export", "emotion-compact", "--run", "run", "--format", file_format])
    assert done.exit_code == 2
    assert "give --out" in done.output
