"""The search in large images is scored on close-ups and small faces."""

import json

import cv2
import numpy as np
import pytest
from click.testing import CliRunner

from app.domain import Box, Face
from app.paths import ASSETS
from app.vision.capture.image_file import read_image
from tests.support.training import encoded, write_csv, write_folder, write_tar
from training.cli.main import main
from training.evaluation.close_ups import PORTRAIT_SIDES_PX, Picture, _count

FACE = (183, 120, 353, 333)  # of the portrait below, which has 512 x 600 pixels


@pytest.fixture(scope="module")
def portrait():
    return read_image(ASSETS / "portraits" / "grace_hopper.jpg")


def test_boxes_are_counted_by_what_they_lie_on():
    image, twice = np.zeros((100, 100, 3), np.uint8), np.ones(2, bool)
    boxes = np.array([(10, 10, 30, 30), (60, 60, 90, 90)])
    found = {"one": [Face(Box(10, 10, 30, 30), 0.9), Face(Box(0, 80, 10, 90), 0.8)], "none": []}
    searches = {name: lambda _, faces=faces: faces for name, faces in found.items()}
    known = Picture(image, boxes, twice)
    ignored = Picture(image, boxes, np.array([False, True]))
    close_up = Picture(image, None, np.ones(1, bool))
    expected = {"pictures": 1, "faces": 2, "found_one": 1, "false_one": 1, "found_none": 0, "false_none": 0}
    assert _count(searches, iter([known])) == expected
    assert _count(searches, iter([ignored])) == expected | {"faces": 1, "found_one": 0}
    assert _count(searches, iter([close_up])) == expected | {"faces": 1}


def test_the_command_counts_faces_and_false_boxes_of_every_search(tmp_path, portrait):
    side = 251  # what All-Age-Faces shows around this face
    crop = portrait[101 : 101 + side, 143 : 143 + side]
    write_tar(tmp_path / "portraits.tar", {"1.png": encoded(cv2.resize(crop, (128, 128)))})
    small = np.full((256, 320, 3), 118, np.uint8)
    small[100:140, 200:234] = cv2.resize(portrait, (34, 40), interpolation=cv2.INTER_AREA)
    names = {f"hays_{number}.png": encoded(small if number % 2 else small[:90]) for number in range(60)}
    write_folder(tmp_path / "scenes", names)
    left, top, right, bottom = (value * 34 / 512 for value in FACE)
    face = (200 + left, 100 + top, 200 + right, 100 + bottom, 0)
    rows = [(name, *(face if number % 2 else ("",) * 5)) for number, name in enumerate(names)]
    write_csv(tmp_path / "scenes.csv", rows, ("file", "x1", "y1", "x2", "y2", "ignore"))
    close_up, written = tmp_path / "close_up.png", tmp_path / "figures.json"
    close_up.write_bytes(encoded(portrait))
    ended = CliRunner().invoke(
        main,
        [
            *("evaluate", "close-ups", "--data", str(tmp_path / "scenes"), "--boxes", str(tmp_path / "scenes.csv")),
            *("--portraits", str(tmp_path / "portraits.tar"), "--json", str(written), str(close_up)),
        ],
    )
    assert ended.exit_code == 0, ended.output
    figures = json.loads(written.read_text())
    kinds = ["close-ups", *(f"portraits of {side} px" for side in PORTRAIT_SIDES_PX), "small faces", "other faces"]
    assert list(figures) == kinds
    for kind in kinds[:-2]:
        assert (figures[kind]["faces"], figures[kind]["found_served"], figures[kind]["false_served"]) == (1, 1, 0), kind
    small_faces = figures["small faces"]
    assert 0 < small_faces["faces"] < small_faces["pictures"]
    assert small_faces["found_served"] == small_faces["faces"]
    assert figures["other faces"]["faces"] == 0
    assert "served" in ended.output
