"""Cut a recipe's patches once and keep them, so that training starts at once and notices changed input."""

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
from typing import Any

import numpy as np

import training.datasets
from app.errors import UnreadableMedia
from app.model_cards import load_card
from app.vision.inference import face_crop
from training.datasets import class_balance
from training.samples import framing
from training.samples import splits as split_module
from training.samples.sample import Rejection, Sample, count_reasons
from training.tasks.attributes.task import Arrays, Recipe, Splits
from training.transforms import alignment, mask_overlay, mask_texture
from training.transforms.alignment import crop_patches, face_poses, padding_masks

SPLITS = ("train", "valid", "test")


def prepared(recipe: Recipe, data: Path, cache: Path | None = None) -> Splits:
    """The recipe's arrays, from the cache where its input has not changed since.

    Args:
        data: The set in any form that the recipe's source takes.
        cache: Folder of the kept patches; None is `default_cache()`. One that cannot be written is done without.
    Raises:
        UnreadableMedia: the set cannot be found, or lacks pictures to train or to validate on.
    """
    file = (cache or default_cache()) / f"{recipe.name}-{_digest(str(data.resolve()))[:8]}.npz"
    key = input_key(recipe, data)
    splits = _kept(file, key)
    if splits is None:
        splits = read_splits(recipe, data)
        _keep(file, key, splits)
    return splits


def default_cache() -> Path:
    """A folder in the user's own cache, outside any checkout."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "live-face-analysis"


def read_splits(recipe: Recipe, data: Path) -> Splits:
    """Read the set and cut every patch.

    Raises:
        UnreadableMedia: the set cannot be found, or lacks pictures to train or to validate on.
    """
    dealt = recipe.source.split(recipe.source.read(data, False))
    for split in ("train", "valid"):
        if not dealt.part(split):
            raise UnreadableMedia(
                f"{data} has no usable picture to {split.replace('valid', 'validate')} on "
                f"({len(dealt.rejected)} rejected); expected {recipe.source.about}"
            )
    train, valid, test = (_arrays(recipe, dealt.part(split)) for split in SPLITS)
    if recipe.draw:
        train = replace(train, weights=recipe.draw(dealt.train))
    return Splits(train, valid, test, dealt.rejected)


def report(splits: Splits) -> dict[str, Any]:
    """What was found and what was left out, as plain values."""
    return {
        "pictures": {split: len(getattr(splits, split).patches) for split in SPLITS},
        "rejected": len(splits.rejected),
        "reasons": count_reasons(splits.rejected),
        "files": [{"name": one.name, "reason": one.reason} for one in splits.rejected],
    }


def input_key(recipe: Recipe, data: Path) -> str:
    """Changes with the files read (name, size, time), with the patch and with the code that makes it."""
    files = [file for path in recipe.source.inputs(data) for file in _files(path)]
    outside = recipe.augmentation.padding_fill > 0
    stats = [(file.as_posix(), file.stat().st_size, file.stat().st_mtime_ns) for file in files]
    return _digest(
        repr((recipe.name, recipe.patch, outside, np.__version__, stats)), *_code(recipe), *_networks(recipe)
    )


def _arrays(recipe: Recipe, samples: Sequence[Sample]) -> Arrays:
    frames = face_poses(samples, recipe.patch)
    return Arrays(
        crop_patches(frames, samples, recipe.patch),
        recipe.targets(samples),
        {head.attribute: head.indexes(samples) for head in recipe.heads},
        [sample.name for sample in samples],
        outside=padding_masks(frames, samples, recipe.patch) if recipe.augmentation.padding_fill else None,
    )


def _files(path: Path) -> Iterator[Path]:
    if path.is_dir():
        yield from sorted(file for file in path.rglob("*") if file.is_file())
    else:
        yield path


def _code(recipe: Recipe) -> Iterator[bytes]:
    """What the patches and targets are made by."""
    folder = Path(next(iter(training.datasets.__path__)))
    cuts = [face_crop, alignment, framing]
    makers = [*cuts, split_module, class_balance, mask_overlay, mask_texture]
    modules = [inspect.getsourcefile(recipe.targets), *(module.__file__ for module in makers), __file__]
    yield from (Path(module).read_bytes() for module in [*modules, *sorted(folder.rglob("*.py"))] if module)


def _networks(recipe: Recipe) -> Iterator[bytes]:
    """Which networks align the patches: the hashes of their files, since a card also holds figures."""
    if recipe.patch.aligned:
        for folder in alignment.NETWORK_FOLDERS:
            yield json.dumps(load_card(alignment.MODELS / folder)["files"]).encode()


def _digest(text: str, *parts: bytes) -> str:
    digest = hashlib.sha256(text.encode())
    for part in parts:
        digest.update(part)
    return digest.hexdigest()


def _kept(file: Path, key: str) -> Splits | None:
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


def _keep(file: Path, key: str, splits: Splits) -> None:
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
