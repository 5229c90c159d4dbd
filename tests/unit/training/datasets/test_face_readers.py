"""Readers of ages, votes and landmarks, in every public form and with every kind of bad row or file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest

from app.errors import UnreadableMedia
from tests.support.training import drawn_face, emotion_tree, encoded, write_folder, write_tar
from training.datasets.catalog import AAF, LANDMARKS, UTKFACE
from training.datasets.dataset_spec import DatasetSpec
from training.datasets.detect_format import detect_format
from training.datasets.fer2013 import FER2013
from training.datasets.readers import aaf, ferplus, kaggle_keypoints, ytf68
from training.samples import landmark_points
from training.samples.sample import count_reasons

SETS = Path(__file__).resolve().parents[5] / "shared" / "data"
BLANK = encoded(np.full((48, 48, 3), 128, np.uint8))
CHOICES = "neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF"

Writer = Callable[[Mapping[str, bytes]], Path]


@pytest.fixture(params=["folder", "set.tar", "set.tar.gz"])
def stored(request: pytest.FixtureRequest, tmp_path: Path) -> Writer:
    """Writes files in each form that a set of pictures comes in."""
    if request.param == "folder":
        return lambda files: write_folder(tmp_path / "set", files)
    return lambda files: write_tar(tmp_path / request.param, files)


def face(seed: int) -> bytes:
    return encoded(drawn_face(seed))


def test_aaf_gives_ages_sexes_and_points(stored: Writer, tmp_path: Path) -> None:
    path = stored({"00000A02.png": face(1), "00001A80.png": face(2)})
    (tmp_path / aaf.LABELS_FILE).write_text("file,age,sex\n00000A02.png,2,female\n00001A80.png, 80 ,Male\n")
    marks = np.random.default_rng(1).uniform(0, 48, (1, 49, 2)).astype(np.float32)
    np.savez(tmp_path / aaf.POINTS_FILE, name=["00001A80.png"], keypoints=marks)
    first, second = AAF.read(path, False).samples
    assert (first.labels, first.points) == ({"age": 2.0, "sex": "female"}, None)
    assert second.labels == {"age": 80.0, "sex": "male"}
    assert np.array_equal(second.points, landmark_points.landmarks_from_ibug(marks[0], landmark_points.IBUG_49))


def test_aaf_lists_every_bad_row_and_file(stored: Writer, tmp_path: Path) -> None:
    good = [f"{name}.png" for name in ("good", "no_age", "no_sex", "odd_sex", "odd_age", "old", "twice", "unlisted")]
    files = {name: face(seed) for seed, name in enumerate(good)}
    path = stored({**files, "broken.png": face(9)[:50], "blank.png": BLANK})
    rows = """file,age,sex
