"""A run that is killed and continued ends where an uninterrupted one does."""

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest
from click.testing import CliRunner

from app.errors import ModelError, SettingsError, UnreadableMedia
from tests.support.training import TINY, emotion_tree, tiny_with, write_folder
from training.cli.main import main
from training.engine.callbacks import Throughput
from training.engine.checkpoints import best_so_far, trim_log
from training.engine.prefetch import Prefetcher
from training.engine.run_dir import BEST, CURVES, LOG, NEWEST, RUN, SPLITS
from training.engine.train import check_options, train
from training.networks.optimizers import adam, adamw, nesterov
from training.recipes.registry import find_recipe
from training.recipes.shared.classic import decaying_adam, sgd
from training.samples.labels import EMOTIONS
from training.tasks.attributes.arrays import Arrays
from training.tasks.attributes.batches import AugmentedBatches
from training.tasks.attributes.drawing import chosen_arrays
from training.tasks.attributes.patch_cache import load_splits
from training.tasks.base import TrainOptions
from training.transforms.patch_augmentation import Augmentation

ROOT = Path(__file__).resolve().parents[4]
EPOCHS = 4


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    return write_folder(tmp_path_factory.mktemp("set"), emotion_tree(train=5, test=2))


@pytest.fixture(scope="module")
def uninterrupted(tree):
    train(TINY, tree, tree.parent / "uninterrupted", TrainOptions(EPOCHS, cache=tree.parent / "cache"))
    return tree.parent / "uninterrupted"


def arrays_in(file):
    """Every array of a weights file by its place: weights, momentum, averages, step, seeds."""
    found = {}
    with h5py.File(file) as content:
        content.visititems(
            lambda name, item: found.update({name: item[()]}) if isinstance(item, h5py.Dataset) else None
        )
    return found


def log_table(log):
    with log.open(newline="") as file:
        return list(csv.DictReader(file))


def assert_same_run(run, other):
    ours, theirs = arrays_in(run / NEWEST), arrays_in(other / NEWEST)
    assert ours.keys() == theirs.keys()
    for name in ours:
        np.testing.assert_allclose(ours[name], theirs[name], rtol=1e-3, atol=1e-4, err_msg=name)
    assert [row["epoch"] for row in log_table(run / LOG)] == [str(epoch) for epoch in range(EPOCHS)]
    for ours_row, theirs_row in zip(log_table(run / LOG), log_table(other / LOG), strict=True):
        assert float(ours_row["val_loss"]) == pytest.approx(float(theirs_row["val_loss"]), rel=1e-3)


def test_a_checkpoint_holds_weights_averages_momentum_and_step(uninterrupted):
    names = arrays_in(uninterrupted / NEWEST)
    weights = [name for name in names if name.startswith("layers/") and "seed" not in name]
    state = [name for name in names if name.startswith("optimizer/")]
    assert len(weights) == 7, "a kernel, four of batch normalisation, a kernel and a bias"
    assert len(state) == 1 + 2 * 5, "the step, and momentum and average of the five trainable ones"


@pytest.mark.soak
def test_a_run_killed_with_signal_9_continues_as_if_nothing_had_happened(tree, uninterrupted, tmp_path):
    out = tmp_path / "run"
    command = [sys.executable, "-m", "tests.support.training", tree, out, str(EPOCHS), tree.parent / "cache"]
    child = subprocess.Popen(list(map(str, command)), cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for_epoch(out, child)
    finally:
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
    train(TINY, tree, out, TrainOptions(EPOCHS, cache=tree.parent / "cache"))
    assert_same_run(out, uninterrupted)


def wait_for_epoch(out, child):
    """Until the first checkpoint is there."""
    deadline_s = time.monotonic() + 60
    while not (out / NEWEST).exists():
        assert child.poll() is None, "the training ended before it could be killed"
        assert time.monotonic() < deadline_s
        time.sleep(0.005)


def test_a_run_stopped_inside_an_epoch_repeats_only_that_epoch(tree, uninterrupted, tmp_path, monkeypatch):
    def stop_in_the_third(self, batch, logs=None):
        if self.model.optimizer.iterations.numpy() == 2 * 5 + 3:
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Throughput, "on_train_batch_end", stop_in_the_third)
        with pytest.raises(KeyboardInterrupt):
            train(TINY, tree, tmp_path, TrainOptions(EPOCHS, cache=tree.parent / "cache"))
    assert len(log_table(tmp_path / LOG)) == 2
    train(TINY, tree, tmp_path, TrainOptions(EPOCHS, cache=tree.parent / "cache"))
    assert_same_run(tmp_path, uninterrupted)


def test_a_finished_run_is_left_as_it_is(tree, uninterrupted, capsys):
    before = (uninterrupted / NEWEST).read_bytes(), (uninterrupted / BEST).read_bytes()
    train(TINY, tree, uninterrupted, TrainOptions(EPOCHS, cache=tree.parent / "cache"))
    assert before == ((uninterrupted / NEWEST).read_bytes(), (uninterrupted / BEST).read_bytes())
    assert f"{EPOCHS} of {EPOCHS}" in capsys.readouterr().out


