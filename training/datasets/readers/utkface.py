"""Read UTKFace: a folder, tar or tar.gz of `[age]_[sex]_[race]_[time].jpg`."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath

from app.vision.capture.image_archive import pictures
from training.samples.framing import UTKFACE_FRAMING
from training.samples.sample import Dataset, Rejection, Sample, decode_face_image

SEXES = ("male", "female")
RACES = ("white", "black", "asian", "indian", "other")
OLDEST = 120
_NAME = re.compile(r"^(\d{1,3})_([01])_([0-4])_\d+\.\w+")


def read(path: Path, keep_blank: bool = False) -> Dataset:
    """Every picture with a regular name; the rest is listed as rejected.

    Args:
        keep_blank: Take pictures of a single tone too (scoring drops none).
    """
    return Dataset.collect(_sample(name, data, keep_blank) for name, data in pictures(path))


def is_regular(file: str) -> bool:
    """Whether a file is named as the set names its pictures."""
    return _NAME.match(file) is not None


def _sample(name: str, data: bytes, keep_blank: bool) -> Sample | Rejection:
    match = _NAME.match(PurePosixPath(name).name)
    if match is None:
        return Rejection(name, "irregular name; expected [age]_[sex]_[race]_[time].jpg")
    age, sex, race = (int(group) for group in match.groups())
    if age > OLDEST:
        return Rejection(name, f"age above {OLDEST}")
    image = decode_face_image(data, keep_blank)
    if isinstance(image, str):
        return Rejection(name, image)
    labels: dict[str, str | float] = {"age": float(age), "sex": SEXES[sex], "race": RACES[race]}
    return Sample(name, image, labels, framing=UTKFACE_FRAMING)
