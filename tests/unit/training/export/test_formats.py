"""A network leaves the house as LiteRT or as JSON with weights, and answers there as in Keras."""

import json

import keras
import numpy as np
import pytest
from click.testing import CliRunner

from app.errors import ModelError
from tests.support.training import TINY, emotion_tree, tiny_with, write_folder
from training.cli.main import main
from training.engine.run_dir import BEST, write_run
from training.export import formats
from training.export.export import export_files
from training.tasks.attributes.agreement import agreement
from training.tasks.attributes.arrays import Head
from training.tasks.attributes.patch_cache import load_splits
from training.tasks.attributes.serving import serving_model
from training.tasks.base import ExportOptions


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


def test_json_and_weights_make_the_same_network(home, tmp_path):
    assert written(home, tmp_path, "json") == ["model.json", "model.weights.h5"]
    model = keras.models.model_from_json((tmp_path / "model.json").read_text())
    model.load_weights(tmp_path / "model.weights.h5")
    patches, logits = expected(home)
    np.testing.assert_allclose(model.predict(patches, verbose=0), logits, atol=1e-5)
    assert json.loads((tmp_path / "model.json").read_text())["class_name"] == "Functional"


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


def test_json_needs_a_folder():
    done = CliRunner().invoke(main, ["export", "emotion-compact", "--run", "run", "--format", "json"])
    assert done.exit_code == 2
    assert "give --out" in done.output
