"""Read a tree with one folder a class, with or without train/valid/test folders above them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from app.vision.capture.image_archive import pictures
from training.samples.sample import Dataset, Rejection, Sample, decode_face_image

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


def read(path: Path, keep_blank: bool = False) -> Dataset:
    """Every picture of the tree or tar at `path`; the class is its folder, lower-case.

    Args:
        keep_blank: Take pictures of a single tone too (scoring drops none).
    """
    return Dataset.collect(_sample(name, data, keep_blank) for name, data in pictures(path))


def _sample(name: str, data: bytes, keep_blank: bool) -> Sample | Rejection:
    *folders, file = PurePosixPath(name).parts
    if not folders or folders[-1].lower() in SPLITS:
        return Rejection(name, "in no class folder")
    image = decode_face_image(data, keep_blank)
    if isinstance(image, str):
        return Rejection(name, image)
    word = folders[-1].lower()
    split = next((SPLITS[folder.lower()] for folder in folders[:-1] if folder.lower() in SPLITS), None)
    return Sample(name, image, {"emotion": SYNONYMS.get(word, word)}, split, _row(file))


def _row(file: str) -> int | None:
    """The row of the original table in names such as `Training_123.png`."""
    match = re.search(r"_(\d+)\.\w+$", file)
    return int(match.group(1)) if match else None
