"""A recipe's network starts from the weights that were asked for, or says that it cannot."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest

from app.errors import ModelError, SettingsError
from tests.support.training import TINY, emotion_tree, tiny_with, write_folder
from training.engine.run_dir import NEWEST, training_facts, write_run
from training.engine.train import check_options, train
from training.engine.weights import with_initial_weights
from training.networks.pretrained import weighted_layers
from training.recipes.registry import find_recipe
from training.recipes.served.demographics_compact import TRUNK_LAYERS
from training.tasks.attributes.arrays import Arrays
from training.tasks.attributes.distillation import distilled
from training.tasks.attributes.serving import serving_model
from training.tasks.base import TrainOptions


def test_the_choice_reaches_the_network() -> None:
    recipe = replace(TINY, build=lambda init="random", trunk_weights=None: (init, trunk_weights))
    assert with_initial_weights(recipe).build() == ("random", None)
    assert with_initial_weights(recipe, "imagenet").build() == ("imagenet", None)
    assert with_initial_weights(recipe, trunk_weights=Path("vgg.h5")).build() == ("random", Path("vgg.h5"))


def test_the_start_is_said_in_words_that_hold_on_every_machine(tmp_path: Path) -> None:
    recipe = replace(TINY, build=lambda init="random", trunk_weights=None: None)
    assert with_initial_weights(recipe).start == {"init": "random", "trunk_weights": "random"}
    assert with_initial_weights(TINY).start == {}
    file = tmp_path / "vgg.h5"
    file.write_bytes(b"weights")
    start = with_initial_weights(recipe, "imagenet", file).start
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
        with_initial_weights(TINY, **choice)


@pytest.mark.soak
def test_a_mask_network_starts_from_the_first_stages_of_the_network_of_ages(tmp_path: Path) -> None:
    other = find_recipe("demographics-compact").build()
    other.save(tmp_path / "model.keras")
    model = find_recipe("mask-compact").build(trunk_weights=tmp_path / "model.keras")
    alike = [
        all(np.array_equal(a, b) for a, b in zip(own.get_weights(), theirs.get_weights(), strict=True))
        for own, theirs in zip(weighted_layers(model), weighted_layers(other), strict=False)
        if own.name.startswith("conv")
    ]
    trunk = sum(layer.name.startswith("conv") for layer in weighted_layers(other)[:TRUNK_LAYERS])
    assert all(alike[:trunk])
    TINY.build().save(tmp_path / "tiny.keras")
    with pytest.raises(ModelError, match="the trunk of .* is another one: 0 layers fit, not 24"):
        find_recipe("mask-compact").build(trunk_weights=tmp_path / "tiny.keras")
    with pytest.raises(ModelError, match="is no network that Keras has saved"):
        find_recipe("mask-compact").build(trunk_weights=tmp_path / "none.keras")


def linear(bias: np.ndarray) -> keras.Model:
    """A network that says the means of a patch's left and right half, and its bias."""
    inputs = keras.Input((16, 16, 1), dtype="uint8")
    halves = keras.layers.AveragePooling2D((16, 8))(keras.layers.Rescaling(1 / 255)(inputs))
    last = keras.layers.Dense(7, name="logits")
    model = keras.Model(inputs, last(keras.layers.Flatten()(halves)))
    last.set_weights([np.eye(2, 7, dtype=np.float32), bias.astype(np.float32)])
    return model


def test_a_teacher_says_a_part_of_the_targets_the_same_of_both_mirror_images(tmp_path: Path) -> None:
    linear(np.log(np.arange(1.0, 8))).save(tmp_path / "model.keras")
    patches = np.zeros((2, 16, 16, 1), np.uint8)
    patches[0, :, :8] = patches[1, :, 8:] = 255
    labels = np.eye(7, dtype=np.float32)[[3, 3]]
    arrays = Arrays(patches, {"logits": labels, "votes": labels}, {}, ["a", "b"])
    found = distilled(arrays, tmp_path / "model.keras", {"a": 0.25, "": 0.25}, "tiny")
    said = (found.targets["logits"] - 0.75 * labels) / 0.25
    np.testing.assert_allclose(said.sum(1), 1, atol=1e-5)
    np.testing.assert_allclose(said[0], said[1], atol=1e-5)
    np.testing.assert_allclose(said[0, 2:] / said[0, 2], np.arange(3, 8) / 3, atol=1e-5)
    assert found.targets["votes"] is labels
    assert found.targets["logits"].dtype == np.float32


