"""Analyses the pictures that clients send: `python -m app.analysis.service.picture_worker FD`."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable
from contextlib import suppress

import cv2

from app.analysis.analyzer import Analyzer
from app.analysis.results import frame_result
from app.analysis.service.connection import connect
from app.domain import Frame
from app.errors import AppError, UnreadableMedia
from app.jobs.picture_process import MAX_PICTURE_MEGAPIXELS
from app.settings import Settings
from app.vision.capture.image_file import read_image
from app.vision.runtime.thread_limits import THREADS
from app.wire import Message, pack_message, read_message

# Below the vision process, above jobs: a picture takes a fraction of a second, and somebody waits for it.
NICENESS = 10
# Without pictures for so long the process ends and returns its memory, 150 MB.
IDLE_TIMEOUT_S = 300.0


def main(descriptor: int) -> None:
    """Answer until the server closes the connection, or no pictures come."""
    connection, settings = connect(descriptor, NICENESS)
    cv2.setNumThreads(THREADS)
    connection.settimeout(IDLE_TIMEOUT_S)
    with suppress(OSError):  # idle, or the server has ended
        answer = load(settings)
        while (request := read_message(connection)) is not None:
            connection.sendall(pack_message(answer(request)))


def load(settings: Settings) -> Callable[[Message], Message]:
    """Load the models; returns the function that answers requests. Without models it says so each time."""
    try:
        analyzer = Analyzer(settings)
    except AppError as error:
        failed = Message("failed", {"error": str(error)})
        return lambda request: failed
    return lambda request: analyze(analyzer, request)


def analyze(analyzer: Analyzer, request: Message) -> Message:
    """The record of a picture, or why there is none."""
    name, (content,) = request.body["name"], request.parts
    try:
        image = read_image(io.BytesIO(content), max_megapixels=MAX_PICTURE_MEGAPIXELS, name=name or "picture")
    except UnreadableMedia as error:
        return Message("unreadable", {"error": str(error)})
    frame = Frame(image, 0, 0.0, 0.0)
    return Message("record", frame_result(name, frame, analyzer.frame_analyzer()(frame), analyzer.attributes).to_dict())


if __name__ == "__main__":
    main(int(sys.argv[1]))
    os._exit(0)  # nothing is left to save; a regular exit unloads libraries for long
