"""The annotated video as an MJPEG stream, and single frames as JPEG."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing

from flask import Blueprint, Response, jsonify, request

from app.domain import FrameResult, ViewOptions
from app.errors import NoPicture
from app.translations.dictionary import LANGUAGES
from app.web.live.frame_broadcaster import FrameBroadcaster
from app.web.live.services import current_camera, current_services
from app.web.live.view_allocation import ViewSubscription
from app.web.security.rate_limit import client_network

BOUNDARY = b"frame"
# Opens a part. Without a length, so that it can be sent before the part's image is known.
PART_HEADER = b"--" + BOUNDARY + b"\r\nContent-Type: image/jpeg\r\n\r\n"
# Without new frames the last part is repeated at this interval: only a failed write shows that a viewer has left.
REPEAT_INTERVAL_S = 2.0
# A snapshot waits this long for a frame, for example while the vision process restarts.
SNAPSHOT_TIMEOUT_S = 3.0
# Frames up to this age are shown without waiting for a newer one.
MAX_FRESH_AGE_S = 1.0

blueprint = Blueprint("stream", __name__)


@blueprint.get("/video_feed")
def video_feed() -> Response:
    """Endless multipart stream of the view that `show`, `size` and `lang` select."""
    broadcaster = current_camera().broadcaster
    subscription = _subscribe(broadcaster, _requested_view())
    mimetype = f"multipart/x-mixed-replace; boundary={BOUNDARY.decode()}"
    response = Response(multipart_stream(broadcaster, subscription), mimetype=mimetype)
    response.call_on_close(subscription.close)
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/snapshot.jpg")
def snapshot() -> tuple[Response, int] | Response:
    """One current frame; 503 at once if there is no picture now, or after a while if none arrives."""
    camera, view = current_camera(), _requested_view()
    if problem := camera.state.picture_problem:
        raise NoPicture(problem)
    broadcaster = camera.broadcaster
    with closing(_subscribe(broadcaster, view)) as subscription:
        frame = fresh_jpeg(broadcaster, subscription.key, SNAPSHOT_TIMEOUT_S)
    if frame is None:
        return jsonify(error=f"no frame arrived within {SNAPSHOT_TIMEOUT_S:g} s; check that the camera is live"), 503
    index, jpeg = frame
    return Response(jpeg, mimetype="image/jpeg", headers={"Cache-Control": "no-store", "X-Frame": str(index)})


def multipart_stream(
    broadcaster: FrameBroadcaster, subscription: ViewSubscription, repeat_interval_s: float = REPEAT_INTERVAL_S
) -> Iterator[bytes]:
    """Yield the parts of a multipart stream: always the newest frame, and the last one again while none arrives.

    It ends when the server stops, or when the view gives way to others.

    A viewer who connects while no frames arrive sees no old frame: a paused camera must not show people who were
    there before.

    Each image is followed at once by the header of the next part: Chromium shows an image only when it has read that
    header, and would show every frame one frame late if it came with the next image. The empty line before the first
    header lets the response begin before the first frame is available.
    """
    part, opening = b"\r\n", PART_HEADER
    yield part
    previous: FrameResult | None = None if _has_fresh_frame(broadcaster) else broadcaster.newest
    while not (broadcaster.closed or subscription.has_given_way):
        result = broadcaster.wait_for_newer(previous, repeat_interval_s)
        if result is None:
            yield part
            continue
        previous, jpeg = result, result.jpegs.get(subscription.key)
        if jpeg is not None:  # None: the frame was read before this view was requested
            part = b"".join([jpeg, b"\r\n", PART_HEADER])
            yield opening + part
            opening = b""


def fresh_jpeg(broadcaster: FrameBroadcaster, key: str, timeout_s: float) -> tuple[int, bytes] | None:
    """Index and JPEG of a current frame; None on timeout."""
    deadline_s = time.monotonic() + timeout_s
    is_fresh = _has_fresh_frame(broadcaster)
    result = broadcaster.newest if is_fresh else broadcaster.wait_for_newer(broadcaster.newest, timeout_s)
    while result is not None:
        jpeg = result.jpegs.get(key)
        if jpeg is not None:
            return result.index, jpeg
        result = broadcaster.wait_for_newer(result, max(0.0, deadline_s - time.monotonic()))
    return None


def _has_fresh_frame(broadcaster: FrameBroadcaster) -> bool:
    return broadcaster.age_s is not None and broadcaster.age_s <= MAX_FRESH_AGE_S


def _subscribe(broadcaster: FrameBroadcaster, view: ViewOptions) -> ViewSubscription:
    """A viewer of a view, or of the same one at another size if there is no place for a further view."""
    return broadcaster.subscribe(view.key, _client(), [other.key for other in view.other_sizes()])


def _requested_view() -> ViewOptions:
    attributes, given = current_services().attributes, request.args.get
    return ViewOptions.parse(
        given("show"),
        attributes.showable,
        attributes.default_show,
        size=given("size"),
        language=given("lang"),
        languages=LANGUAGES,
    )


def _client() -> str:
    return client_network(request.remote_addr or "")
