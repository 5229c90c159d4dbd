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
