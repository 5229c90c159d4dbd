"""A set is found in every public form and dealt by its own rules."""

from pathlib import Path

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
from training.datasets.catalog import UTKFACE
from training.datasets.demographics import UTKFACE_AND_AAF
from training.datasets.detect_format import detect_format
from training.datasets.fer2013 import FER2013, FER2013_TRAINING_TABLE, MMA
from training.datasets.readers.aaf import LABELS_FILE


def parts(source, path):
    dealt = source.split(source.read(path, False))
    return {split: [sample.name for sample in dealt.part(split)] for split in ("train", "valid", "test")}


def in_form(form, folder, files):
    """The path that a person would give for a set in one of its forms."""
    if form == "tree":
        return write_folder(folder / "tree", files)
    if form == "tar":
        return write_tar(folder / "fer.tar", files)
    if form == "folder of sets":
        return write_folder(folder / "FER2013", files).parent
    return write_tar(folder / "fer.tar", files).parent


@pytest.mark.parametrize("form", ["tree", "tar", "folder of sets", "folder with the tar"])
def test_emotion_folders_are_found_in_every_form(tmp_path, form):
    path = in_form(form, tmp_path, emotion_tree(train=2, test=1))
    dealt = FER2013.split(FER2013.read(path, False))
    assert (len(dealt.train), len(dealt.valid), len(dealt.test)) == (14, 7, 0)


def test_a_lone_test_folder_is_the_split_for_choosing(tmp_path):
    dealt = parts(FER2013, write_folder(tmp_path, emotion_tree(train=1, test=1)))
    assert all("PublicTest" in name for name in dealt["valid"])
    assert dealt["test"] == []


def test_the_csv_has_three_parts_of_its_own(tmp_path):
    rows = [csv_row(n, "happy", usage) for n, usage in enumerate(("Training", "PublicTest", "PrivateTest", "Training"))]
    write_csv(tmp_path / "fer2013.csv", rows)
    assert parts(FER2013, tmp_path) == {"train": ["row 0", "row 3"], "valid": ["row 1"], "test": ["row 2"]}


def test_a_tree_without_parts_is_dealt_by_content(tmp_path):
    files = {name.removeprefix("train/"): content for name, content in emotion_tree(train=20, test=0).items()}
    dealt = parts(FER2013, write_folder(tmp_path, files))
    assert sum(map(len, dealt.values())) == 140
    assert all(dealt.values())


def test_training_learns_nothing_that_an_identical_picture_contradicts_or_another_part_has(tmp_path):
    files = emotion_tree(train=2, test=2)
    happy, fear = files["train/happy/Training_6.png"], files["test/fear/PublicTest_18.png"]
    files |= {"train/sad/Training_90.png": happy, "train/fear/Training_91.png": fear}
    files |= {"train/sad/Training_92.png": files["test/sad/PublicTest_24.png"], "train/sad/Training_93.png": fear}
    dealt = FER2013.split(FER2013.read(write_folder(tmp_path, files), False))
    assert {one.name: one.reason for one in dealt.rejected} == {
        "train/happy/Training_6.png": "identical picture with another emotion",
        "train/sad/Training_90.png": "identical picture with another emotion",
        "train/sad/Training_92.png": "copy of a picture to choose by or to score on",
        "train/fear/Training_91.png": "identical picture with another emotion",
        "train/sad/Training_93.png": "identical picture with another emotion",
    }
    assert {one.split for one in dealt.rejected} == {"train"}
    assert (len(dealt.train), len(dealt.valid)) == (13, 14)


def test_unknown_classes_are_listed(tmp_path):
    files = {**emotion_tree(train=1, test=0), "train/contempt/1.png": emotion_tree(1, 0)["train/happy/Training_3.png"]}
    dataset = FER2013.read(write_folder(tmp_path, files), False)
    assert [(one.name, one.reason) for one in dataset.rejected] == [
        ("train/contempt/1.png", "unknown emotion 'contempt'")
    ]


def test_votes_are_joined_by_row_and_listed_training_rows_left_out(tmp_path):
    files = emotion_tree(train=1, test=1)
    names = "neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF"
    tables = {
        "ferplus_votes.csv": f"row,{names}\n0,5,0,0,0,5,0,0,0,0,0\n1,0,0,0,0,0,0,0,0,0,0\n".encode(),
        "training_rows_to_drop.csv": b"row,reason,correlation\n2,blank image,\n9,copy,\n",
    }
    dataset = FER2013.read(write_folder(tmp_path, {**files, **tables}), False)
    by_row = {sample.row: sample for sample in dataset.samples}
    np.testing.assert_allclose(by_row[0].votes, [0.5, 0, 0, 0, 0.5, 0, 0, 0, 0, 0])
    assert by_row[1].votes is None, "nobody voted"
    assert 2 not in by_row
    assert 9 in by_row, "row 9 is an evaluation picture, which the list does not speak of"
    assert "blank image" in dataset.rejected[0].reason


def test_utkface_is_found_as_folder_tar_and_set(tmp_path):
    files = utkface_files(30)
    forms = [
        write_folder(tmp_path / "a", files),
        write_tar(tmp_path / "b.tar.gz", files),
        write_folder(tmp_path / "sets" / "UTKFace", files).parent,
    ]
    dealt = [parts(UTKFACE, form) for form in forms]
    assert {name: sorted(found) for name, found in dealt[0].items()} == {
        name: sorted(found) for name, found in dealt[1].items()
    }
    assert dealt[0] == dealt[2]