def test_how_much_a_teacher_says_follows_from_the_name(tmp_path: Path) -> None:
    linear(np.zeros(7)).save(tmp_path / "model.keras")
    labels = np.eye(7, dtype=np.float32)[[3, 3, 3]]
    arrays = Arrays(np.zeros((3, 16, 16, 1), np.uint8), {"logits": labels}, {}, ["set/a", "other/b", "third/c"])
    taught = distilled(arrays, tmp_path / "model.keras", {"set/": 0.7, "other/": 0.35}, "tiny").targets["logits"]
    np.testing.assert_allclose(taught[:, 0], [0.1, 0.05, 0], atol=1e-6)


def test_what_a_teacher_says_is_kept_for_the_same_teacher_and_patches(tmp_path: Path) -> None:
    teacher, cache = tmp_path / "model.keras", tmp_path / "cache"
    linear(np.zeros(7)).save(teacher)
    labels = np.eye(7, dtype=np.float32)[[3]]
    arrays = Arrays(np.zeros((1, 16, 16, 1), np.uint8), {"logits": labels}, {}, ["a"])

    def taught(arrays: Arrays) -> np.ndarray:
        return distilled(arrays, teacher, {"": 1.0}, "tiny", cache).targets["logits"]

    first = taught(arrays)
    (file,) = cache.glob("tiny-taught-*.npy")
    np.save(file, np.full((1, 7), 0.5, np.float32))
    np.testing.assert_array_equal(taught(arrays), np.full((1, 7), 0.5))
    lighter = replace(arrays, patches=arrays.patches + 9)
    np.testing.assert_allclose(taught(lighter), first, atol=0.02)
    linear(np.log(np.arange(1.0, 8))).save(teacher)
    assert taught(arrays)[0, 6] > 0.2, "another teacher is asked"


def test_a_teacher_of_other_faces_is_refused(tmp_path: Path) -> None:
    linear(np.zeros(7)).save(tmp_path / "model.keras")
    arrays = Arrays(np.zeros((1, 48, 48, 1), np.uint8), {"logits": np.zeros((1, 7), np.float32)}, {}, ["a"])
    with pytest.raises(ModelError, match=r"other shapes than emotion-compact: \(16, 16, 1\) and \(7,\)"):
        distilled(arrays, tmp_path / "model.keras", {"": 0.5}, "emotion-compact")
    with pytest.raises(ModelError, match=r"none\.keras is no network that Keras has saved"):
        distilled(arrays, tmp_path / "none.keras", {"": 0.5}, "emotion-compact")


@pytest.mark.parametrize("name", ["face-detector", "mask-compact"])
def test_who_takes_no_teacher_says_so(name: str) -> None:
    with pytest.raises(SettingsError, match=f"{name} takes no --taught-by; leave it out"):
        check_options(find_recipe(name), TrainOptions(taught_by=Path("model.keras")))


def test_a_taught_run_says_by_whom_and_goes_on_only_so(tmp_path: Path) -> None:
    write_folder(tmp_path / "set", emotion_tree())
    linear(np.zeros(7)).save(tmp_path / "model.keras")
    recipe, run = tiny_with(distillation_weights={"": 0.5}), tmp_path / "run"

    def trained(epochs: int, teacher: Path | None) -> None:
        train(recipe, tmp_path / "set", run, TrainOptions(epochs, cache=tmp_path / "cache", taught_by=teacher))

    trained(1, tmp_path / "model.keras")
    assert training_facts(recipe, run)["taught_by"].startswith("model.keras, sha256 ")
    with pytest.raises(SettingsError, match=r"started from --taught-by model.keras, sha256 .*; give the same"):
        trained(2, None)
    trained(2, tmp_path / "model.keras")


@pytest.mark.soak
def test_the_served_emotion_network_can_be_gone_on_from(tmp_path: Path) -> None:
    recipe = find_recipe("emotion-compact")
    before = recipe.build()
    before.save_weights(tmp_path / "all.weights.h5")
    serving_model(recipe, tmp_path / "all.weights.h5").save(tmp_path / "model.keras")
    after = recipe.build(trunk_weights=tmp_path / "model.keras")
    patches = np.random.default_rng(1).integers(0, 256, (8, 48, 48, 1), np.uint8)
    said, gone_on = before.predict(patches, verbose=0), after.predict(patches, verbose=0)
    np.testing.assert_allclose(gone_on["logits"], said["logits"], atol=1e-3)
    assert not np.allclose(gone_on["votes"], said["votes"], atol=1e-3), "what is not served starts anew"
