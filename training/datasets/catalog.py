"""The data sets beside FER2013: expressions, UTKFace, All-Age-Faces, facial landmarks and masks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from training.datasets.dataset_spec import (
    RESEARCH_ONLY,
    DatasetSpec,
    find_beside,
    locate,
    split_by_content,
    split_by_group,
    split_by_person,
)
from training.datasets.readers import aaf, expressions, kaggle_keypoints, masks, utkface, ytf68
from training.datasets.readers.tables import read_header
from training.samples.sample import Dataset

KEYPOINTS_TABLE = "training.csv"
EXPRESSIONS_TAR = "expressions.tar"  # beside a tar of compound expressions
SPLIT_BY_CONTENT = (
    "80 / 10 / 10 by the hash of a picture's pixels; of identical pictures one is kept, none where their ages differ; "
    "people may recur across parts, since the set names nobody"
)


def is_keypoints_table(path: Path) -> bool:
    """Whether `path` is a table of Kaggle's facial keypoints."""
    return path.suffix.lower() == ".csv" and path.is_file() and "nose_tip_x" in read_header(path)


def has_keypoint_arrays(path: Path) -> bool:
    """Whether a folder holds the two files of Kaggle's `face-images-with-marked-landmark-points`."""
    return all((path / name).is_file() for name in (kaggle_keypoints.IMAGES_FILE, kaggle_keypoints.POINTS_TABLE))


def masks_labelled_in(labels: Path) -> DatasetSpec:
    """Face masks, with the labels of another table than the one beside the images."""
    return replace(
        MASKS,
        inputs=lambda path: [locate(path, "masks"), labels],
        read=lambda path, keep_blank: masks.read(locate(path, "masks"), labels, keep_blank),
    )


def masks_corrected_by(corrections: Path) -> DatasetSpec:
    """Face masks, with other labels for the images in a table `file,label,corrected`."""
    return replace(
        MASKS,
        inputs=lambda path: [*MASKS.inputs(path), corrections],
        read=lambda path, keep_blank: masks.correct(MASKS.read(path, keep_blank), corrections),
    )


def _expression_inputs(path: Path) -> list[Path]:
    images = locate(path, "expressions", (EXPRESSIONS_TAR,))
    return [images, find_beside(images, expressions.LABELS_FILE)]


def _read_expressions(path: Path, keep_blank: bool = False) -> Dataset:
    images, labels = _expression_inputs(path)
    return expressions.read(images, labels, keep_blank)


def _aaf_inputs(path: Path) -> list[Path]:
    images = locate(path, "aaf")
    labels = find_beside(images, aaf.LABELS_FILE)
    points = labels.with_name(aaf.POINTS_FILE)
    return [images, labels, *([points] if points.is_file() else [])]


def _read_aaf(path: Path, keep_blank: bool = False) -> Dataset:
    images, labels, *points = _aaf_inputs(path)
    return aaf.read(images, labels, points[0] if points else None, keep_blank)


def _landmark_inputs(path: Path) -> list[Path]:
    if is_keypoints_table(path):
        return [path]
    if path.is_dir() and (path / KEYPOINTS_TABLE).is_file():
        return [path / KEYPOINTS_TABLE]
    if has_keypoint_arrays(path):
        return [path / kaggle_keypoints.IMAGES_FILE, path / kaggle_keypoints.POINTS_TABLE]
    images = locate(path, "ytf68")
    return [images, find_beside(images, ytf68.POINTS_FILE)]


def _read_landmarks(path: Path, keep_blank: bool = False) -> Dataset:
    first, *points = _landmark_inputs(path)
    if not points:
        return kaggle_keypoints.read(first, keep_blank)
    reader = kaggle_keypoints.read_arrays if first.name == kaggle_keypoints.IMAGES_FILE else ytf68.read
    return reader(first, points[0], keep_blank)


def _mask_inputs(path: Path) -> list[Path]:
    images = locate(path, "masks")
    return [images, find_beside(images, masks.LABELS_FILE)]


def _read_masks(path: Path, keep_blank: bool = False) -> Dataset:
    images, labels = _mask_inputs(path)
    return masks.read(images, labels, keep_blank)


EXPRESSIONS = DatasetSpec(
    name="Expressions",
    about=f"a folder or tar of face pictures from several sources with {expressions.LABELS_FILE} in or beside it: "
    "file,emotion,source, and person where it is known",
    terms="gathers pictures of eight sources (AffectNet, CFEE, CK+, KDEF, SFEW, two collections of web pictures, "
    "MMA/ExpW) that must not be passed on; used for non-commercial research only",
    protocol="80 / 10 / 10 by person (of film stills by film) where it is known, else by the hash of a picture's "
    "pixels; of identical pictures one is kept, none where their labels differ; valid was used to choose the epoch "
    "and every setting, so results on it are optimistic",
    inputs=_expression_inputs,
    read=_read_expressions,
    split=split_by_person,
)
UTKFACE = DatasetSpec(
    name="UTKFace",
    about="a folder, tar or tar.gz of [age]_[sex]_[race]_[time].jpg (susanqq.github.io/UTKFace)",
    terms="non-commercial research only",
    protocol=SPLIT_BY_CONTENT,
    inputs=lambda path: [locate(path, "utkface")],
    read=lambda path, keep_blank: utkface.read(locate(path, "utkface"), keep_blank),
    split=split_by_content,
)
AAF = DatasetSpec(
    name="All-Age-Faces",
    about=f"a folder or tar of pictures with {aaf.LABELS_FILE} (file,age,sex) in or beside it, {aaf.POINTS_FILE} as "
    "well where it is to be had (github.com/JingchunCheng/All-Age-Faces-Dataset)",
    terms=RESEARCH_ONLY,
    protocol=SPLIT_BY_CONTENT,
    inputs=_aaf_inputs,
    read=_read_aaf,
    split=split_by_content,
)
LANDMARKS = DatasetSpec(
    name="Facial landmarks",
    about=f"Kaggle's {KEYPOINTS_TABLE} (kaggle.com: facial-keypoints-detection), a folder with "
    f"{kaggle_keypoints.IMAGES_FILE} and {kaggle_keypoints.POINTS_TABLE}, or stills of YouTube Faces: a folder "
    f"or tar of pictures with {ytf68.POINTS_FILE} (name, person, keypoints) in or beside it",
    terms=RESEARCH_ONLY,
    protocol="80 / 10 / 10 by person where persons are known (YouTube Faces), else by the hash of a picture's pixels; "
    "of identical pictures one is kept",
    inputs=_landmark_inputs,
    read=_read_landmarks,
    split=split_by_person,
)
MASKS = DatasetSpec(
    name="Face masks",
    about=f"a folder or tar of face pictures with {masks.LABELS_FILE} in or beside it: file,label (none, mask, wrong), "
    "and source,synthetic,group where they are known",
    terms=RESEARCH_ONLY,
    protocol="80 / 10 / 10 by group (a person or an origin, as far as known), else by the hash of a picture's pixels; "
    "drawn masks are for training only; of identical pictures one is kept, none where their labels differ",
    inputs=_mask_inputs,
    read=_read_masks,
    split=split_by_group,
)
