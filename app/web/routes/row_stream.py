"""The rows of the running session as they are recorded, a line of JSON each, for other programs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack

from flask import Blueprint, Response, request

from app.errors import InvalidRequest, NotOffered
from app.web.live.row_feed import RowFeed
from app.web.live.services import current_services

# Without rows an empty line is sent at this interval: only a failed write shows that a reader has left.
EMPTY_LINE_INTERVAL_S = 10.0
# Digits of the largest integer that JavaScript represents exactly, less one.
MAX_ID_DIGITS = 15

blueprint = Blueprint("row_stream", __name__)


@blueprint.get("/api/live.jsonl")
def live_rows() -> Response:
    """Endless lines: the rows after the id `after`, or those to come."""
    services, after = current_services(), _requested_id()
    if services.cameras.may_change:
        raise NotOffered("other processes record the rows of these cameras; read them from the database, or use run")
    feed = services.rows
    reader = ExitStack()
    reader.enter_context(feed.reader())
    response = Response(row_lines(feed, after), mimetype="application/x-ndjson")
    response.call_on_close(reader.close)
    return response


def row_lines(feed: RowFeed, after: int | None, interval_s: float = EMPTY_LINE_INTERVAL_S) -> Iterator[bytes]:
    """Yield lines until the server stops, or until the reader is so slow that rows would be left out.

    The first line is empty, so that the response begins before the first row.
    """
    position, is_first = feed.position(after), True
    yield b"\n"
    while not feed.closed:
        lines = feed.wait(position, interval_s)
        if lines is None:
            yield b"\n"
            continue
        if lines.missed and not is_first:
            return
        if lines.missed:
            yield json.dumps({"missed": lines.missed}).encode() + b"\n"
        position, is_first = lines.last_id, False
        yield lines.data or b"\n"


def _requested_id() -> int | None:
    text = request.args.get("after")
    if text is None:
        return None
    if not text.isdecimal() or len(text) > MAX_ID_DIGITS:
        raise InvalidRequest(f"after is the id of a row, not {text[:20]!r}; correct it")
    return int(text)
