"""Read a tree with one folder a class, with or without train/valid/test folders above them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from training.data.archive import pictures
from training.data.sample import Dataset, Rejected, Sample, decode, is_blank

SPLITS: Mapping[str, str] = {
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("valid", "val", "validation", "publictest"), "valid"),
    **dict.fromkeys(("test", "testing", "privatetest"), "test"),
}
# Other words that public sets use for the seven emotions.
SYNONYMS: Mapping[str, str] = {
    "anger": "angry",
    "disgusted": "disgust",
    "fearful": "fear",
    "happiness": "happy",
    "sadness": "sad",
    "surprised": "surprise",
}


def read(path: Path) -> Dataset:
    """Every picture of the tree or tar at `path`; the class is its folder, lower-case."""
    samples: list[Sample] = []
    rejected: list[Rejected] = []
    for name, data in pictures(path):
        read_one = _sample(name, data)
        (samples if isinstance(read_one, Sample) else rejected).append(read_one)  # type: ignore[arg-type]
    return Dataset(samples, rejected)


def _sample(name: str, data: bytes) -> Sample | Rejected:
    *folders, file = PurePosixPath(name).parts
    if not folders or folders[-1].lower() in SPLITS:
        return Rejected(name, "in no class folder")
    image = decode(data)
    if image is None:
        return Rejected(name, "cannot be decoded")
    if is_blank(image):
        return Rejected(name, "blank picture")
    word = folders[-1].lower()
    split = next((SPLITS[folder.lower()] for folder in folders[:-1] if folder.lower() in SPLITS), None)
    return Sample(name, image, {"emotion": SYNONYMS.get(word, word)}, split, _row(file))


def _row(file: str) -> int | None:
    """The row of the original table in names such as `Training_123.png`."""
    match = re.search(r"_(\d+)\.\w+$", file)
    return int(match.group(1)) if match else None
