"""Read UTKFace: a folder, tar or tar.gz of `[age]_[sex]_[race]_[time].jpg`."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath

from app.vision.capture.image_archive import iter_images
from training.samples.framing import UTKFACE_FRAMING
from training.samples.labels import MAX_AGE_YEARS, RACES, SEXES
from training.samples.sample import Dataset, InvalidSample, Sample, decode_face_image, parse_each

_NAME = re.compile(r"^(\d{1,3})_([01])_([0-4])_\d+\.\w+")


def read(path: Path, keep_blank: bool = False) -> Dataset:
    """Read every image whose name follows the pattern."""

    def parse(name: str, content: bytes) -> Sample:
        age, sex, race = _parse_name(PurePosixPath(name).name)
        labels: dict[str, str | float] = {"age": float(age), "sex": SEXES[sex], "race": RACES[race]}
        return Sample(name, decode_face_image(content, keep_blank), labels, framing=UTKFACE_FRAMING)

    return Dataset.collect(parse_each(iter_images(path), parse))


def is_utkface_name(file: str) -> bool:
    """Whether a file name follows the pattern of UTKFace."""
    return _NAME.match(file) is not None


def _parse_name(file: str) -> tuple[int, int, int]:
    """Age in years, number of the sex and number of the race."""
    match = _NAME.match(file)
    if match is None:
        raise InvalidSample("irregular name; expected [age]_[sex]_[race]_[time].jpg")
    age, sex, race = (int(group) for group in match.groups())
    if age > MAX_AGE_YEARS:
        raise InvalidSample(f"age above {MAX_AGE_YEARS}")
    return age, sex, race
