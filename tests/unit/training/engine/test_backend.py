"""A recipe trains on another backend, in an environment without TensorFlow."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from app.errors import SettingsError
from tests.support.training import TINY, emotion_tree, write_folder
from training.engine import backend
from training.engine.run_dir import BEST, CURVES, NEWEST, log_rows

ROOT = Path(__file__).resolve().parents[4]

# Imports go on as if the package were not installed.
WITHOUT_TENSORFLOW = """
import sys
from importlib.machinery import PathFinder

class Blind(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        return None if name.split(".")[0] == "tensorflow" else super().find_spec(name, path, target)

sys.meta_path[:] = [Blind if finder is PathFinder else finder for finder in sys.meta_path]
from pathlib import Path
from training.engine.backend import choose_backend
choose_backend(sys.argv[4])
from tests.support.training import TINY
from training.engine.train import train
from training.tasks.base import TrainOptions
for epochs in (2, 3):
    train(TINY, Path(sys.argv[1]), Path(sys.argv[2]), TrainOptions(epochs, cache=Path(sys.argv[3])))
assert "tensorflow" not in sys.modules
"""


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    return write_folder(tmp_path_factory.mktemp("set"), emotion_tree(train=5, test=2))


@pytest.mark.soak
@pytest.mark.parametrize("name", ["jax", "torch"])
def test_a_recipe_trains_and_continues_without_tensorflow(name, tree, tmp_path):
    if find_spec(name) is None:
        pytest.skip(f"{name} is not installed: training on it, without TensorFlow, is not tested here")
    out = tmp_path / "run"
    words = [sys.executable, "-c", WITHOUT_TENSORFLOW, tree, out, tree.parent / "cache", name]
    done = subprocess.run(list(map(str, words)), cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "images/s" in done.stdout
    assert "holds 2 of 3 epochs; continuing" in done.stdout
    assert [row["epoch"] for row in log_rows(out)] == [0, 1, 2]
    assert all((out / file).stat().st_size for file in (BEST, NEWEST, CURVES))
    model = TINY.build()  # on the backend of the tests: weights fit every one
    model.load_weights(out / BEST)


def test_what_is_not_there_is_one_line(monkeypatch):
    with pytest.raises(SettingsError, match="there is no backend 'theano'; choose tensorflow, jax, torch"):
        backend.choose_backend("theano")
    monkeypatch.setattr(backend, "find_spec", lambda name: None)
    with pytest.raises(SettingsError, match="the backend torch is not installed; pip install torch"):
        backend.choose_backend("torch")
    monkeypatch.delenv(backend.VARIABLE, raising=False)
    with pytest.raises(SettingsError, match="Keras needs one of"):
        backend.choose_backend()


def test_a_running_backend_is_not_exchanged(monkeypatch):
    import keras

    other = next(name for name in backend.BACKENDS if name != keras.backend.backend())
    monkeypatch.setattr(backend, "find_spec", lambda name: object() if name == other else None)
    monkeypatch.delenv(backend.VARIABLE, raising=False)
    for name in (other, None):  # by name, and as the only one that is installed
        with pytest.raises(SettingsError, match=f"Keras already runs on .*; use {other} in a process of its own"):
            backend.choose_backend(name)
