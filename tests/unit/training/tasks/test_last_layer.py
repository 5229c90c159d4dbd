"""The last layer is fitted to all sources and drawn back towards the old one; the rest stays as it is."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from app.numerics import softmax
from tests.support.training import emotion_tree, write_folder
from training.cli.main import main
from training.engine.run_dir import BEST, RUN, training_facts
from training.engine.weights import load_trained
from training.recipes.registry import find_recipe
from training.tasks.attributes.last_layer import fit_layer
from training.tasks.attributes.patch_cache import load_splits
from training.tasks.attributes.serving import serving_model


def test_the_fitted_layer_says_the_targets_and_rare_rows_count_by_their_frequency() -> None:
    random = np.random.default_rng(1)
    features = np.repeat(random.normal(size=(2, 6)) * 4, 20, axis=0)
    targets = np.repeat([[0.9, 0.05, 0.05], [0.1, 0.2, 0.7]], 20, axis=0)
    old = np.zeros((6, 3)), np.zeros(3)
    kernel, bias = fit_layer(features, targets, np.full(40, 1 / 40), old)
    np.testing.assert_allclose(softmax(features @ kernel + bias), targets, atol=0.06)
    only = fit_layer(features, targets, np.repeat([1 / 20, 0], 20), old)
    said = softmax(features @ only[0] + only[1])
    assert np.abs(said - targets)[:20].max() < 0.05 < np.abs(said - targets)[20:].max()


def test_a_layer_that_says_the_targets_already_stays() -> None:
    random = np.random.default_rng(2)
    features, old = random.normal(size=(50, 4)), (random.normal(size=(4, 3)), random.normal(size=3))
    kernel, bias = fit_layer(features, softmax(features @ old[0] + old[1]), np.full(50, 1 / 50), old)
    np.testing.assert_allclose(kernel, old[0], atol=1e-6)
    np.testing.assert_allclose(bias, old[1], atol=1e-6)


@pytest.fixture
def network(tmp_path: Path) -> Path:
    """A served network of `emotion-compact` that has learned nothing."""
    recipe = find_recipe("emotion-compact")
    recipe.build().save_weights(tmp_path / "start.weights.h5")
    serving_model(recipe, tmp_path / "start.weights.h5").save(tmp_path / "model.keras")
    return tmp_path / "model.keras"


@pytest.mark.soak
def test_only_the_last_layer_of_a_network_changes_by_the_share(tmp_path: Path, network: Path) -> None:
    write_folder(tmp_path / "set", emotion_tree())
    words = ("refit", "emotion-compact", "--data", tmp_path / "set", "--network", network, "--cache", tmp_path / "c")
    losses, recipe = [], find_recipe("emotion-compact")
    patches = load_splits(recipe, tmp_path / "set", tmp_path / "c").train
    for share in (0, 1):
        run = tmp_path / f"run{share}"
        done = CliRunner().invoke(main, [*map(str, (*words, "--out", run, "--share", share))])
        assert done.exit_code == 0, done.output
        said = load_trained(recipe, run / BEST).predict(patches.patches, verbose=0)["logits"]
        losses.append(-np.log(softmax(said)[np.arange(21), patches.labels["emotion"]]).mean())
        assert json.loads((run / RUN).read_text())["last_layer_share"] == share
        assert training_facts(recipe, run)["last_layer_share"] == share
    before = recipe.build(trunk_weights=network).predict(patches.patches, verbose=0)["logits"]
    start = -np.log(softmax(before)[np.arange(21), patches.labels["emotion"]]).mean()
    assert losses[0] == pytest.approx(start, abs=1e-3)
    assert losses[1] < losses[0]
    refused = CliRunner().invoke(main, [*map(str, (*words, "--out", tmp_path / "run0", "--network", tmp_path / "no"))])
    assert refused.exit_code != 0
