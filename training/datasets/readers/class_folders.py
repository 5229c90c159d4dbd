"""Read a tree with one folder per class, with or without train, valid and test folders above them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath

from app.vision.capture.image_archive import iter_images
from training.samples.sample import Dataset, InvalidSample, Sample, decode_face_image, parse_each

SPLITS: Mapping[str, str] = {
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("valid", "val", "validation", "publictest"), "valid"),
    **dict.fromkeys(("test", "testing", "privatetest"), "test"),
}
SPLITS_BY_USAGE: Mapping[str, str] = {"PublicTest": "valid", "PrivateTest": "test"}
# Other names that public data sets use for the seven emotions.
SYNONYMS: Mapping[str, str] = {
    "anger": "angry",
    "disgusted": "disgust",
    "fearful": "fear",
    "happiness": "happy",
    "sadness": "sad",
    "surprised": "surprise",
}


def read(path: Path, keep_blank: bool = False) -> Dataset:
    """Read every image of a tree or tar; the class is the name of its folder, in lower case.

    A folder `test` with files of both PublicTest and PrivateTest is split by them: PublicTest becomes `valid`.
    """

    def parse(name: str, content: bytes) -> Sample:
        *folders, file = PurePosixPath(name).parts
        if not folders or folders[-1].lower() in SPLITS:
            raise InvalidSample("in no class folder")
        label = folders[-1].lower()
        split = next((SPLITS[folder.lower()] for folder in folders[:-1] if folder.lower() in SPLITS), None)
        image = decode_face_image(content, keep_blank)
        return Sample(name, image, {"emotion": SYNONYMS.get(label, label)}, split, _row_number(file))

    dataset = Dataset.collect(parse_each(iter_images(path), parse))
    return replace(dataset, samples=_split_by_usage(dataset.samples))


def _split_by_usage(samples: Sequence[Sample]) -> Sequence[Sample]:
    """The samples, those of `test` split by the prefix of their files where it holds both prefixes."""
    usages = {sample.name: _usage(sample.name) for sample in samples if sample.split == "test"}
    if not set(SPLITS_BY_USAGE) <= set(usages.values()):
        return samples
    return [replace(sample, split=SPLITS_BY_USAGE.get(usages.get(sample.name, ""), sample.split)) for sample in samples]


def _usage(name: str) -> str:
    """What stands before the row in the name of a file of FER2013."""
    return PurePosixPath(name).name.rpartition("_")[0]


def _row_number(file: str) -> int | None:
    """Row in the original table, from names such as `Training_123.png`."""
    match = re.fullmatch(r"(?:Training|PublicTest|PrivateTest)_(\d+)\.\w+", file)
    return int(match.group(1)) if match else None
