"""The annotated picture as an endless MJPEG stream and as one snapshot."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing

from flask import Blueprint, Response, jsonify, request

from app.domain import FrameResult, ViewOptions
from app.web.live.frame_broadcaster import FrameBroadcaster
from app.web.live.services import current_services

BOUNDARY = b"frame"
IDLE_S = 2.0  # without new pictures the last is sent again this often, which shows whether the viewer is still there
SNAPSHOT_WAIT_S = 3.0
SEND_BUFFER = 256 * 1024  # bytes of the server's socket: a slow viewer shall skip pictures, not see old ones
FRESH_S = 1.0  # a picture this young needs no waiting for a newer one

blueprint = Blueprint("stream", __name__)


@blueprint.get("/video_feed")
def video_feed() -> Response:
    broadcaster = current_services().broadcaster
    watch = broadcaster.watch(_view().key)
    response = Response(
        parts(broadcaster, watch.key), mimetype=f"multipart/x-mixed-replace; boundary={BOUNDARY.decode()}"
    )
    response.call_on_close(watch.close)
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/snapshot.jpg")
def snapshot() -> tuple[Response, int] | Response:
    broadcaster = current_services().broadcaster
    with closing(broadcaster.watch(_view().key)) as watch:
        taken = newest_picture(broadcaster, watch.key, SNAPSHOT_WAIT_S)
    if taken is None:
        return jsonify(error=f"no picture came within {SNAPSHOT_WAIT_S:g} s; see whether the camera is live"), 503
    index, jpeg = taken
    return Response(jpeg, mimetype="image/jpeg", headers={"Cache-Control": "no-store", "X-Frame": str(index)})


def parts(broadcaster: FrameBroadcaster, key: str, idle_s: float = IDLE_S) -> Iterator[bytes]:
    """The parts of a multipart stream: always the newest picture, and the last again while none comes.

    Who comes while none arrive is shown nothing old: a camera that was paused shows no one who was there before.

    The boundary ends each part, since browsers show a picture only when they see the next boundary. The empty line
    before the first boundary lets the answer begin before the first picture is there.
    """
    part, opening = b"\r\n", b"--" + BOUNDARY + b"\r\n"
    yield part
    shown: FrameResult | None = None if _is_fresh(broadcaster) else broadcaster.newest
    while not broadcaster.closed:
        result = broadcaster.newer(shown, idle_s)
        if result is None:
            yield part
            continue
        shown, jpeg = result, result.pictures.get(key)
        if jpeg is not None:  # else read before the view was asked for
            part = _part(result, jpeg)
            yield opening + part
            opening = b""


def newest_picture(broadcaster: FrameBroadcaster, key: str, timeout_s: float) -> tuple[int, bytes] | None:
    """Index and JPEG of a fresh frame; None if none comes in time."""
    deadline_s = time.monotonic() + timeout_s
    result = broadcaster.newest if _is_fresh(broadcaster) else broadcaster.newer(broadcaster.newest, timeout_s)
    while result is not None:
        jpeg = result.pictures.get(key)
        if jpeg is not None:
            return result.index, jpeg
        result = broadcaster.newer(result, max(0.0, deadline_s - time.monotonic()))
    return None


def _is_fresh(broadcaster: FrameBroadcaster) -> bool:
    return broadcaster.age_s is not None and broadcaster.age_s <= FRESH_S


def _part(result: FrameResult, jpeg: bytes) -> bytes:
    head = f"Content-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\nX-Frame: {result.index}\r\n\r\n"
    return b"".join([head.encode(), jpeg, b"\r\n--", BOUNDARY, b"\r\n"])


def _view() -> ViewOptions:
    return ViewOptions.parse(request.args.get("show"))