def test_who_trains_a_frozen_trunk_from_random_weights_is_told(tree, uninterrupted, tmp_path, capsys):
    run, cache = shutil.copytree(uninterrupted, tmp_path / "run"), tree.parent / "cache"
    frozen = replace(TINY, random_start_notice="its trunk is frozen with random weights")
    train(frozen, tree, run, TrainOptions(EPOCHS, cache=cache))
    assert capsys.readouterr().err == "Notice: its trunk is frozen with random weights\n"
    train(replace(frozen, start={"trunk_weights": "vgg.h5, sha256 1"}), tree, run, TrainOptions(EPOCHS, cache=cache))
    assert capsys.readouterr().err == ""


def test_the_best_weights_are_the_averaged_ones_of_the_best_epoch(tree, uninterrupted):
    losses = [float(row["val_loss"]) for row in log_table(uninterrupted / LOG)]
    model = TINY.build()
    model.compile(loss=dict(TINY.losses()))
    model.load_weights(uninterrupted / BEST)
    from training.tasks.attributes.patch_cache import load_splits

    valid = load_splits(TINY, tree, tree.parent / "cache").valid
    loss = model.evaluate(valid.patches, {"logits": valid.targets["logits"]}, verbose=0)
    assert loss == pytest.approx(min(losses), rel=1e-3)


def test_another_recipe_does_not_continue_a_run(tree, uninterrupted):
    with pytest.raises(SettingsError, match="holds a run of tiny; give another --out for emotion-compact"):
        train(find_recipe("emotion-compact"), tree, uninterrupted, TrainOptions(1, cache=tree.parent / "cache"))


def test_a_checkpoint_that_does_not_fit_is_one_line(tree, tmp_path):
    (tmp_path / NEWEST).write_bytes(b"not weights")
    with pytest.raises(ModelError, match=r"newest.weights.h5 does not fit .*; give another --out") as caught:
        train(TINY, tree, tmp_path, TrainOptions(EPOCHS, cache=tree.parent / "cache"))
    assert "\n" not in str(caught.value)


def test_order_and_variation_depend_on_the_epoch_alone():
    patches = np.random.default_rng(0).integers(0, 256, (20, 16, 16, 1), np.uint8)
    arrays = Arrays(patches, {"logits": np.arange(20.0)}, {}, [])
    walked, started = (
        AugmentedBatches(arrays, 5, TINY.task.augmentation),
        AugmentedBatches(arrays, 5, TINY.task.augmentation),
    )
    first = [walked.batch_at(epoch, index) for epoch in range(2) for index in range(len(walked))]
    for index in range(len(started)):
        for mine, other in zip(walked.batch_at(2, index), started.batch_at(2, index), strict=True):
            np.testing.assert_array_equal(
                mine["logits"] if isinstance(mine, dict) else mine,
                other["logits"] if isinstance(other, dict) else other,
            )
    assert not np.array_equal(first[0][1]["logits"], started.batch_at(2, 0)[1]["logits"])


def test_pictures_are_drawn_as_often_as_they_weigh():
    weights = np.where(np.arange(20) < 10, 1.9, 0.1)
    arrays = Arrays(np.zeros((20, 16, 16, 1), np.uint8), {"logits": np.arange(20.0)}, {}, [], weights)
    batches = AugmentedBatches(arrays, 5, TINY.task.augmentation)
    drawn = np.concatenate([batches.batch_at(epoch, index)[1]["logits"] for epoch in range(10) for index in range(4)])
    assert 0.9 < (drawn < 10).mean() < 1
    assert len(np.unique(drawn[drawn < 10])) == 10


def test_what_is_past_the_edge_of_a_picture_varies_from_epoch_to_epoch():
    patches = np.random.default_rng(0).integers(0, 256, (20, 16, 16, 1), np.uint8)
    outside = np.zeros((20, 16, 16), np.uint8)
    outside[:, :8] = 255
    arrays = Arrays(patches, {"logits": np.zeros(20)}, {}, [], outside=outside)
    batches = AugmentedBatches(arrays, 20, Augmentation(padding_fill=1.0))
    rows = [row.tobytes() for row in patches[:, 15]]
    shown = [{row[15].tobytes(): row[0] for row in batches.batch_at(epoch, 0)[0]} for epoch in (0, 1)]
    assert set(shown[0]) == set(shown[1]) == set(rows)
    assert all((shown[0][row] != shown[1][row]).any() for row in rows)


def test_batches_are_made_ahead_in_order_from_the_first_epoch_on():
    arrays = Arrays(np.zeros((20, 16, 16, 1), np.uint8), {"logits": np.arange(20.0)}, {}, [])
    batches = AugmentedBatches(arrays, 5, TINY.task.augmentation)
    stream = Prefetcher(batches).batches(3)
    for epoch, index in ((3, 0), (3, 1), (3, 2), (3, 3), (4, 0)):
        expected = AugmentedBatches(arrays, 5, TINY.task.augmentation).batch_at(epoch, index)
        np.testing.assert_array_equal(next(stream)[1]["logits"], expected[1]["logits"])


