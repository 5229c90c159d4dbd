"""The classic networks: how they start and learn. Their layers are held by test_layer_lists.py."""

from __future__ import annotations

import numpy as np
import pytest

keras = pytest.importorskip("keras", reason="no keras: the networks are not tested here")

from app.errors import ModelError, SettingsError  # noqa: E402
from tests.support.training import whole_image_patch  # noqa: E402
from training.recipes.registry import find_recipe  # noqa: E402
from training.recipes.shared import classic  # noqa: E402
from training.samples.sample import Sample  # noqa: E402


def test_imagenet_weights_out_of_reach_are_said_in_one_line() -> None:
    def unreachable(**settings: object) -> keras.Model:
        assert settings["weights"] == "imagenet"
        raise Exception(f"URL fetch failure on {address}: None -- {reason}\nmore")

    address = "https://storage.googleapis.com/tensorflow/keras-applications/mobilenet_v2/" + "mobilenet_v2_" * 6 + ".h5"
    reason = "[Errno -3] Temporary failure in name resolution"
    with pytest.raises(ModelError, match=r"failure in name resolution\); connect.*--init random") as caught:
        classic.application(unreachable, (48, 48, 3), "imagenet")
    assert "\n" not in str(caught.value)


def test_random_weights_ask_for_none() -> None:
    assert classic.application(lambda **settings: settings["weights"], (48, 48, 3), "random") is None


def test_an_unknown_start_is_refused() -> None:
    with pytest.raises(SettingsError, match="init=best is unknown; choose random or imagenet"):
        find_recipe("emotion-mobilenetv2").build(init="best")


@pytest.mark.parametrize(
    "name", ["sex-cnn", *(pytest.param(name, marks=pytest.mark.soak) for name in ("emotion-stn", "landmarks-cnn"))]
)
def test_an_epoch_logs_the_figure_that_the_best_epoch_is_chosen_by(name: str) -> None:
    recipe = find_recipe(name)
    model = recipe.build()
    model.compile(recipe.optimizer(2, 1), loss=dict(recipe.losses()), metrics=dict(recipe.metrics()))
    random = np.random.default_rng(1)
    labels = ({"sex": "male", "emotion": "sad"}, {"sex": "female", "emotion": "happy"})
    samples = [
        Sample("", np.zeros((9, 9, 3), np.uint8), words, points=random.uniform(0, 9, (15, 2))) for words in labels
    ]
    patches = random.integers(0, 256, (2, *recipe.task.patch.shape), np.uint8)
    data = patches, dict(recipe.task.targets(samples))
    log = model.fit(*data, validation_data=data, verbose=0).history
    assert np.isfinite(log[recipe.monitor[0]]).all()


@pytest.mark.parametrize("size", [(160, 160), (60, 100)])
def test_landmarks_stay_on_their_spot_in_the_patch(size: tuple[int, int]) -> None:
    height, width = size
    recipe = find_recipe("landmarks-cnn")
    columns, rows = np.meshgrid(np.arange(width), np.arange(height))
    x, y = width * 0.6, height * 0.3
    hill = 255 * np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * (min(size) / 20) ** 2))
    image = np.repeat(hill[..., None], 3, -1).astype(np.uint8)
    points = recipe.task.targets([Sample("hill", image, {}, points=np.tile(np.float32((x, y)), (15, 1)))])["points"]
    patch = whole_image_patch(image, recipe.task.patch)[..., 0].astype(float)
    weights = patch / patch.sum()
    side = recipe.task.patch.size
    top = [(weights * axis).sum() for axis in np.meshgrid(np.arange(side), np.arange(side))]
    assert np.allclose(points[0, :2], (np.array(top) + 0.5) / (side / 2) - 1, atol=0.01)


def test_a_coordinate_that_is_unknown_adds_no_loss() -> None:
    recipe = find_recipe("landmarks-cnn")
    loss = recipe.losses()["points"]
    truth = np.zeros((2, 30), np.float32)
    truth[0, 2:], truth[1] = np.nan, np.nan
    answers = np.full((2, 30), 0.5, np.float32)
    assert np.allclose(loss(truth, answers), [0.25, 0])


def test_landmarks_move_with_the_jitter() -> None:
    recipe = find_recipe("landmarks-cnn")
    patches = np.zeros((8, *recipe.task.patch.shape), np.uint8)
    targets = {"points": np.tile(np.linspace(-0.5, 0.5, 30, dtype=np.float32), (8, 1))}
    _, moved = recipe.task.augmentation.augment(patches, targets, np.random.default_rng(1))
    assert not np.isclose(moved["points"], targets["points"]).all(1).any()
