"""Patches are cut once, kept outside the repository, and cut again when their input changes."""

import json
import os
from dataclasses import replace

import numpy as np
import pytest

from app.errors import ModelError, UnreadableMedia
from tests.support.training import (
    TINY,
    drawn_face,
    emotion_tree,
    encoded,
    tiny_with,
    whole_image_patch,
    write_folder,
    write_tar,
)
from training.engine.run_dir import data_report
from training.recipes.registry import find_recipe
from training.tasks.attributes import patch_cache
from training.tasks.attributes.patch_cache import default_cache, load_splits
from training.tasks.base import TrainOptions


@pytest.fixture
def tree(tmp_path):
    return write_folder(tmp_path / "set", {**emotion_tree(train=2, test=1), "train/happy/bad.png": b"broken"})


def test_patches_targets_and_labels_belong_together(tree, tmp_path):
    train = load_splits(TINY, tree, tmp_path / "cache").train
    assert train.patches.shape == (14, 16, 16, 1)
    assert train.patches.dtype == np.uint8
    for name, label, target in zip(train.names, train.labels["emotion"], train.targets["logits"], strict=True):
        assert TINY.task.heads[0].labels[label] == name.split("/")[1]
        assert target.argmax() == label


def test_the_second_time_reads_no_picture(tree, tmp_path, monkeypatch):
    first = load_splits(TINY, tree, tmp_path / "cache")
    monkeypatch.setattr(patch_cache, "read_splits", lambda *_: pytest.fail("the set was read again"))
    second = load_splits(TINY, tree, tmp_path / "cache")
    np.testing.assert_array_equal(first.train.patches, second.train.patches)
    np.testing.assert_array_equal(first.valid.targets["logits"], second.valid.targets["logits"])
    assert list(first.rejected) == list(second.rejected)
    assert list(first.train.names) == list(second.train.names)


def test_how_often_each_is_drawn_is_kept(tree, tmp_path):
    recipe = tiny_with(draw=lambda samples: np.arange(len(samples), dtype=float))
    for _ in range(2):
        splits = load_splits(recipe, tree, tmp_path / "cache")
        assert splits.train.weights.tolist() == list(range(14))
        assert splits.valid.weights is None


def test_what_lies_outside_is_kept_where_it_is_asked_for(tree, tmp_path):
    recipe = tiny_with(
        augmentation=replace(TINY.task.augmentation, padding_fill=0.5), patch=replace(TINY.task.patch, margin=2.0)
    )
    for _ in range(2):
        train = load_splits(recipe, tree, tmp_path / "cache").train
        assert train.outside.shape == (14, 16, 16)
        assert (train.outside[:, 0] == 255).all()
        assert (train.outside[:, 8, 8] == 0).all()
    assert load_splits(TINY, tree, tmp_path / "other").train.outside is None


def test_a_recipe_that_aligns_needs_the_landmark_network(tree, tmp_path, monkeypatch):
    monkeypatch.setattr(patch_cache.alignment, "MODELS", tmp_path)
    with pytest.raises(ModelError, match=r"card.json does not exist"):
        load_splits(tiny_with(patch=replace(TINY.task.patch, aligned=True)), tree, tmp_path / "cache")


@pytest.mark.parametrize("change", ["added", "replaced", "touched", "tar replaced"])
def test_changed_input_is_noticed(tree, tmp_path, change):
    path = write_tar(tmp_path / "set.tar", emotion_tree(2, 1)) if change == "tar replaced" else tree
    before = patch_cache.cache_key(TINY, path)
    picture = tree / "train/happy/Training_6.png"
    if change == "added":
        (tree / "train/happy/new.png").write_bytes(encoded(drawn_face(99)))
    elif change == "replaced":
        picture.write_bytes(encoded(drawn_face(98)))
    elif change == "touched":
        os.utime(picture, ns=(1, 1))
    else:
        write_tar(path, emotion_tree(3, 1))
    assert patch_cache.cache_key(TINY, path) != before


def test_another_patch_is_another_key(tree):
    assert patch_cache.cache_key(TINY, tree) != patch_cache.cache_key(find_recipe("emotion-compact"), tree)


def test_a_damaged_cache_is_cut_again(tree, tmp_path):
    whole = load_splits(TINY, tree, tmp_path / "cache")
    (kept,) = (tmp_path / "cache").iterdir()
    kept.write_bytes(kept.read_bytes()[:500])
    np.testing.assert_array_equal(load_splits(TINY, tree, tmp_path / "cache").train.patches, whole.train.patches)


def test_training_goes_on_where_nothing_can_be_kept(tree, tmp_path, capsys):
    (tmp_path / "file").write_text("in the way")
    assert len(load_splits(TINY, tree, tmp_path / "file").train.patches) == 14
    assert "not kept" in capsys.readouterr().out


def test_the_cache_lies_outside_the_repository(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_cache() == tmp_path / "live-face-analysis"


def test_the_report_counts_and_lists_what_is_left_out(tree, tmp_path):
    read = TINY.task.read(TINY, tree, TrainOptions(cache=tmp_path / "cache"))
    found = data_report(read.names, read.rejected)
    assert found["pictures"] == {"train": 14, "valid": 7, "test": 0}
    assert found["reasons"] == {"cannot be decoded": 1}
    assert found["files"] == [{"name": "train/happy/bad.png", "reason": "cannot be decoded"}]
    json.dumps(found)


@pytest.mark.parametrize("files", [{}, {"train/happy/bad.png": b""}, {"train/happy/a.png": encoded(drawn_face(1))}])
def test_a_set_without_usable_pictures_is_one_line(tmp_path, files):
    with pytest.raises(UnreadableMedia, match="no usable picture to (train|validate) on") as caught:
        load_splits(TINY, write_folder(tmp_path / "set", {"x.txt": b"", **files}), tmp_path / "cache")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("shape", [(48, 48), (112, 112), (200, 180)])
@pytest.mark.parametrize("name", ["emotion-compact", "demographics-compact"])
def test_the_whole_picture_is_the_patch(name, shape):
    spec = find_recipe(name).task.patch
    image = np.full((*shape, 3), 50, np.uint8)
    image[:, shape[1] // 2 :] = 150
    patch = whole_image_patch(image, spec)
    assert patch.shape == spec.shape
    assert abs(float(patch.mean()) - 100) < 4