class Slow(type(TINY.task.augmentation)):
    """Takes longer than a step of the tiny network."""

    def augment(self, patches, targets, random):
        time.sleep(0.1)
        return patches, targets


@pytest.mark.soak
def test_a_slow_input_side_is_told(tree, tmp_path, capsys):
    # Many more batches an epoch than are made ahead while the network compiles and the curves are drawn.
    slow = replace(tiny_with(augmentation=Slow()), batch=1)
    train(slow, tree, tmp_path, TrainOptions(2, cache=tree.parent / "cache"))
    assert float(log_table(tmp_path / LOG)[-1]["waiting_for_data"]) > 0.3
    assert "the input side holds the network up" in capsys.readouterr().out
    assert (tmp_path / CURVES).stat().st_size > 0


def test_a_log_cut_short_by_a_kill_is_trimmed_to_the_epochs_done(tmp_path):
    log = tmp_path / LOG
    log.write_text("epoch,loss,val_loss\n0,1.0,0.9\n1,0.8,0.5\n2,0.7,0.6\n3,0.")
    trim_log(log, 2)
    assert log.read_text().splitlines() == ["epoch,loss,val_loss", "0,1.0,0.9", "1,0.8,0.5"]
    assert best_so_far(log, "val_loss", "min", 2) == 0.5
    assert best_so_far(log, "val_loss", "min", 1) == 0.9
    assert best_so_far(tmp_path / "none.csv", "val_loss", "min", 1) is None


def run_json(run):
    return json.loads((run / RUN).read_text())


def test_batch_learning_rate_and_limit_are_options(tree, tmp_path):
    cache = tree.parent / "cache"
    options = TrainOptions(1, cache=cache, batch=5, learning_rate=0.02, limit=20)
    train(TINY, tree, tmp_path / "run", options)
    about = run_json(tmp_path / "run")
    assert (about["batch"], about["learning_rate"], about["limit"]) == (5, 0.02, 20)
    names = (tmp_path / "run" / SPLITS / "train.txt").read_text().splitlines()
    assert len(names) == 20
    assert {name.split("/")[1] for name in names} == set(EMOTIONS), "evenly spread over the classes"
    with h5py.File(tmp_path / "run" / NEWEST) as file:
        assert int(file["optimizer/vars/0"][()]) == 4, "steps of five pictures"
    for changed in ({"batch": 7}, {"learning_rate": 0.1}, {"limit": 21}, {"limit": None}):
        name, value = next(iter(changed.items()))
        had = {"batch": 5, "learning_rate": 0.02, "limit": 20}[name]
        with pytest.raises(SettingsError, match=f"was trained with --{name.replace('_', '-')} {had}; give the same"):
            train(TINY, tree, tmp_path / "run", replace(options, **changed))
    with pytest.raises(SettingsError, match="face-detector takes no --limit; leave it out"):
        check_options(find_recipe("face-detector"), TrainOptions(limit=3))


def test_a_learning_rate_is_the_highest_of_a_schedule():
    for factory in (nesterov(0.05), adamw(0.01, weight_decay=0, average=0.9), adam(), sgd(), decaying_adam(1e-3, 0)):
        rates = replace(factory, learning_rate=0.2)(100, 10)._learning_rate
        found = max(float(rates(step)) for step in range(100)) if callable(rates) else float(rates)
        assert found == pytest.approx(0.2, rel=1e-3)


def test_training_draws_by_the_table_of_explore(tree, tmp_path):
    words = ("explore", tree, "--out", tmp_path / "page", "--balance", "emotion=happy,sad")
    assert CliRunner().invoke(main, [str(word) for word in words]).exit_code == 0
    table = tmp_path / "page" / "balance.csv"
    splits = TINY.task.read(TINY, tree, TrainOptions(cache=tree.parent / "cache", balance=table))
    assert {name.split("/")[1] for name in splits.names["train"]} == {"happy", "sad"}
    assert len(splits.names["valid"]) == 14, "it is still validated on all"
    arrays = chosen_arrays(load_splits(TINY, tree, tree.parent / "cache").train, TrainOptions(balance=table))
    assert len(set(arrays.weights)) == 1
    kept = chosen_arrays(
        load_splits(TINY, tree, tree.parent / "cache").train, TrainOptions(balance=table, undersample=True)
    )
    assert kept.weights is None
    with table.open() as file:
        rows = {row["name"]: row for row in csv.DictReader(file)}
    assert all(rows[name]["kept"] == "1" for name in kept.names)
    with pytest.raises(SettingsError, match="--undersample belongs to --balance"):
        check_options(TINY, TrainOptions(undersample=True))
    table.write_text("name,class,kept,weight\nother.png,happy,1,1\n")
    with pytest.raises(SettingsError, match="names none of the training pictures"):
        TINY.task.read(TINY, tree, TrainOptions(cache=tree.parent / "cache", balance=table))
    table.write_text("name,class,kept,weight\nother.png,happy,1,much\n")
    with pytest.raises(UnreadableMedia, match="has a weight that is no number"):
        TINY.task.read(TINY, tree, TrainOptions(cache=tree.parent / "cache", balance=table))
