"""The newest pictures of all cameras for the wall, which asks for them over one connection."""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence

from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import BadRequest

from app.translations.dictionary import DEFAULT_LANGUAGE, LANGUAGES
from app.web.live.services import current_services
from app.web.live.wall import NO_FRAME

# Before the JSON header: its length in bytes.
HEADER_LENGTH = struct.Struct("!I")

blueprint = Blueprint("wall", __name__)


@blueprint.get("/api/wall")
def tiles() -> Response:
    """The state of every camera."""
    return jsonify(cameras=current_services().wall.tiles())


@blueprint.get("/api/wall/frames")
def frames() -> Response:
    """The state of every camera, and the pictures that are newer than those shown; waits until there is one."""
    language = request.args.get("lang", DEFAULT_LANGUAGE)
    if language not in LANGUAGES:
        raise BadRequest(f"unknown language {language[:40]!r}; choose from {', '.join(LANGUAGES)}")
    tiles, pictures = current_services().wall.newest(_shown(), language)
    header = json.dumps({"cameras": tiles}).encode()
    body = b"".join([HEADER_LENGTH.pack(len(header)), header, *pictures])
    return Response(body, mimetype="application/octet-stream")


def _shown() -> Sequence[str]:
    """The parameter `shown`: one number of a frame for each camera.

    On a web node a page may not know yet that cameras have come or gone.
    """
    cameras = current_services().cameras
    count, text = len(cameras), request.args.get("shown")
    shown = [NO_FRAME] * count if text is None else text.split(",")
    if len(shown) != count and not cameras.may_change:
        raise BadRequest(f"shown has {len(shown)} entries; give one for each of the {count} cameras, - for no picture")
    return shown
