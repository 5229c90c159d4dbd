"""Every public form of the sets, with every kind of bad row."""

import numpy as np
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
from training.datasets.readers import class_folders, fer2013_csv, utkface
from training.samples.sample import count_reasons

BLANK = encoded(np.full((48, 48, 3), 128, np.uint8))
BAD_PICTURES = {
    "train/happy/empty.png": b"",
    "train/happy/broken.png": encoded(drawn_face(1))[:60],
    "train/happy/blank.png": BLANK,
    "loose.png": encoded(drawn_face(2)),
    "train/nowhere.png": encoded(drawn_face(3)),
    "train/happy/notes.txt": b"no picture",
    "train/happy/._hidden.png": b"of macOS",
}


@pytest.fixture(params=["folder", "set.tar", "set.tar.gz"])
def stored(request, tmp_path):
    """Writes files in each form that a set of pictures comes in."""

    def write(files):
        return (
            write_folder(tmp_path / "set", files)
            if request.param == "folder"
            else write_tar(tmp_path / request.param, files)
        )

    return write


def test_class_folders_give_label_split_and_row(stored):
    dataset = class_folders.read(stored(emotion_tree(train=1, test=1)))
    assert {(s.labels["emotion"], s.split) for s in dataset.samples} == {
        (emotion, split)
        for emotion in ("angry", "disgust", "fear", "happy", "neutral", "sad", "surprise")
        for split in ("train", "test")
    }
    assert sorted(s.row for s in dataset.samples) == list(range(14))
    assert not dataset.rejected


def test_class_folders_know_other_words_for_splits_and_classes(tmp_path):
    face = encoded(drawn_face(1))
    folder = write_folder(
        tmp_path, {"Validation/Happiness/a.png": face, "PrivateTest/ANGER/b.png": face, "sad/c.png": face}
    )
    found = {(s.labels["emotion"], s.split) for s in class_folders.read(folder).samples}
    assert found == {("happy", "valid"), ("angry", "test"), ("sad", None)}


def test_bad_pictures_are_skipped_counted_and_listed(stored):
    dataset = class_folders.read(stored({**emotion_tree(train=1, test=0), **BAD_PICTURES}))
    assert len(dataset.samples) == 7
    assert {one.name: one.reason for one in dataset.rejected} == {
        "train/happy/empty.png": "cannot be decoded",
        "train/happy/broken.png": "cannot be decoded",
        "train/happy/blank.png": "blank picture",
        "loose.png": "in no class folder",
        "train/nowhere.png": "in no class folder",
    }


def test_scoring_keeps_blank_pictures(tmp_path):
    folder = write_folder(tmp_path, {"happy/blank.png": BLANK})
    assert len(class_folders.read(folder, keep_blank=True).samples) == 1


def test_the_csv_gives_the_pictures_by_usage(tmp_path):
    rows = [csv_row(1, "happy", "Training"), csv_row(2, "neutral", "PublicTest"), csv_row(3, "sad", "PrivateTest")]
    dataset = fer2013_csv.read(write_csv(tmp_path / "fer2013.csv", rows))
    assert [(s.labels["emotion"], s.split, s.row) for s in dataset.samples] == [
        ("happy", "train", 0),
        ("neutral", "valid", 1),
        ("sad", "test", 2),
    ]
    gray = dataset.samples[0].image
    assert gray.shape == (48, 48, 3)
    assert " ".join(map(str, gray[..., 0].ravel())) == rows[0][1]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({0: ""}, "missing label"),
        ({0: "7"}, "unknown label '7'"),
        ({0: "happy"}, "unknown label 'happy'"),
        ({1: "1 2 3"}, "wrong pixel count"),
        ({1: ""}, "wrong pixel count"),
        ({1: " ".join(["x"] * 2304)}, "a pixel is no number"),
        ({1: " ".join(["1e3"] * 2304)}, "a pixel is no number"),
        ({1: " ".join(["9" * 30] * 2304)}, "a pixel is no number"),
        ({1: " ".join(["300"] * 2304)}, "a pixel is out of range"),
        ({1: " ".join(["-1"] * 2304)}, "a pixel is out of range"),
        ({1: " ".join(["128"] * 2304)}, "blank picture"),
        ({2: "Practice"}, "unknown Usage 'Practice'"),
        ({2: ""}, "unknown Usage ''"),
    ],
)
def test_a_bad_csv_row_is_listed_and_the_rest_is_read(tmp_path, change, reason):
    bad = csv_row(1, "happy", "Training")
    for column, value in change.items():
        bad[column] = value
    dataset = fer2013_csv.read(write_csv(tmp_path / "fer2013.csv", [bad, csv_row(2, "sad", "Training")]))
    assert [(one.name, one.reason) for one in dataset.rejected] == [("row 0", reason)]
    assert [sample.row for sample in dataset.samples] == [1]


def test_a_short_csv_row_is_listed(tmp_path):
    dataset = fer2013_csv.read(write_csv(tmp_path / "fer2013.csv", [["3"], csv_row(2, "sad", "Training")]))
    assert [one.reason for one in dataset.rejected] == ["unknown Usage ''"]


def test_a_table_without_its_columns_is_refused_in_one_line(tmp_path):
    with pytest.raises(UnreadableMedia, match="no column pixels"):
        fer2013_csv.read(write_csv(tmp_path / "other.csv", [["1", "2"]], header=("emotion", "colour")))


def test_utkface_names_give_age_sex_and_race(stored):
    dataset = utkface.read(stored(utkface_files(3)))
    assert [dict(s.labels) for s in dataset.samples] == [
        {"age": 10.0, "sex": "male", "race": "white"},
        {"age": 11.0, "sex": "female", "race": "black"},
        {"age": 12.0, "sex": "male", "race": "asian"},
    ]


def test_irregular_utkface_files_are_listed(stored):
    face = encoded(drawn_face(1), ".jpg")
    bad = {
        "61_1_20170109142408075.jpg.chip.jpg": face,
        "24_0_1_20170116220224657 .jpg": face,
        "55_0_0_20170116232725357jpg.chip.jpg": face,
        "30_2_0_20170109142408075.jpg": face,
        "30_1_7_20170109142408075.jpg": face,
        "121_1_0_20170109142408075.jpg": face,
        "30_1_0_20170109142408075.jpg": b"broken",
        "31_1_0_20170109142408075.jpg": BLANK,
    }
    dataset = utkface.read(stored({**bad, **utkface_files(2)}))
    assert len(dataset.samples) == 2
    assert {one.name for one in dataset.rejected} == set(bad)
    assert count_reasons(dataset.rejected) == {
        "irregular name; expected [age]_[sex]_[race]_[time].jpg": 5,
        "age above 120": 1,
        "cannot be decoded": 1,
        "blank picture": 1,
    }


def test_a_tar_that_breaks_off_is_refused_in_one_line(tmp_path):
    whole = write_tar(tmp_path / "whole.tar", utkface_files(5)).read_bytes()
    (tmp_path / "half.tar").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UnreadableMedia, match="half.tar is incomplete"):
        utkface.read(tmp_path / "half.tar")


def test_what_is_neither_folder_nor_tar_is_refused(tmp_path):
    (tmp_path / "set.zip").write_bytes(b"PK")
    with pytest.raises(UnreadableMedia, match="neither a folder nor a tar"):
        class_folders.read(tmp_path / "set.zip")
