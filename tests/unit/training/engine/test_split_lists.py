"""A run says which picture is in which split: every one in exactly one, and copies together."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.support.training import TINY, drawn_face, emotion_tree, encoded, utkface_files, write_folder
from training.datasets.catalog import LANDMARKS, UTKFACE
from training.datasets.dataset_spec import DatasetSpec
from training.datasets.fer2013 import FER2013
from training.datasets.readers import ytf68
from training.engine.run_dir import RUN, SPLITS, write_split_lists
from training.engine.train import train
from training.samples.sample import Dataset
from training.tasks.base import TrainOptions

COPIES = {f"{10 + index}_0_0_20170999{index}.jpg": f"{10 + index}_" for index in range(8)}


def ages(folder: Path) -> Path:
    """UTKFace with copies of some faces under other names."""
    files = utkface_files(60)
    twins = {name: next(files[one] for one in files if one.startswith(start)) for name, start in COPIES.items()}
    return write_folder(folder, {**files, **twins, "61_1_2017.jpg": b"x"})


def persons(folder: Path) -> Path:
    """Three stills of each person, the first face also under another name."""
    names = [f"p{person}_{still}.png" for person in range(40) for still in range(3)]
    faces = {name: encoded(drawn_face(seed)) for seed, name in enumerate(names)}
    write_folder(folder, {**faces, "copy.png": faces[names[0]]})
    who = [*(name.split("_")[0] for name in names), "p39"]
    points = np.random.default_rng(1).uniform(0, 48, (len(who), 68, 2))
    np.savez(folder / ytf68.POINTS_FILE, name=[*names, "copy.png"], person=who, keypoints=points)
    return folder


def emotions(folder: Path) -> Path:
    """FER2013's folders, whose parts are its own."""
    return write_folder(folder, emotion_tree(train=4, test=2))


def dealt_lists(source: DatasetSpec, path: Path, out: Path) -> tuple[dict[str, list[str]], Dataset]:
    """The lists as `train` writes them, without a training."""
    dataset = source.read(path, False)
    dealt = source.split(dataset)
    parts = {name: [sample.name for sample in dealt.part(name)] for name in ("train", "valid", "test")}
    write_split_lists(parts, dealt.rejected, out)
    return {file.stem: file.read_text().splitlines() for file in (out / SPLITS).iterdir()}, dataset


@pytest.mark.parametrize(
    ("source", "made"), [(UTKFACE, ages), (LANDMARKS, persons), (FER2013, emotions)], ids=["hash", "person", "own"]
)
def test_every_picture_is_in_one_list_and_copies_never_straddle_two(
    source: DatasetSpec, made: Callable[[Path], Path], tmp_path: Path
) -> None:
    lists, dataset = dealt_lists(source, made(tmp_path / "set"), tmp_path / "run")
    left_out = [line.split("\t")[0] for line in lists["left_out"]]
    listed = [name for split in ("train", "valid", "test") for name in lists[split]]
    assert sorted([*listed, *left_out]) == sorted(one.name for one in (*dataset.samples, *dataset.rejected))
    assign_split = {name: split for split in ("train", "valid", "test") for name in lists[split]}
    seen: dict[str, str] = {}
    for sample in dataset.samples:
        split = assign_split.get(sample.name)
        if split is not None:
            assert seen.setdefault(sample.content_hash, split) == split
    again, _ = dealt_lists(source, tmp_path / "set", tmp_path / "again")
    assert again == lists


def test_a_training_writes_its_lists_and_all_that_it_takes_to_repeat_it(tmp_path: Path) -> None:
    path = emotions(tmp_path / "set")
    train(TINY, path, tmp_path / "run", TrainOptions(1, cache=tmp_path / "cache"))
    lists, _ = dealt_lists(FER2013, path, tmp_path / "dealt")
    assert {file.stem: file.read_text().splitlines() for file in (tmp_path / "run" / SPLITS).iterdir()} == lists
    about = json.loads((tmp_path / "run" / RUN).read_text())
    assert {"recipe", "data", "epochs", "batch", "seed", "mixed", "backend", "versions"} <= set(about)
    assert {"keras", "numpy", about["backend"]} == set(about["versions"])
