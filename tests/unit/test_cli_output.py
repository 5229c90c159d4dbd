"""Output files of `analyze`, and errors in writing them."""

import csv
import io
import json

import pytest
from click.testing import CliRunner
from PIL import Image

from app.cli import cli


@pytest.fixture
def portrait(tmp_path, astronaut):
    Image.fromarray(astronaut).save(tmp_path / "portrait.png")
    return str(tmp_path / "portrait.png")


def invoke(*arguments):
    return CliRunner().invoke(cli, ["analyze", "--crops", *map(str, arguments)])


@pytest.mark.parametrize("option", ["--json", "--csv"])
def test_an_unwritable_output_is_refused_before_the_analysis(option, tmp_path):
    for target in (tmp_path / "no folder" / "out", tmp_path):
        result = invoke("x.jpg", "--models", tmp_path / "unread", option, target)
        assert result.exit_code == 2
        assert str(tmp_path) in result.output
        assert isinstance(result.exception, SystemExit), "one line, no traceback"


def test_a_late_write_error_is_one_line(portrait, models_dir):
    result = invoke(portrait, "--models", models_dir, "--json", "/dev/full")
    assert result.exit_code == 1
    assert "cannot write '/dev/full' (No space left on device)" in result.output


def test_json_and_csv_contain_the_same_faces(portrait, models_dir, tmp_path):
    result = invoke(portrait, "--models", models_dir, "--json", tmp_path / "a.json", "--csv", tmp_path / "a.csv")
    assert result.exit_code == 0
    (record,) = json.loads((tmp_path / "a.json").read_text())
    (row,) = csv.DictReader(io.StringIO((tmp_path / "a.csv").read_text()))
    assert float(row["age_years"]) == record["faces"][0]["age"]["years"]
    assert row["emotion"] == record["faces"][0]["emotion"]["label"]


def test_json_is_printed_without_an_output_file(portrait, models_dir):
    assert json.loads(invoke(portrait, "--models", models_dir).stdout)[0]["path"] == portrait


def test_rows_are_added_to_an_output_from_a_list_on_standard_input(portrait, models_dir, tmp_path):
    out = tmp_path / "out.jsonl"
    options = ["analyze", "--crops", "-", "--models", str(models_dir), "--out", str(out), "--workers", "1"]
    result = CliRunner().invoke(cli, options, input=f"{portrait}\ngone.jpg\n")
    assert result.exit_code == 0
    good, gone = sorted(map(json.loads, out.read_text().splitlines()), key=len, reverse=True)
    assert (good["path"], gone["path"]) == (portrait, "gone.jpg")
    assert "2 files, 1 pictures and frames, 1 faces\nPeople by emotion: " in result.stderr
    assert result.stderr.endswith("\nUnreadable files: missing 1\n")
    assert invoke("gone.jpg", "--models", models_dir, "--out", tmp_path / "none.jsonl").exit_code == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--out", "a.txt"], "unknown suffix; give one of .jsonl, .ndjson, .csv, .parquet"),
        (["--out", "a.csv", "--json", "b.json"], "--out does not go with --json"),
        (["--every", "often"], "'often' is no interval; give one such as 0.5s"),
        (["--out", "a.csv", "--workers", "0"], "0 is not in the range"),
    ],
)
def test_options_that_do_not_work_are_one_line(options, message, portrait, models_dir, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = invoke(portrait, "--models", models_dir, *options)
    assert result.exit_code in (1, 2)
    assert message in result.output
    assert isinstance(result.exception, SystemExit), "no traceback"
