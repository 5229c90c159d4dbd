"""Receive a file that a client sends: as the body of a request, or as the first file of a form."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from flask import Request
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge, RequestTimeout
from werkzeug.sansio.multipart import Data, Epilogue, File, MultipartDecoder, NeedData

BLOCK_BYTES = 64 * 1024
# Of a form that are looked at at a time.
FORM_BUFFER_BYTES = 4 * BLOCK_BYTES
# A sender that is slower gives up its place to others, after the time that anybody has.
MIN_BYTES_PER_S = 32 * 1024
MIN_TIME_S = 30.0
MALFORMED_FORM = "the form is malformed; send the file as the body instead"

Write = Callable[[bytes], object]


def receive_file(
    request: Request, max_bytes: int, write: Write, clock: Callable[[], float] = time.monotonic
) -> str | None:
    """Receive the file of a request block by block; returns its name, which the client chose, if it has one.

    Args:
        max_bytes: Most bytes of the body.
        write: Called with each block.
    Raises:
        HTTPException: the body is too large, too slow, no form or without a file.
    """
    length = request.content_length or 0
    if length > max_bytes:
        raise RequestEntityTooLarge(f"the file has {length:,} bytes; at most {max_bytes:,} are accepted")
    request.max_content_length = max_bytes
    counted = _Counted(write)
    blocks = _blocks(request, clock() + max(MIN_TIME_S, length / MIN_BYTES_PER_S), clock)
    if request.mimetype == "multipart/form-data":
        name = _receive_form(request, blocks, counted)
    else:
        name = request.args.get("name")
        for block in blocks:
            counted(block)
    if not counted.total:
        raise BadRequest("the request has no file; send it as the body, or as a file of a form")
    return name


class _Counted:
    """Counts the bytes that are written."""

    def __init__(self, write: Write) -> None:
        self._write, self.total = write, 0

    def __call__(self, block: bytes) -> None:
        self.total += len(block)
        self._write(block)


def _blocks(request: Request, ends_s: float, clock: Callable[[], float]) -> Iterator[bytes]:
    while block := request.stream.read(BLOCK_BYTES):
        if clock() > ends_s:
            raise RequestTimeout(f"the file comes more slowly than {MIN_BYTES_PER_S // 1024} KiB/s; send a smaller one")
        yield block
        time.sleep(0)  # green sockets give way to others only when they are empty


def _receive_form(request: Request, blocks: Iterator[bytes], write: Write) -> str | None:
    """Receive the first file of a form; fields and further files are ignored."""
    boundary = request.mimetype_params.get("boundary")
    if not boundary:
        raise BadRequest("the form has no boundary; send the file as the body instead")
    decoder = MultipartDecoder(boundary.encode("latin-1", "replace"), FORM_BUFFER_BYTES)
    file: File | None = None
    is_open = False
    for event in _events(decoder, blocks):
        if isinstance(event, File) and file is None:
            file, is_open = event, True
        elif isinstance(event, Data) and is_open:
            write(event.data)
            is_open = event.more_data
    if is_open:
        raise BadRequest(MALFORMED_FORM)
    return file.filename if file else None


def _events(decoder: MultipartDecoder, blocks: Iterator[bytes]) -> Iterator[object]:
    try:
        for block in blocks:
            decoder.receive_data(block)
            while not isinstance(event := decoder.next_event(), NeedData | Epilogue):
                yield event
    except ValueError:
        raise BadRequest(MALFORMED_FORM) from None