good.png,3,female
good.png,3,female
no_age.png,,male
no_sex.png,4
odd_sex.png,4,1
odd_age.png,four,male
old.png,200,male
twice.png,4,male
twice.png,5,male
broken.png,4,male
blank.png,4,male
gone.png,4,male
"""
    (tmp_path / "labels.csv").write_text(rows)
    dataset = aaf.read(path, tmp_path / "labels.csv")
    assert [sample.name for sample in dataset.samples] == ["good.png"]
    assert {one.name: one.reason for one in dataset.rejected} == {
        "no_age.png": "missing label",
        "no_sex.png": "missing label",
        "unlisted.png": "missing label",
        "odd_sex.png": "unknown sex '1'",
        "odd_age.png": "unknown age 'four'",
        "old.png": "unknown age '200'",
        "twice.png": "labelled twice, differently",
        "broken.png": "cannot be decoded",
        "blank.png": "blank picture",
        "gone.png": "labelled, but there is no such picture",
    }
    assert len(aaf.read(path, tmp_path / "labels.csv", keep_blank=True).samples) == 2


def test_aaf_without_its_labels_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(UnreadableMedia, match=r"there is no aaf_labels.csv beside .*; put it there"):
        AAF.read(write_folder(tmp_path / "set", {"a.png": face(1)}), False)
    (tmp_path / aaf.LABELS_FILE).write_text("name,years\n")
    with pytest.raises(UnreadableMedia, match="has no column file, age, sex; expected file,age,sex"):
        AAF.read(tmp_path / "set", False)


def marked(names: list[str], persons: list[str], file: Path) -> np.ndarray:
    """Writes random points of faces in the form of ytf68."""
    marks = np.random.default_rng(2).uniform(0, 48, (len(names), 68, 2)).astype(np.float32)
    np.savez(file, name=names, person=persons, keypoints=marks)
    return marks


def test_ytf68_gives_points_and_persons(stored: Writer, tmp_path: Path) -> None:
    path = stored({"a_1.png": face(1), "a_2.png": face(2)})
    marks = marked(["a_2.png", "a_1.png"], ["a", "a"], tmp_path / ytf68.POINTS_FILE)
    first, _ = LANDMARKS.read(path, False).samples
    assert (first.name, first.labels) == ("a_1.png", {"person": "a"})
    offset = landmark_points.landmarks_from_ibug(marks[1]) - first.points
    np.testing.assert_allclose(offset, np.broadcast_to((ytf68.LANDMARK_OFFSET_X_PX, 0), offset.shape), atol=1e-4)


def test_ytf68_lists_every_bad_row_and_file(tmp_path: Path) -> None:
    names = ["good.png", "broken.png", "blank.png", "gone.png", "nobody.png", "lost.png"]
    files = {name: face(seed) for seed, name in enumerate(names)}
    del files["gone.png"]
    path = write_folder(tmp_path / "set", {**files, "broken.png": b"", "blank.png": BLANK, "unmarked.png": face(8)})
    persons = ["a", "a", "b", "b", "", "c"]
    marks = marked(names, persons, tmp_path / "points.npz")
    marks[0, 30], marks[5] = np.nan, np.nan
    np.savez(tmp_path / "points.npz", name=names, person=persons, keypoints=marks)
    dataset = ytf68.read(path, tmp_path / "points.npz")
    assert [sample.name for sample in dataset.samples] == ["good.png"]
    unknown = np.isnan(dataset.samples[0].points).any(1)
    assert [landmark_points.LANDMARK_NAMES[index] for index in np.flatnonzero(unknown)] == ["nose_tip"]
    assert {one.name: one.reason for one in dataset.rejected} == {
        "broken.png": "cannot be decoded",
        "blank.png": "blank picture",
        "gone.png": "marked, but there is no such picture",
        "nobody.png": "missing person",
        "lost.png": "missing keypoints",
        "unmarked.png": "missing keypoints",
    }


@pytest.mark.parametrize("content", [b"", b"no archive", None])
def test_damaged_points_are_one_line(tmp_path: Path, content: bytes | None) -> None:
    path = write_folder(tmp_path / "set", {"a.png": face(1)})
    file = tmp_path / ytf68.POINTS_FILE
    if content is None:
        np.savez(file, name=["a.png"], person=["a"], keypoints=np.zeros((1, 5, 2)))
    else:
        file.write_bytes(content)
    with pytest.raises(UnreadableMedia, match=r"ytf68_keypoints.npz (cannot be read|has keypoints \(1, 5, 2\))"):
        LANDMARKS.read(path, False)


def test_nobody_is_in_two_parts(tmp_path: Path) -> None:
    names = [f"p{person}_{still}.png" for person in range(40) for still in range(3)]
    path = write_folder(tmp_path / "set", {name: face(seed) for seed, name in enumerate(names)})
    (path / "copy.png").write_bytes(face(0))
    marked([*names, "copy.png"], [*(name.split("_")[0] for name in names), "p39"], tmp_path / ytf68.POINTS_FILE)
    dealt = LANDMARKS.split(LANDMARKS.read(path, False))
    parts = [{sample.labels["person"] for sample in part} for part in (dealt.train, dealt.valid, dealt.test)]
    assert sum(len(part) for part in parts) == len(set.union(*parts)) == 40
    assert all(parts)
    assert count_reasons(dealt.rejected) == {"copy of another picture": 1}


def keypoints_table(file: Path, *rows: Mapping[str, str], columns: tuple[str, ...] = kaggle_keypoints.COLUMNS) -> Path:
    """Kaggle's table; every row is sound but for what is given."""
    tones = np.random.default_rng(4).integers(0, 256, 96 * 96)
    sound = {**{name: str(index) for index, name in enumerate(columns)}, "Image": " ".join(map(str, tones))}
    lines = [",".join({**sound, **row}.values()) for row in rows]
    file.write_text("\n".join([",".join(sound), *lines]) + "\n")
    return file


def test_kaggle_keypoints_are_read_by_column_name(tmp_path: Path) -> None:
    table = keypoints_table(tmp_path / "training.csv", {}, columns=kaggle_keypoints.COLUMNS[::-1])
    for path in (table, tmp_path):
        (sample,) = LANDMARKS.read(path, False).samples
        assert np.array_equal(sample.points, np.arange(29, -1, -1).reshape(15, 2))
        assert sample.image.shape == (96, 96, 3)


