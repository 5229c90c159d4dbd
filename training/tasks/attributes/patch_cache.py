"""Cut the patches of a recipe once and keep them, until the images or the code that makes them change."""

from __future__ import annotations

import contextlib
import hashlib
import inspect
import json
import os
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from app.errors import UnreadableMedia
from app.model_cards import load_card
from training.samples.sample import Rejection, Sample
from training.tasks.attributes.arrays import Arrays, Splits
from training.tasks.attributes.imported_sources import sources_digest
from training.tasks.base import SPLITS
from training.tasks.recipe import Recipe
from training.transforms import alignment
from training.transforms.alignment import crop_patches, face_poses, padding_masks

if TYPE_CHECKING:
    from training.tasks.attributes.task import AttributeTask


def load_splits(recipe: Recipe[AttributeTask], data: Path, cache: Path | None = None) -> Splits:
    """The recipe's patches and targets, from the cache if nothing that they depend on has changed.

    Args:
        data: The set in any form that the task's source takes.
        cache: Folder of the kept patches; None is `default_cache()`. If it is not writable, nothing is kept.
    Raises:
        UnreadableMedia: the set cannot be found, or lacks images to train or to validate on.
    """
    file = (cache or default_cache()) / f"{recipe.name}-{_digest(str(data.resolve()))[:8]}.npz"
    key = cache_key(recipe, data)
    splits = _read_cache(file, key)
    if splits is None:
        splits = read_splits(recipe.task, data)
        _write_cache(file, key, splits)
    return splits


def default_cache() -> Path:
    """A folder in the user's own cache, outside any checkout."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "live-face-analysis"


def read_splits(task: AttributeTask, data: Path) -> Splits:
    """Read the set and cut every patch.

    Raises:
        UnreadableMedia: the set cannot be found, or lacks images to train or to validate on.
    """
    dealt = task.source.split(task.source.read(data, False))
    for split in ("train", "valid"):
        if not dealt.part(split):
            raise UnreadableMedia(
                f"{data} has no usable picture to {split.replace('valid', 'validate')} on "
                f"({len(dealt.rejected)} rejected); expected {task.source.about}"
            )
    train, valid, test = (_arrays(task, dealt.part(split)) for split in SPLITS)
    if task.draw:
        train = replace(train, weights=task.draw(dealt.train))
    return Splits(train, valid, test, dealt.rejected)


def read_validation(task: AttributeTask, data: Path) -> Arrays:
    """Read the set and cut the patches of its validation split alone.

    Raises:
        UnreadableMedia: the set cannot be found, or lacks images to validate on.
    """
    samples = task.source.split(task.source.read(data, False)).valid
    if not samples:
        raise UnreadableMedia(f"{data} has no picture to validate on; expected {task.source.about}")
    return _arrays(task, samples)


def cache_key(recipe: Recipe[AttributeTask], data: Path) -> str:
    """Changes with the files of the set (name, size, time), the patch, the code that makes it and its networks."""
    task = recipe.task
    files = [file for path in task.source.inputs(data) for file in _files(path)]
    outside = task.augmentation.padding_fill > 0
    stats = [(file.as_posix(), file.stat().st_size, file.stat().st_mtime_ns) for file in files]
    settings = repr((recipe.name, task.patch, outside, np.__version__, stats))
    return _digest(settings, sources_digest(frozenset(_code(task))), *_networks(task))


def _arrays(task: AttributeTask, samples: Sequence[Sample]) -> Arrays:
    frames = face_poses(samples, task.patch)
    return Arrays(
        crop_patches(frames, samples, task.patch),
        task.targets(samples),
        {head.attribute: head.indexes(samples) for head in task.heads},
        [sample.name for sample in samples],
        outside=padding_masks(frames, samples, task.patch) if task.augmentation.padding_fill else None,
    )


def _files(path: Path) -> Iterator[Path]:
    if path.is_dir():
        yield from sorted(file for file in path.rglob("*") if file.is_file())
    else:
        yield path


def _code(task: AttributeTask) -> Iterator[Path]:
    """The files that make samples, patches and targets; what they import belongs to the key too."""
    yield Path(__file__)
    for maker in (task.source.read, task.source.split, task.targets, task.draw):
        file = inspect.getsourcefile(maker) if maker else None
        if file:
            yield Path(file)


def _networks(task: AttributeTask) -> Iterator[str]:
    """Hashes of the networks that align the patches; their cards also hold figures, which do not matter here."""
    if task.patch.aligned:
        for folder in alignment.NETWORK_FOLDERS:
            yield json.dumps(load_card(alignment.MODELS / folder)["files"])


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _read_cache(file: Path, key: str) -> Splits | None:
    try:
        with np.load(file, allow_pickle=False) as kept:
            about = json.loads(str(kept["about"]))
            return _unpacked(kept, about) if about["key"] == key else None
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):  # written by another version, or cut short
        return None


def _unpacked(kept: Any, about: dict[str, Any]) -> Splits:
    train, valid, test = (
        Arrays(
            kept[f"{split}/patches"],
            {output: kept[f"{split}/targets/{output}"] for output in about["outputs"]},
            {attribute: kept[f"{split}/labels/{attribute}"] for attribute in about["attributes"]},
            kept[f"{split}/names"].tolist(),
            kept.get(f"{split}/weights"),
            kept.get(f"{split}/outside"),
        )
        for split in SPLITS
    )
    return Splits(train, valid, test, [Rejection(*one) for one in about["rejected"]])


def _write_cache(file: Path, key: str, splits: Splits) -> None:
    arrays: dict[str, np.ndarray] = {}
    for split in SPLITS:
        part: Arrays = getattr(splits, split)
        arrays[f"{split}/patches"] = part.patches
        arrays[f"{split}/names"] = np.array(part.names, np.str_)
        optional = {"weights": part.weights, "outside": part.outside}
        arrays.update({f"{split}/{name}": values for name, values in optional.items() if values is not None})
        arrays.update({f"{split}/targets/{output}": values for output, values in part.targets.items()})
        arrays.update({f"{split}/labels/{attribute}": values for attribute, values in part.labels.items()})
    rejected = [(one.name, one.reason) for one in splits.rejected]
    outputs, attributes = list(splits.train.targets), list(splits.train.labels)
    about = json.dumps({"key": key, "outputs": outputs, "attributes": attributes, "rejected": rejected})
    unfinished = file.with_name(f"{file.stem}.{os.getpid()}.npz")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        np.savez(unfinished, allow_pickle=False, about=np.array(about), **arrays)
        os.replace(unfinished, file)
    except OSError as error:
        print(f"The patches are not kept ({error}); they are cut again next time")
        with contextlib.suppress(OSError):
            unfinished.unlink()
