"""All lessons, and how one is answered: in the lesson process, on the command line and in tests alike."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Mapping
from typing import Any

import cv2
import numpy as np

from app.errors import InvalidRequest
from app.learn.base.lesson import Answer, Lesson, NoFace
from app.learn.base.parameters import parse_choices
from app.learn.base.tools import Tools
from app.learn.lessons import augmentation, bias, confidence, convolution, haar_features, pixels, training, windows
from app.vision.capture.image_file import read_image

MODULES = (pixels, haar_features, windows, convolution, augmentation, training, confidence, bias)
LESSONS: Mapping[str, Lesson] = {module.LESSON.name: module.LESSON for module in MODULES}
# The page sends pictures with a longer side of 480; larger ones are reduced, so that every lesson answers at once.
MAX_SIDE_PX = 640
MAX_MEGAPIXELS = 4.0


def answer_request(body: bytes, tools: Tools) -> dict[str, Any]:
    """The JSON answer to the JSON request of a page: `lesson`, `parameters`, and a `picture` in base64.

    Raises:
        InvalidRequest: the request is malformed, or names what does not exist.
        UnreadableMedia: the picture cannot be read.
    """
    request = _parse(body)
    choices = request.get("parameters", {})
    if not isinstance(choices, Mapping):
        raise InvalidRequest("parameters is no object; give values by name")
    lesson = find_lesson(str(request.get("lesson")))
    try:
        content = base64.b64decode(str(request.get("picture", "")), validate=True)
    except ValueError:
        raise InvalidRequest("picture is not in base64; send the bytes of a JPEG or PNG file in base64") from None
    image = read_image(io.BytesIO(content), MAX_SIDE_PX, MAX_MEGAPIXELS, name="picture")
    described = describe(lesson, parse_choices(lesson.parameters, choices))
    try:
        answer = lesson.run(image, described["values"], tools)
    except NoFace:
        return {**described, "problem": "no_face", "result": None, "images": {}}
    images = {name: base64.b64encode(encode_png(one)).decode() for name, one in answer.images.items()}
    return {**described, "problem": None, "result": answer.result, "images": images}


def find_lesson(name: str) -> Lesson:
    """The lesson of a chapter.

    Raises:
        InvalidRequest: there is none.
    """
    if name not in LESSONS:
        raise InvalidRequest(f"there is no lesson {name[:40]!r}; choose from {', '.join(LESSONS)}")
    return LESSONS[name]


def run_lesson(lesson: Lesson, image: np.ndarray, choices: Mapping[str, Any], tools: Tools) -> Answer:
    """The answer of a lesson to a picture, RGB uint8 (height, width, 3).

    Raises:
        InvalidRequest: a choice is not possible.
        NoFace: the lesson needs a face.
    """
    return lesson.run(image, parse_choices(lesson.parameters, choices), tools)


def describe(lesson: Lesson, values: Mapping[str, Any]) -> dict[str, Any]:
    """What the page makes its controls and commands from."""
    return {
        "lesson": lesson.name,
        "values": values,
        "parameters": {name: parameter.describe() for name, parameter in lesson.parameters.items()},
        "see_also": list(lesson.see_also),
    }


def encode_png(image: np.ndarray) -> bytes:
    """The PNG file of a uint8 image, gray (height, width) or RGB (height, width, 3)."""
    ordered = image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
    return bytes(cv2.imencode(".png", ordered)[1].tobytes())


def _parse(body: bytes) -> Mapping[str, Any]:
    try:
        request = json.loads(body)
    except ValueError:
        request = None
    if not isinstance(request, Mapping):
        raise InvalidRequest("the request is no JSON object; give lesson, parameters and picture")
    return request
