"""`python -m app learn`: the answer of a lesson without the page."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from app.errors import SettingsError
from app.learn.base.tools import Tools
from app.learn.registry import MAX_SIDE_PX, encode_png, find_lesson, run_lesson
from app.paths import ASSETS
from app.settings import Settings
from app.vision.capture.image_file import read_image

DEFAULT_PICTURE = ASSETS / "portraits" / "eileen_collins.png"


def answer_lesson(
    name: str, picture: Path | None, assignments: Sequence[str], out: Path | None, settings: Settings
) -> str:
    """The result of a lesson as JSON; its images are written as PNG files.

    Args:
        picture: None stands for the bundled portrait.
        assignments: Parameters as `name=value`.
        out: Folder for the images; None writes none.
    Raises:
        InvalidRequest: there is no such lesson or parameter, or a value is not possible.
        UnreadableMedia: the picture cannot be read.
        NoFace: the lesson needs a face.
        SettingsError: the folder cannot be written.
    """
    image = read_image(picture or DEFAULT_PICTURE, MAX_SIDE_PX)
    answer = run_lesson(find_lesson(name), image, dict(map(_split, assignments)), Tools(settings))
    if out is not None:
        for image_name, content in answer.images.items():
            _write(out / f"{image_name}.png", encode_png(content))
    return json.dumps(answer.result, indent=2) + "\n"


def _split(assignment: str) -> tuple[str, str]:
    name, equals, value = assignment.partition("=")
    if not equals:
        raise SettingsError(f"--set {assignment!r} has no value; give NAME=VALUE")
    return name, value


def _write(path: Path, content: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        raise SettingsError(f"cannot write {str(path)!r} ({error.strerror}); choose another folder") from None