def test_a_missing_set_and_a_choice_of_tars_are_one_line(tmp_path):
    with pytest.raises(UnreadableMedia, match="there is no .*nowhere"):
        FER2013.read(tmp_path / "nowhere", False)
    write_tar(tmp_path / "a.tar", {})
    write_tar(tmp_path / "b.tar", {})
    with pytest.raises(UnreadableMedia, match=r"a\.tar, b\.tar; name one"):
        UTKFACE.read(tmp_path, False)


def test_all_age_faces_beside_utkface_are_learnt_from_too(tmp_path):
    write_folder(tmp_path / "utkface", utkface_files(20))
    write_folder(tmp_path / "aaf", {name: content for name, content in emotion_tree(2, 0).items()})
    names = [Path(name).name for name in emotion_tree(2, 0)]
    rows = [f"{name},{20 + index},female" for index, name in enumerate(names)]
    (tmp_path / "aaf" / LABELS_FILE).write_text("\n".join(["file,age,sex", *rows]))
    both = UTKFACE_AND_AAF.split(UTKFACE_AND_AAF.read(tmp_path, False))
    alone = UTKFACE.split(UTKFACE.read(tmp_path / "utkface", False))
    own = [sample.name for sample in both.test if sample.name.startswith("UTKFace/")]
    assert own == [f"UTKFace/{sample.name}" for sample in alone.test], "what UTKFace is scored on was not learnt from"
    assert sum(len(both.part(split)) for split in ("train", "valid", "test")) == 34
    assert {"race" in sample.labels for sample in both.train if "All-Age" in sample.name} == {False}
    assert len(UTKFACE_AND_AAF.read(tmp_path / "utkface", False).samples) == 20


def test_the_training_table_has_no_parts_and_its_own_protocol(tmp_path):
    rows = [csv_row(n, "happy", "")[:2] for n in range(40)]
    names = "neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF"
    write_folder(tmp_path, {"ferplus_votes.csv": f"row,{names}\n3,5,5,0,0,0,0,0,0,0,0\n".encode()})
    write_folder(tmp_path, {"training_rows_to_drop.csv": b"row,reason\n5,copy\n"})
    write_csv(tmp_path / "train.csv", rows, ("emotion", "pixels"))
    source = detect_format(tmp_path)
    assert source is detect_format(tmp_path / "train.csv") is FER2013_TRAINING_TABLE
    dataset = FER2013.read(tmp_path, False)
    assert [sample.row for sample in dataset.samples if sample.votes is not None] == [3]
    assert [one.reason for one in dataset.rejected] == ["listed in training_rows_to_drop.csv: copy"]
    dealt = parts(FER2013, tmp_path)
    assert sum(map(len, dealt.values())) == 39
    assert all(dealt.values())
    assert "cannot be compared with those on PublicTest" in source.protocol


@pytest.mark.parametrize("form", ["inside", "itself", "tar"])
def test_mma_folders_have_their_own_name(tmp_path, form):
    files = {
        f"MMAFEDB/{part}/{emotion}/{number}Exp0{emotion}_actor_{number}.jpg": encoded(drawn_face(number), ".jpg")
        for number, (part, emotion) in enumerate(
            (part, emotion) for part in ("train", "valid", "test") for emotion in ("angry", "fearful")
        )
    }
    path = write_tar(tmp_path / "mma.tar", files) if form == "tar" else write_folder(tmp_path / "archive", files)
    path = path / "MMAFEDB" if form == "itself" else path
    source = detect_format(path)
    assert source is FER2013.at(path) is MMA
    assert "MMA Facial Expression states no licence" in source.card_entry["terms"]
    dataset = source.read(path, False)
    assert {(one.labels["emotion"], one.split) for one in dataset.samples} == {
        (emotion, part) for emotion in ("angry", "fear") for part in ("train", "valid", "test")
    }
    assert {sample.row for sample in dataset.samples} == {None}, "its numbers are no rows of FER2013"


def test_a_test_folder_of_both_usages_is_split_by_them(tmp_path):
    files = emotion_tree(train=1, test=1)
    private = {name.replace("PublicTest", "PrivateTest"): encoded(drawn_face(70 + n)) for n, name in enumerate(files)}
    mixed = {**files, **{name: content for name, content in private.items() if "PrivateTest" in name}}
    dealt = parts(FER2013, write_folder(tmp_path, mixed))
    assert [len(dealt[part]) for part in ("train", "valid", "test")] == [7, 7, 7]
    assert all("PublicTest" in name for name in dealt["valid"])
    assert all("PrivateTest" in name for name in dealt["test"])


def test_votes_that_join_no_picture_are_one_line(tmp_path):
    names = "neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF"
    votes = {"ferplus_votes.csv": f"row,{names}\n3,5,5,0,0,0,0,0,0,0,0\n".encode()}
    files = {f"train/happy/im{n}.png": encoded(drawn_face(n)) for n in range(4)}
    dataset = FER2013.read(write_folder(tmp_path / "a", {**votes, **files}), False)
    assert len(dataset.samples) == 4
    assert [one.name for one in dataset.rejected] == ["ferplus_votes.csv"]
    assert dataset.rejected[0].reason.startswith("none of its votes could be joined")
    joined = FER2013.read(write_folder(tmp_path / "b", {**votes, **emotion_tree(train=1, test=0)}), False)
    assert not joined.rejected
