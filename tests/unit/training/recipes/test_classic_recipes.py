"""Every classic network has exactly the parameters that are known of it."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pytest

keras = pytest.importorskip("keras", reason="no keras: the networks are not tested here")

from app.errors import ModelError, SettingsError  # noqa: E402
from tests.support.training import whole_image_patch  # noqa: E402
from training.recipes.registry import find_recipe, recipe_names  # noqa: E402
from training.recipes.shared import classic  # noqa: E402
from training.samples.sample import Sample  # noqa: E402

VGG16_TRUNK = 14_714_688


@dataclass(frozen=True)
class Known:
    """What is known of a network: parameters and, where not all, how many of them are trained."""

    parameters: int
    trainable: int | None = None


CLASSIC = {
    "emotion-cnn": Known(667_239),
    "emotion-mobilenetv2": Known(2_917_447, 659_463),
    "emotion-xception": Known(20_875_823),
    "emotion-cnn-64": Known(59_380_295, 59_379_655),
    "emotion-cnn-bn": Known(32_116_743),
    "emotion-cnn4": Known(4_478_727),
    "emotion-cnn-deep": Known(2_489_095),
    "emotion-stn": Known(66_897),
    "age-cnn": Known(6_511_745),
    "sex-cnn": Known(949_169),
    "landmarks-cnn": Known(4_830_306),
    "vggface-age": Known(15_116_257, 15_116_257 - VGG16_TRUNK),
    "vggface-sex": Known(27_691_841, 27_691_841 - VGG16_TRUNK),
    "vggface-race": Known(27_692_869, 27_692_869 - VGG16_TRUNK),
    "vggface-race-3": Known(27_692_355, 27_692_355 - VGG16_TRUNK),
}


@pytest.fixture
def forgotten_networks() -> Iterator[None]:
    """The large networks do not stay in the memory of later tests."""
    yield
    keras.backend.clear_session()
    gc.collect()


@pytest.mark.parametrize("name", CLASSIC)
@pytest.mark.usefixtures("forgotten_networks")
def test_a_classic_network_has_its_known_parameters_and_takes_patches(name: str) -> None:
    recipe = find_recipe(name)
    model = recipe.build()
    assert model.count_params() == CLASSIC[name].parameters
    if CLASSIC[name].trainable is not None:
        assert sum(int(np.prod(weight.shape)) for weight in model.trainable_weights) == CLASSIC[name].trainable
    assert model.input_shape == (None, *recipe.task.patch.shape)
    assert set(recipe.task.targets([])) == set(model.output_names), "Keras wants a target for every output"


def test_every_classic_network_is_listed() -> None:
    assert set(CLASSIC) <= set(recipe_names())
    assert [find_recipe(name).name for name in CLASSIC] == list(CLASSIC)


def test_imagenet_weights_out_of_reach_are_said_in_one_line() -> None:
    def unreachable(**settings: object) -> keras.Model:
        assert settings["weights"] == "imagenet"
        raise Exception("URL fetch failure on https://example.org/weights.h5: None -- no route\nmore")

    with pytest.raises(ModelError, match=r"no route.*--init random") as caught:
        classic.application(unreachable, (48, 48, 3), "imagenet")
    assert "\n" not in str(caught.value)


def test_random_weights_ask_for_none() -> None:
    assert classic.application(lambda **settings: settings["weights"], (48, 48, 3), "random") is None


def test_an_unknown_start_is_refused() -> None:
    with pytest.raises(SettingsError, match="init=best is unknown; choose random or imagenet"):
        find_recipe("emotion-mobilenetv2").build(init="best")


@pytest.mark.parametrize("name", ["sex-cnn", "emotion-stn", "landmarks-cnn"])
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