def test_kaggle_keypoints_of_two_files_are_read_row_by_row(tmp_path: Path) -> None:
    levels = np.random.default_rng(1).integers(0, 256, (96, 96, 3)).astype(float)
    np.savez(tmp_path / kaggle_keypoints.IMAGES_FILE, face_images=levels)
    rows = [[*map(str, range(row, row + 30))] for row in range(4)]
    rows[1][20:22] = "", ""
    table = tmp_path / kaggle_keypoints.POINTS_TABLE
    table.write_text("\n".join(",".join(row) for row in (kaggle_keypoints.COLUMNS, *rows)) + "\n")
    assert detect_format(tmp_path) is LANDMARKS
    dataset = LANDMARKS.read(tmp_path, False)
    assert len(dataset.samples) == 3
    np.testing.assert_array_equal(dataset.samples[2].image[..., 0], levels[..., 2])
    assert dataset.samples[2].points[0].tolist() == [2, 3]
    assert np.isnan(dataset.samples[1].points[10]).all()
    assert [one.reason for one in dataset.rejected] == ["there is no such picture in face_images.npz"]
    assert len(LANDMARKS.inputs(tmp_path)) == 2, "a change of either is noticed"
    np.savez(tmp_path / kaggle_keypoints.IMAGES_FILE, face_images=levels[:50])
    with pytest.raises(UnreadableMedia, match=r"face_images of \(50, 96, 3\); expected \(96, 96, pictures\)"):
        LANDMARKS.read(tmp_path, False)
    (tmp_path / kaggle_keypoints.IMAGES_FILE).write_bytes(b"no archive")
    with pytest.raises(UnreadableMedia, match="cannot be read"):
        LANDMARKS.read(tmp_path, False)


def test_kaggle_keypoints_list_every_bad_row(tmp_path: Path) -> None:
    table = keypoints_table(
        tmp_path / "training.csv",
        dict.fromkeys(kaggle_keypoints.COLUMNS, ""),
        dict.fromkeys(kaggle_keypoints.COLUMNS, "nan"),
        {"nose_tip_x": "left"},
        {"Image": "1 2 3"},
        {"Image": ""},
        {"Image": " ".join(["x"] * 9216)},
        {"Image": " ".join(["256"] * 9216)},
        {"Image": " ".join(["9"] * 9216)},
        {},
    )
    with table.open("a") as file:
        file.write("3.5,4\n")
    dataset = kaggle_keypoints.read(table)
    assert [sample.row for sample in dataset.samples] == [8]
    assert [one.reason for one in dataset.rejected] == [
        "missing keypoints",
        "missing keypoints",
        "a keypoint is no number",
        "wrong pixel count",
        "wrong pixel count",
        "a pixel is no number",
        "a pixel is out of range",
        "blank picture",
        "wrong pixel count",
    ]


def test_a_keypoint_without_one_of_its_numbers_is_unknown_and_the_others_stay(tmp_path: Path) -> None:
    table = keypoints_table(tmp_path / "training.csv", {"nose_tip_x": "", "mouth_left_corner_y": "nan"})
    (sample,) = kaggle_keypoints.read(table).samples
    unknown = [landmark_points.LANDMARK_NAMES.index(name) for name in ("nose_tip", "mouth_left_corner")]
    expected = np.arange(30, dtype=np.float32).reshape(15, 2)
    expected[unknown] = np.nan
    np.testing.assert_array_equal(sample.points, expected)
    assert not sample.has_all_landmarks


def test_a_keypoints_table_without_a_column_is_one_line(tmp_path: Path) -> None:
    table = keypoints_table(tmp_path / "training.csv", columns=kaggle_keypoints.COLUMNS[:-1])
    with pytest.raises(UnreadableMedia, match="has no column mouth_center_bottom_lip_y"):
        kaggle_keypoints.read(table)


@pytest.mark.parametrize("head", [f"row,{CHOICES}", f"Usage,Image name,{CHOICES}"])
def test_votes_come_in_two_forms(tmp_path: Path, head: str) -> None:
    start = ["0,", "1,", "2,"] if head.startswith("row") else ["Training,fer0.png,", "Training,,", "PublicTest,a,"]
    cells = ["5,5,0,0,0,0,0,0,0,0", "0,0,0,0,0,0,0,0,0,0", "0,0,0,0,0,0,0,x,0,1"]
    file = tmp_path / "votes.csv"
    file.write_text("\n".join([head, *(a + b for a, b in zip(start, cells, strict=True))]) + "\n")
    votes = ferplus.read(file)
    assert {row: fractions.tolist() for row, fractions in votes.fractions.items()} == {0: [0.5, 0.5] + [0.0] * 8}
    assert [(one.name, one.reason) for one in votes.rejected] == [
        ("votes.csv row 1", "nobody voted"),
        ("votes.csv row 2", "a vote is missing or no number"),
    ]


