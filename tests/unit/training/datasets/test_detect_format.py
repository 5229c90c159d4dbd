"""The format of a data set is detected from its files."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.errors import UnreadableMedia
from tests.support.training import (
    csv_row,
    drawn_face,
    emotion_tree,
    encoded,
    utkface_files,
    write_csv,
    write_folder,
    write_tar,
)
from training.datasets.catalog import AAF, LANDMARKS, UTKFACE
from training.datasets.detect_format import detect_format
from training.datasets.fer2013 import FER2013
from training.datasets.readers import aaf, kaggle_keypoints, ytf68

FACE = {"a.png": encoded(drawn_face(1))}


def test_every_public_form_is_detected(tmp_path: Path) -> None:
    utk = utkface_files(2)
    (tmp_path / "kaggle").mkdir()
    table = tmp_path / "kaggle" / "training.csv"
    table.write_text(",".join([*kaggle_keypoints.COLUMNS, "Image"]) + "\n")
    assert detect_format(write_csv(tmp_path / "a.csv", [csv_row(1, "sad", "Training")])) is FER2013
    assert detect_format(write_folder(tmp_path / "tree", emotion_tree())) is FER2013
    assert detect_format(write_tar(tmp_path / "tree.tar.gz", emotion_tree())) is FER2013
    assert detect_format(write_folder(tmp_path / "utk", utk)) is UTKFACE
    assert detect_format(write_tar(tmp_path / "utk.tar.gz", utk)) is UTKFACE
    (tmp_path / "packed").mkdir()
    assert detect_format(write_tar(tmp_path / "packed" / "utk.tar", utk).parent) is UTKFACE
    assert detect_format(table) is detect_format(table.parent) is LANDMARKS
    for folder, file, expected in (("x", aaf.LABELS_FILE, AAF), ("y", ytf68.POINTS_FILE, LANDMARKS)):
        pictures = write_folder(tmp_path / folder / "pictures", FACE)
        (tmp_path / folder / file).write_text("file,age,sex\n")
        assert detect_format(pictures) is detect_format(pictures.parent) is expected


@pytest.mark.parametrize(
    ("files", "message"),
    [
        (None, "there is no .*; give a folder, a tar or a table"),
        ({"notes.txt": b""}, "holds no picture"),
        ({"utkface/1_0_0_2.jpg": b"", "aaf/a.jpg": b""}, "holds utkface, aaf; give one of them"),
    ],
)
def test_what_is_no_set_is_one_line(tmp_path: Path, files: dict[str, bytes] | None, message: str) -> None:
    if files is not None:
        write_folder(tmp_path / "set", files)
    with pytest.raises(UnreadableMedia, match=message):
        detect_format(tmp_path / "set")


def test_an_unknown_table_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("name,price\n")
    with pytest.raises(UnreadableMedia, match="neither the columns of fer2013.csv or Kaggle's train.csv"):
        detect_format(tmp_path / "a.csv")
