"""Every network is the one of its list in `layer_lists/`: types, shapes, kernels, activations and rates, in order.

Totals alone hide a layer without parameters. To change a network on purpose, correct its list by hand, or write it with
`python -m training summary RECIPE --layers FILE` and read the difference.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest

keras = pytest.importorskip("keras", reason="no keras: the networks are not tested here")

from training.networks.layer_table import layer_list  # noqa: E402
from training.recipes.registry import find_recipe, recipe_names  # noqa: E402

LISTS = Path(__file__).with_name("layer_lists")


@pytest.fixture(autouse=True)
def forgotten_networks() -> Iterator[None]:
    """The large networks do not stay in the memory of later tests."""
    gc.freeze()  # what was there before is not searched, which would take longer than a test
    yield
    keras.backend.clear_session()
    gc.collect()
    gc.unfreeze()


@pytest.mark.parametrize("name", recipe_names())
def test_a_network_has_exactly_its_layers(name: str) -> None:
    recipe = find_recipe(name)
    model = recipe.build()
    assert layer_list(model).splitlines() == (LISTS / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    if recipe.task.face_set is None:
        return
    assert model.input_shape == (None, *recipe.task.patch.shape)
    assert set(recipe.task.targets([])) <= set(model.output_names), "every target is an output"


def test_there_is_no_list_without_a_recipe() -> None:
    assert {file.stem for file in LISTS.iterdir()} == set(recipe_names())


def test_a_layer_without_parameters_changes_the_list() -> None:
    def network(activation: bool) -> keras.Model:
        inputs = keras.Input((4,))
        x = keras.layers.Dense(3)(inputs)
        x = keras.layers.LeakyReLU(0.1)(x) if activation else x
        return keras.Model(inputs, keras.layers.Dense(2, activation="relu")(keras.layers.Dropout(0.5)(x)))

    with_one, without = layer_list(network(True)).splitlines(), layer_list(network(False)).splitlines()
    assert with_one == [
        "23 parameters, 23 of them trained",
        "InputLayer 4",
        "Dense 3",
        "LeakyReLU 3 slope 0.1",
        "Dropout 3 rate 0.5",
        "Dense 2 relu",
    ]
    assert without == [line for line in with_one if "LeakyReLU" not in line]
