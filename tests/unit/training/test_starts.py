"""A recipe's network starts from the weights that were asked for, or says that it cannot."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.errors import ModelError, SettingsError
from tests.training_support import TINY
from training.recipe import find_recipe
from training.recipes.demographics_compact import TRUNK_LAYERS
from training.runs import NEWEST, write_run
from training.starts import _weighted, started_from


def test_the_choice_reaches_the_network() -> None:
    recipe = replace(TINY, build=lambda init="random", trunk_weights=None: (init, trunk_weights))
    assert started_from(recipe).build() == ("random", None)
    assert started_from(recipe, "imagenet").build() == ("imagenet", None)
    assert started_from(recipe, trunk_weights=Path("vgg.h5")).build() == ("random", Path("vgg.h5"))


def test_the_start_is_said_in_words_that_hold_on_every_machine(tmp_path: Path) -> None:
    recipe = replace(TINY, build=lambda init="random", trunk_weights=None: None)
    assert started_from(recipe).start == {"init": "random", "trunk_weights": "random"}
    assert started_from(TINY).start == {}
    file = tmp_path / "vgg.h5"
    file.write_bytes(b"weights")
    start = started_from(recipe, "imagenet", file).start
    assert start == {"init": "imagenet", "trunk_weights": f"vgg.h5, sha256 {hashlib.sha256(b'weights').hexdigest()}"}


def test_a_run_is_not_continued_from_another_start(tmp_path: Path) -> None:
    write_run(TINY, tmp_path, tmp_path, {"init": "imagenet"})
    write_run(TINY, tmp_path, tmp_path, {"init": "random"})  # nothing was trained yet
    (tmp_path / NEWEST).touch()
    write_run(TINY, tmp_path, tmp_path, {"init": "random"})
    with pytest.raises(SettingsError, match="started from --init random; give the same to continue, or another --out"):
        write_run(TINY, tmp_path, tmp_path, {"init": "imagenet"})


@pytest.mark.parametrize(
    ("choice", "flag"), [({"init": "imagenet"}, "--init"), ({"trunk_weights": Path("a")}, "--trunk")]
)
def test_a_network_of_our_own_takes_neither(choice: dict, flag: str) -> None:
    with pytest.raises(SettingsError, match=f"tiny takes no {flag}"):
        started_from(TINY, **choice)


def test_a_mask_network_starts_from_the_first_stages_of_the_network_of_ages(tmp_path: Path) -> None:
    other = find_recipe("demographics-compact").build()
    other.save(tmp_path / "model.keras")
    model = find_recipe("mask-compact").build(trunk_weights=tmp_path / "model.keras")
    alike = [
        all(np.array_equal(a, b) for a, b in zip(own.get_weights(), theirs.get_weights(), strict=True))
        for own, theirs in zip(_weighted(model), _weighted(other), strict=False)
        if own.name.startswith("conv")
    ]
    trunk = sum(layer.name.startswith("conv") for layer in _weighted(other)[:TRUNK_LAYERS])
    assert all(alike[:trunk])
    TINY.build().save(tmp_path / "tiny.keras")
    with pytest.raises(ModelError, match="the trunk of .* is another one: 0 layers fit, not 24"):
        find_recipe("mask-compact").build(trunk_weights=tmp_path / "tiny.keras")
    with pytest.raises(ModelError, match="is no network that Keras has saved"):
        find_recipe("mask-compact").build(trunk_weights=tmp_path / "none.keras")
