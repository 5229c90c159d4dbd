"""The reader of whole pictures with boxes: every form, every kind of bad row, nothing lost in silence."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from app.errors import UnreadableMedia
from training.datasets.readers.scenes import read_scenes

HEAD = "file,x1,y1,x2,y2,ignore\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    for name in ("two.jpg", "none.jpg", "unnamed.jpg"):
        cv2.imwrite(str(pictures / name), np.full((60, 80, 3), 90, np.uint8))
    (pictures / "broken.jpg").write_bytes(b"no picture")
    return pictures


def table(folder: Path, text: str, name: str = "boxes.csv", head: str = HEAD) -> Path:
    file = folder.parent / name
    file.write_text(head + text)
    return file


def test_faces_doubtful_faces_and_pictures_without_any(folder: Path) -> None:
    found = read_scenes(folder, table(folder, "two.jpg,1,2,11,22,0\ntwo.jpg,30,5,50,25,1\nnone.jpg,,,,,0\n"))
    scenes = {scene.name: scene for scene in found.scenes}
    assert scenes["two.jpg"].boxes.tolist() == [[1, 2, 11, 22], [30, 5, 50, 25]]
    assert scenes["two.jpg"].ignore.tolist() == [False, True]
    assert scenes["none.jpg"].boxes.shape == (0, 4)
    assert scenes["none.jpg"].image.shape == (60, 80, 3)


def test_points_are_found_by_their_box(folder: Path) -> None:
    marks = table(
        folder,
        "two.jpg,1.0,2.0,11.0,22.0,3,4,8,4,5,9,4,15,8,15\n",
        "points.csv",
        "file,x1,y1,x2,y2,lex,ley,rex,rey,nx,ny,lmx,lmy,rmx,rmy\n",
    )
    boxes = table(folder, "two.jpg,1,2,11,22,0\ntwo.jpg,30,5,50,25,0\n")
    points = next(scene for scene in read_scenes(folder, boxes, marks).scenes if scene.name == "two.jpg").points
    assert points[0].tolist() == [[3, 4], [8, 4], [5, 9], [4, 15], [8, 15]]
    assert np.isnan(points[1]).all()


def test_every_bad_row_and_file_is_listed(folder: Path) -> None:
    rows = "two.jpg,1,2,x,22,0\ntwo.jpg,9,2,1,22,0\n,1,2,3,4,0\ntwo.jpg,1,2\nlost.jpg,1,2,3,4,0\nbroken.jpg,1,2,3,4,0\n"
    found = read_scenes(folder, table(folder, rows + "two.jpg,1,2,11,22,0\n"))
    assert [scene.name for scene in found.scenes] == ["two.jpg"]
    count_reasons = sorted(one.reason for one in found.rejected)
    assert count_reasons == sorted([
        "a corner is no number", "a corner is no number", "the box has no area", "no file", "cannot be decoded",
        "in no row of the table of boxes", "in no row of the table of boxes",
        "has boxes, but there is no such picture",
    ])  # fmt: skip


def test_a_table_without_its_columns_is_refused(folder: Path) -> None:
    with pytest.raises(UnreadableMedia, match="has no column ignore"):
        read_scenes(folder, table(folder, "", head="file,x1,y1,x2,y2\n"))
