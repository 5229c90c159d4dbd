"""Weights of the VGGFace trunk come from a file, and one that does not fit is refused in a line."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest

keras = pytest.importorskip("keras", reason="no keras: the trunk is not tested here")

from app.errors import ModelError  # noqa: E402
from training.recipes.shared import vggface  # noqa: E402


@pytest.fixture
def small_trunk(monkeypatch: pytest.MonkeyPatch) -> keras.Model:
    """The trunk with three filters a layer: the same names, quick to write."""
    monkeypatch.setattr(vggface, "BLOCKS", tuple((count, 3) for count, _ in vggface.BLOCKS))
    return keras.Model(*vggface.frozen_trunk())


@pytest.mark.parametrize("whole_model", [False, True])
def test_trunk_weights_come_from_a_keras_file(small_trunk: keras.Model, tmp_path: Path, whole_model: bool) -> None:
    file = tmp_path / "vgg.h5"
    if whole_model:
        with h5py.File(_legacy(tmp_path / "bare.h5", small_trunk)) as bare, h5py.File(file, "w") as stored:
            bare.copy(bare["/"], stored, "model_weights")
    else:
        _legacy(file, small_trunk)
    loaded = keras.Model(*vggface.frozen_trunk(file))
    for name in ("conv1_1", "conv3_3", "conv5_3"):
        kernel = loaded.get_layer(name).get_weights()[0]
        assert np.array_equal(kernel, small_trunk.get_layer(name).get_weights()[0])
    assert not loaded.trainable_weights


def _legacy(file: Path, model: keras.Model) -> Path:
    """Keras' older form of weights alone, by layer name, as VGGFace is passed around."""
    with h5py.File(file, "w") as stored:
        for layer in model.layers:
            group = stored.create_group(layer.name)
            names = [f"{layer.name}/{name}:0" for name in ("kernel", "bias")][: len(layer.weights)]
            group.attrs["weight_names"] = np.array(names, "S")
            for name, values in zip(names, layer.get_weights(), strict=True):
                group[name] = values
    return file


def test_a_network_that_gets_its_weights_afterwards_says_nothing(
    capsys: pytest.CaptureFixture[str], small_trunk: keras.Model
) -> None:
    assert capsys.readouterr().err == "", "evaluate and export fill it from the run"


def test_a_file_of_another_network_is_refused(small_trunk: keras.Model, tmp_path: Path) -> None:
    file = tmp_path / "vgg.h5"
    with h5py.File(_legacy(file, small_trunk), "a") as stored:
        del stored["conv4_2"]
    with pytest.raises(ModelError, match=r"vgg.h5 lacks conv4_2; give VGGFace"):
        vggface.frozen_trunk(file)


def test_a_file_with_other_shapes_is_refused(small_trunk: keras.Model, tmp_path: Path) -> None:
    file = tmp_path / "vgg.h5"
    with h5py.File(_legacy(file, small_trunk), "a") as stored:
        del stored["conv4_2/conv4_2/bias:0"]
        stored["conv4_2/conv4_2/bias:0"] = np.zeros(5, np.float32)
    with pytest.raises(ModelError, match="conv4_2 has other shapes"):
        vggface.frozen_trunk(file)


@pytest.mark.parametrize("content", [None, b"", b"no weights"])
def test_a_missing_or_damaged_weights_file_is_one_line(
    content: bytes | None, small_trunk: keras.Model, tmp_path: Path
) -> None:
    file = tmp_path / "vgg.h5"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ModelError, match="cannot read trunk weights") as caught:
        vggface.frozen_trunk(file)
    assert "\n" not in str(caught.value)
