"""FER2013 in its public forms, and sets of the same form: `fer2013.csv`, `train.csv`, class folders, MMA."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path, PurePosixPath

import numpy as np

from app.errors import UnreadableMedia
from app.vision.capture.image_archive import is_tar, iter_images
from training.datasets.dataset_spec import RESEARCH_ONLY, DatasetSpec, locate, split_as_labelled
from training.datasets.readers import class_folders, fer2013_csv, ferplus
from training.datasets.readers.tables import read_header
from training.samples.framing import FER2013_FRAMING
from training.samples.labels import EMOTIONS
from training.samples.sample import Dataset, Rejection, Sample

TABLES = ("fer2013.csv", "icml_face_data.csv", "train.csv")
VOTES_FILES = ("ferplus_votes.csv", "fer2013new.csv")
DROPPED_ROWS_FILE = "training_rows_to_drop.csv"
MMA_FOLDER = "mmafedb"  # in lower case; its archive on Kaggle holds this folder


def is_emotion_table(path: Path) -> bool:
    """Whether `path` is a table of emotions and pixels."""
    return path.is_file() and set(fer2013_csv.COLUMNS) <= set(read_header(path))


def _emotion_inputs(path: Path) -> list[Path]:
    images = locate(path, "fer2013", TABLES)
    folder = images if images.is_dir() else images.parent
    return [images, *(file for name in (*VOTES_FILES, DROPPED_ROWS_FILE) if (file := folder / name).is_file())]


def _read_emotions(path: Path, keep_blank: bool = False) -> Dataset:
    """Read class folders or `fer2013.csv`, join FER+ votes by row, and leave out the rows listed to be dropped."""
    images, *tables = _emotion_inputs(path)
    reader = fer2013_csv if images.suffix.lower() == ".csv" else class_folders
    dataset = reader.read(images, keep_blank).keep_labels("emotion", EMOTIONS)
    files = {table.name: table for table in tables}
    with_votes = [files[name] for name in VOTES_FILES if name in files]
    votes = ferplus.read(with_votes[0]) if with_votes else ferplus.Votes({}, ())
    dropped = _read_dropped_rows(files.get(DROPPED_ROWS_FILE))
    joined = [*_join_votes(dataset.samples, votes.fractions, dropped)]
    return Dataset.collect([*dataset.rejected, *joined, *votes.rejected, *_unjoined(joined, with_votes)])


def _unjoined(joined: Sequence[Sample | Rejection], files: Sequence[Path]) -> Iterator[Rejection]:
    """One line where there is a file of votes, but no picture that it speaks of."""
    if files and not any(isinstance(one, Sample) and one.votes is not None for one in joined):
        reason = "none of its votes could be joined: no name of a picture holds its row, as in Training_12.png"
        yield Rejection(files[0].name, reason)


def _join_votes(
    samples: Sequence[Sample], votes: Mapping[int, np.ndarray], dropped: Mapping[int, str]
) -> Iterator[Sample | Rejection]:
    for sample in samples:
        if sample.row is None:
            yield replace(sample, framing=FER2013_FRAMING)
        elif sample.split in ("train", None) and sample.row in dropped:
            yield Rejection(sample.name, f"listed in {DROPPED_ROWS_FILE}: {dropped[sample.row]}", sample.split)
        else:
            yield replace(sample, framing=FER2013_FRAMING, votes=votes.get(sample.row))


def _read_dropped_rows(path: Path | None) -> dict[int, str]:
    """Reasons by row."""
    if path is None:
        return {}
    with path.open(newline="") as file:
        return {int(row["row"]): row.get("reason") or "no reason given" for row in csv.DictReader(file)}


def _read_mma(path: Path, keep_blank: bool = False) -> Dataset:
    """Class folders whose file names are no rows of FER2013."""
    dataset = class_folders.read(locate(path, MMA_FOLDER), keep_blank).keep_labels("emotion", EMOTIONS)
    return replace(dataset, samples=[replace(sample, row=None) for sample in dataset.samples])


def _variant(path: Path) -> DatasetSpec | None:
    """The set of the same form that lies at a path; None if it is FER2013 with parts of its own."""
    if not path.exists():
        return None
    if is_mma(path):
        return MMA
    images = locate(path, "fer2013", TABLES)
    lacks_parts = is_emotion_table(images) and fer2013_csv.USAGE not in read_header(images)
    return FER2013_TRAINING_TABLE if lacks_parts else None


def is_mma(path: Path) -> bool:
    """Whether a folder or tar, or the first picture in it, lies in a folder of the name of MMA's."""
    if MMA_FOLDER in (part.lower() for part in path.resolve().parts):
        return True
    if not (path.is_dir() or is_tar(path)):
        return False
    try:
        first = [name for name, _ in islice(iter_images(path), 1)]
    except UnreadableMedia:  # who reads it says what is wrong
        return False
    return any(MMA_FOLDER in (part.lower() for part in PurePosixPath(name).parts) for name in first)


FER2013 = DatasetSpec(
    name="FER2013",
    about="fer2013.csv, Kaggle's train.csv (emotion,pixels), or a tree or tar of class folders (kaggle.com: "
    "challenges-in-representation-learning, msambare/fer2013, mahmoudima/mma-facial-expression); "
    f"{' or '.join(VOTES_FILES)} beside it joins FER+ votes (github.com/microsoft/FERPlus)",
    terms=RESEARCH_ONLY,
    protocol="train = Training, valid = PublicTest (the folder `test` of the folder form), which was used to choose "
    "the epoch and every setting, so results on it are optimistic; PrivateTest is used neither to train nor to choose",
    inputs=_emotion_inputs,
    read=_read_emotions,
    split=split_as_labelled,
    variant=_variant,
)
FER2013_TRAINING_TABLE = replace(
    FER2013,
    name="FER2013 (training table)",
    protocol="80 / 10 / 10 by the hash of a picture's pixels, since a table without Usage has no parts; of identical "
    "pictures one is kept, none where their labels differ; figures cannot be compared with those on PublicTest",
)
MMA = replace(
    FER2013,
    name="MMA Facial Expression",
    about="a tree or tar of class folders in a folder MMAFEDB (kaggle.com: mahmoudima/mma-facial-expression)",
    protocol="the set's own train, valid and test; valid was used to choose the epoch and every setting, so results on "
    "it are optimistic; copies of other parts' pictures are left out of train",
    inputs=lambda path: [locate(path, MMA_FOLDER)],
    read=_read_mma,
)