@pytest.mark.parametrize(("file", "start"), [("ferplus_votes.csv", "0"), ("fer2013new.csv", "Training,fer0.png")])
def test_votes_beside_fer2013_are_joined_and_bad_ones_listed(tmp_path: Path, file: str, start: str) -> None:
    columns = "row" if start == "0" else "Usage,Image name"
    bad = start.replace("0", "1")
    write_folder(tmp_path, emotion_tree())
    (tmp_path / file).write_text(f"{columns},{CHOICES}\n{start},0,4,4,0,0,0,0,0,0,0\n{bad},,,\n")
    dataset = FER2013.read(tmp_path, False)
    voted = {sample.row: sample.votes.tolist() for sample in dataset.samples if sample.votes is not None}
    assert voted == {0: [0, 0.5, 0.5] + [0.0] * 7}
    assert [(one.name, one.reason) for one in dataset.rejected] == [(f"{file} row 1", "a vote is missing or no number")]


def test_a_vote_without_its_row_is_listed(tmp_path: Path) -> None:
    file = tmp_path / "votes.csv"
    file.write_text(f"row,{CHOICES}\n7,1,0,0,0,0,0,0,0,0,0\n,1,0,0,0,0,0,0,0,0,0\n8,1\n")
    votes = ferplus.read(file)
    assert list(votes.fractions) == [7]
    assert len(votes.rejected) == 2


def test_left_and_right_are_the_subjects_own() -> None:
    ibug = np.stack([np.arange(68.0), np.zeros(68)], -1)
    fifteen = dict(zip(landmark_points.LANDMARK_NAMES, landmark_points.landmarks_from_ibug(ibug)[:, 0], strict=True))
    # In iBUG's order the subject's right side, which is left in the picture, comes first.
    assert (fifteen["right_eye_center"], fifteen["left_eye_center"]) == (38.5, 44.5)
    assert (fifteen["right_eyebrow_outer_end"], fifteen["left_eyebrow_outer_end"]) == (17, 26)
    assert (fifteen["mouth_right_corner"], fifteen["mouth_left_corner"], fifteen["nose_tip"]) == (48, 54, 30)


def test_a_mirror_exchanges_left_and_right() -> None:
    mirrored = {
        name: landmark_points.LANDMARK_NAMES[landmark_points.MIRRORED_ORDER[index]]
        for index, name in enumerate(landmark_points.LANDMARK_NAMES)
    }
    assert mirrored["left_eye_inner_corner"] == "right_eye_inner_corner"
    assert mirrored["mouth_right_corner"] == "mouth_left_corner"
    assert [name for name, other in mirrored.items() if name == other] == [
        "nose_tip",
        "mouth_center_top_lip",
        "mouth_center_bottom_lip",
    ]


def test_forty_nine_points_give_the_same_fifteen() -> None:
    ibug = np.random.default_rng(5).random((3, 68, 2))
    known = ibug[:, list(landmark_points.IBUG_49)]
    assert known.shape[1] == 49
    assert np.array_equal(
        landmark_points.landmarks_from_ibug(known, landmark_points.IBUG_49), landmark_points.landmarks_from_ibug(ibug)
    )


@pytest.mark.parametrize(
    ("about", "folder", "files", "reason", "bad"),
    [
        pytest.param(
            *(UTKFACE, "utkface", 21_337, "irregular name; expected [age]_[sex]_[race]_[time].jpg", 5),
            marks=pytest.mark.soak,
        ),
        (AAF, "aaf", 10_137, "missing label", 0),
        (LANDMARKS, "ytf68", 3_751, "missing keypoints", 0),
        pytest.param(FER2013, "fer2013", 32_298, "blank picture", 13, marks=pytest.mark.soak),
    ],
    ids=["utkface", "aaf", "ytf68", "fer2013"],
)
def test_the_real_sets_are_read_whole(about: DatasetSpec, folder: str, files: int, reason: str, bad: int) -> None:
    if not (SETS / folder).is_dir():
        pytest.skip(f"no {SETS / folder}: the real set is not read here")
    dataset = about.read(SETS / folder, False)
    assert len(dataset.samples) + len(dataset.rejected) == files
    assert count_reasons(dataset.rejected).get(reason, 0) == bad
