"""Read UTKFace: a folder, tar or tar.gz of `[age]_[sex]_[race]_[time].jpg`."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath

from training.data.archive import pictures
from training.data.sample import Dataset, Rejected, Sample, decode, is_blank

SEXES = ("male", "female")
RACES = ("white", "black", "asian", "indian", "other")
_NAME = re.compile(r"^(\d{1,3})_([01])_([0-4])_\d+\.\w+")


def read(path: Path) -> Dataset:
    """Every picture with a regular name; the rest is listed as rejected."""
    samples: list[Sample] = []
    rejected: list[Rejected] = []
    for name, data in pictures(path):
        read_one = _sample(name, data)
        (samples if isinstance(read_one, Sample) else rejected).append(read_one)  # type: ignore[arg-type]
    return Dataset(samples, rejected)


def _sample(name: str, data: bytes) -> Sample | Rejected:
    match = _NAME.match(PurePosixPath(name).name)
    if match is None:
        return Rejected(name, "irregular name; expected [age]_[sex]_[race]_[time].jpg")
    age, sex, race = (int(group) for group in match.groups())
    if age > 120:
        return Rejected(name, f"age {age} is out of range")
    image = decode(data)
    if image is None:
        return Rejected(name, "cannot be decoded")
    if is_blank(image):
        return Rejected(name, "blank picture")
    return Sample(name, image, {"age": float(age), "sex": SEXES[sex], "race": RACES[race]})
