"""The served recipes and the three that the tutorials' loop needs."""

from dataclasses import replace

import keras
import numpy as np
import pytest

from app.errors import SettingsError
from app.learn.lessons.augmentation import LESSON
from training.datasets.readers.ferplus import CHOICES
from training.recipes.registry import find_recipe
from training.recipes.served.emotion_compact import votes_loss
from training.samples.sample import Sample

SERVED_BY_LOGITS = ("emotion-cnn", "sex-cnn", "emotion-compact", "demographics-compact", "mask-compact")


@pytest.mark.parametrize("name", SERVED_BY_LOGITS)
def test_the_logits_have_a_column_for_every_label(name):
    recipe = find_recipe(name)
    width = recipe.build().get_layer("logits").output.shape[-1]
    assert width == sum(len(head.labels) for head in recipe.task.heads)


def test_the_sex_logits_say_the_same_as_the_probability():
    import keras

    model = find_recipe("sex-cnn").build()
    patches = np.random.default_rng(0).integers(0, 256, (4, 48, 48, 3), np.uint8)
    both = keras.Model(model.input, [model.get_layer(name).output for name in ("logits", "p_female")])
    logits, p_female = both.predict(patches, verbose=0)
    powers = np.exp(logits)
    np.testing.assert_allclose(powers[:, 1:] / powers.sum(1, keepdims=True), p_female, rtol=1e-5)


def test_an_unknown_recipe_is_one_line_with_the_names():
    with pytest.raises(SettingsError, match="no recipe is called 'emotion-nn'; there are .*emotion-cnn"):
        find_recipe("emotion-nn")


def test_a_race_that_is_unknown_teaches_nothing_of_races():
    recipe = find_recipe("demographics-compact")
    samples = [Sample("a", np.zeros((2, 2, 3), np.uint8), {"age": 30.0, "sex": "female"})]
    (known,) = [replace(one, labels={**one.labels, "race": "asian"}) for one in samples]
    rows = recipe.task.targets([*samples, known])["logits"]
    assert rows.tolist() == [[30, 1, -1], [30, 1, 2]]
    assert recipe.task.heads[2].indexes([*samples, known]).tolist() == [-1, 2]
    (loss,) = recipe.losses().values()
    logits = np.zeros((2, sum(len(head.labels) for head in recipe.task.heads)), np.float32)
    unknown, told = loss(rows, logits).numpy()
    logits[:, -3] = 5.0  # asian
    surer = loss(rows, logits).numpy()
    assert surer[0] == pytest.approx(unknown)
    assert surer[1] < told


def test_images_without_votes_teach_the_votes_nothing() -> None:
    logits = keras.layers.Dense(len(CHOICES))
    model = keras.Sequential([keras.Input((4,)), logits])
    model.compile(keras.optimizers.SGD(1.0), loss=votes_loss)
    features, before = np.ones((2, 4), np.float32), model.get_weights()
    model.train_on_batch(features, np.zeros((2, len(CHOICES)), np.float32))
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)
    votes = np.full((2, len(CHOICES)), 0.1, np.float32)
    loss = model.train_on_batch(features, votes)
    expected = keras.losses.CategoricalCrossentropy(from_logits=True)(votes, features @ before[0] + before[1])
    assert float(loss) == pytest.approx(float(expected), rel=1e-5)
    assert not np.array_equal(before[1], model.get_weights()[1])


def test_the_lesson_on_augmentation_begins_with_the_ranges_of_the_served_network():
    ranges = find_recipe("emotion-compact").task.augmentation
    defaults = {name: parameter.default for name, parameter in LESSON.parameters.items()}
    assert defaults["rotation"] == ranges.rotation_degrees
    assert (1 - defaults["zoom"], 1 + defaults["zoom"]) == pytest.approx(ranges.scale, abs=0.035)
    names = ("shift", "flip", "contrast", "brightness")
    assert [defaults[name] for name in names] == [getattr(ranges, name) for name in names]
    assert defaults["erasing"] == ranges.random_erasing
