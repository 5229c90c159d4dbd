"""`explore` counts a data set, finds duplicates and conflicts, balances classes and writes its report."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from tests.support.report_page import ReportPage
from tests.support.training import drawn_face, emotion_tree, encoded, utkface_files, write_folder
from training.cli.main import main
from training.datasets.readers import ytf68
from training.reports.explore import BALANCE, FIGURES
from training.reports.render import PAGE


def run(*arguments: object) -> str:
    result = CliRunner().invoke(main, ["explore", *map(str, arguments)])
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture
def utkface(tmp_path: Path) -> Path:
    """Forty valid images, two copies (one of another age) and two bad files."""
    files = utkface_files(40)
    first, second = list(files)[:2]
    files["77_0_0_20170119.jpg.chip.jpg"] = files[first]
    files[second.replace("2017", "2018")] = files[second]
    return write_folder(tmp_path / "UTK", {**files, "39_1_20170116174525125.jpg": b"x", "5_0_0_2017.jpg": b"broken"})


def test_a_set_is_counted_with_its_copies_and_conflicts(utkface: Path, tmp_path: Path) -> None:
    output = run(utkface, "--out", tmp_path / "out")
    assert "UTKFace: 42 pictures, 2 left out" in output
    assert "2 groups of identical pictures, 1 with other labels" in output
    figures = json.loads((tmp_path / "out" / FIGURES).read_text())
    assert figures["counts"]["sex"] == {"male": 21, "female": 21}
    assert figures["age"]["decades"]["70-79"] == 1
    assert sum(figures["age"]["years"].values()) == 42
    assert figures["race_by_sex"]["white"] == {"male": 5, "female": 4}
    assert figures["duplicates"]["conflicting_groups"] == {"age": 1}
    assert [one["age"] for one in figures["duplicates"]["conflicts"][0]] == [10.0, 77.0]
    assert {one["name"] for one in figures["rejected"]["listed"]} == {"39_1_20170116174525125.jpg", "5_0_0_2017.jpg"}
    assert sum(figures["dealt_parts"].values()) == 39
    assert figures["balance"] is None
    assert not (tmp_path / "out" / BALANCE).exists()


def test_balancing_shows_before_and_after_and_weights(utkface: Path, tmp_path: Path) -> None:
    run(utkface, "--out", tmp_path, "--balance", "race")
    figures = json.loads((tmp_path / FIGURES).read_text())["balance"]
    assert figures["before"] == {"white": 9, "black": 9, "asian": 8, "indian": 8, "other": 8}
    assert set(figures["after"].values()) == {8}
    assert figures["weights"]["asian"] == pytest.approx(42 / 5 / 8)
    assert sum(figures["others_after"]["sex"].values()) == figures["kept"] == 40
    with (tmp_path / BALANCE).open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert sum(int(row["kept"]) for row in rows) == 40
    assert sum(float(row["weight"]) for row in rows) == pytest.approx(42, rel=1e-4)
    page = (tmp_path / PAGE).read_text()
    assert "after undersampling by race: 40" in page
    assert "9 → <b>8</b>" in page


def test_chosen_classes_of_two_attributes_are_balanced_together(utkface: Path, tmp_path: Path) -> None:
    run(utkface, "--out", tmp_path, "--balance", "race=white,black", "--balance", "sex")
    balance = json.loads((tmp_path / FIGURES).read_text())["balance"]
    assert balance["attribute"] == "race and sex"
    assert list(balance["before"]) == ["white, male", "white, female", "black, male", "black, female"]
    assert len(set(balance["after"].values())) == 1
    with (tmp_path / BALANCE).open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 42
    left_out = [row for row in rows if not row["class"]]
    assert len(left_out) == 42 - sum(balance["before"].values())
    assert {(row["kept"], row["weight"]) for row in left_out} == {("0", "0")}


def test_the_report_shows_every_class_and_what_was_rejected(utkface: Path, tmp_path: Path) -> None:
    run(utkface, "--out", tmp_path)
    page = ReportPage((tmp_path / PAGE).read_text())
    assert len([text for text in page.images if text.startswith("mean face of")]) == 2 + 5 + 5, "sexes, races, decades"
    assert "age 10 or 77" in page.text
    assert "irregular name; expected" in page.text


def test_landmarks_are_drawn_and_persons_counted(tmp_path: Path) -> None:
    path = write_folder(tmp_path / "set", {f"{i}.png": encoded(drawn_face(i)) for i in range(6)})
    points = np.random.default_rng(1).uniform(0, 48, (6, 68, 2))
    points[2, 30], points[3] = np.nan, np.nan
    names, persons = [f"{i}.png" for i in range(6)], list("aabbcc")
    np.savez(tmp_path / ytf68.POINTS_FILE, name=names, person=persons, keypoints=points)
    assert "1 missing keypoints" in run(path, "--out", tmp_path / "out")
    figures = json.loads((tmp_path / "out" / FIGURES).read_text())
    assert (figures["persons"], figures["with_points"], figures["age"]) == (3, 5, None)
    assert "4 of 5 images have all fifteen landmarks, 1 has fewer." in (tmp_path / "out" / PAGE).read_text()


def test_an_emotion_set_is_shown_by_emotion(tmp_path: Path) -> None:
    run(write_folder(tmp_path / "set", emotion_tree()), "--out", tmp_path, "--balance", "emotion")
    figures = json.loads((tmp_path / FIGURES).read_text())
    assert set(figures["counts"]["emotion"].values()) == {5}
    assert figures["named_parts"] == {"train": 21, "test": 14}


def test_a_missing_attribute_is_one_line(tmp_path: Path) -> None:
    tree = write_folder(tmp_path / "set", emotion_tree())
    result = CliRunner().invoke(main, ["explore", str(tree), "--out", str(tmp_path / "out"), "--balance", "age"])
    assert result.exit_code == 1
    assert result.output == "Error: this set has no age to balance by; it has emotion\n"


def test_a_set_without_a_usable_picture_is_one_line(tmp_path: Path) -> None:
    tree = write_folder(tmp_path / "set", {"train/happy/1.png": b"broken"})
    result = CliRunner().invoke(main, ["explore", str(tree), "--out", str(tmp_path / "out")])
    assert result.exit_code == 1
    assert "no picture can be used (1 rejected)" in result.output
