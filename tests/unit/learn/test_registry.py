"""Requests of the page: parameters are checked, pictures are read, a picture without a face is no error."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from app.cli import cli
from app.errors import InvalidRequest, UnreadableMedia
from app.learn.base.parameters import Choice, Flag, Range, Text, parse_choices
from app.learn.base.tools import Tools
from app.learn.chapters import CHAPTERS
from app.learn.registry import LESSONS, answer_request, encode_png

GRAY = np.full((60, 80, 3), 120, np.uint8)
PARAMETERS = {"size": Range(1, 9, 3), "share": Range(0.0, 1.0, 0.5, 0.1), "kind": Choice(("a", "b")), "on": Flag()}


def request(lesson: str, image: np.ndarray = GRAY, **parameters: Any) -> bytes:
    picture = base64.b64encode(encode_png(image)).decode()
    return json.dumps({"lesson": lesson, "parameters": parameters, "picture": picture}).encode()


def test_every_chapter_has_its_lesson_in_order():
    assert tuple(LESSONS) == CHAPTERS


def test_choices_are_checked_and_completed():
    assert parse_choices(PARAMETERS, {}) == {"size": 3, "share": 0.5, "kind": "a", "on": False}
    typed = {"size": "4", "share": "0.25", "kind": "b", "on": "true"}
    assert parse_choices(PARAMETERS, typed) == {"size": 4, "share": 0.25, "kind": "b", "on": True}


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"size": 10}, r"size=10 is not possible; give a number from 1 to 9"),
        ({"size": "nan"}, r"give a number from 1 to 9"),
        ({"size": None}, r"size=None is not possible; give a number"),
        ({"size": [1]}, r"give a number"),
        ({"kind": "c"}, r"choose from a, b"),
        ({"on": 2}, r"give true or false"),
        ({"depth": 1}, r"there is no parameter 'depth'; choose from size, share"),
    ],
)
def test_an_impossible_choice_is_refused(choices: dict[str, Any], message: str):
    with pytest.raises(InvalidRequest, match=message):
        parse_choices(PARAMETERS, choices)


def test_a_text_is_limited():
    with pytest.raises(InvalidRequest, match="at most 3 characters"):
        parse_choices({"text": Text(3)}, {"text": "long"})


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"no json", "no JSON object"),
        (b"[]", "no JSON object"),
        (b'{"lesson": "magic", "picture": ""}', "there is no lesson 'magic'; choose from pixels"),
        (b'{"lesson": "pixels", "parameters": 3}', "parameters is no object"),
        (b'{"lesson": "pixels", "picture": "?"}', "not in base64"),
    ],
)
def test_a_malformed_request_is_refused(tools: Tools, body: bytes, message: str):
    with pytest.raises(InvalidRequest, match=message):
        answer_request(body, tools)


def test_what_is_no_picture_is_refused(tools: Tools):
    body = {"lesson": "pixels", "picture": base64.b64encode(b"words").decode()}
    with pytest.raises(UnreadableMedia, match="cannot read the image"):
        answer_request(json.dumps(body).encode(), tools)


def test_an_answer_is_json_with_images_in_base64(tools: Tools):
    answer = answer_request(request("pixels", pixels=20), tools)
    assert json.loads(json.dumps(answer)) == json.loads(json.dumps(answer))
    assert (answer["problem"], answer["values"]["pixels"]) == (None, 20)
    assert answer["parameters"]["levels"] == {"kind": "range", "low": 2, "high": 256, "step": 1, "default": 256}
    assert base64.b64decode(answer["images"]["shown"]).startswith(b"\x89PNG")


def test_a_picture_without_a_face_is_no_error(tools: Tools):
    answer = answer_request(request("haar"), tools)
    assert (answer["problem"], answer["result"], answer["images"]) == ("no_face", None, {})


def test_the_command_gives_the_answer_of_the_page(tmp_path: Path):
    command = ["learn", "pixels", "--set", "pixels=16", "--set", "equalize=true", "--out", str(tmp_path / "out")]
    result = CliRunner().invoke(cli, command)
    assert result.exit_code == 0, result.output
    assert json.loads(result.output)["width"] == 16
    assert (tmp_path / "out" / "shown.png").is_file()
    refused = CliRunner().invoke(cli, ["learn", "pixels", "--set", "pixels"])
    assert "give NAME=VALUE" in refused.output
