"""Answers the lessons of the page `/learn`: `python -m app.analysis.service.lesson_worker FD`."""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress

import cv2

from app.analysis.service.connection import connect
from app.errors import AppError, InvalidRequest, UnreadableMedia
from app.learn.base.tools import Tools
from app.learn.registry import answer_request
from app.vision.runtime.native_logging import silence_native_libraries
from app.vision.runtime.thread_limits import THREADS
from app.wire import Message, pack_message, read_message

# As for pictures: below the vision process, above jobs. With 15, a busy computer gave a lesson nothing for 15 s.
NICENESS = 10
# Without requests for so long the process ends and returns its memory: nobody is in a chapter.
IDLE_TIMEOUT_S = 60.0


def main(descriptor: int) -> None:
    """Answer until the server closes the connection, or no requests come."""
    connection, settings = connect(descriptor, NICENESS)
    silence_native_libraries()
    cv2.setNumThreads(THREADS)
    connection.settimeout(IDLE_TIMEOUT_S)
    tools = Tools(settings)
    with suppress(OSError):  # idle, or the server has ended
        while (request := read_message(connection)) is not None:
            connection.sendall(pack_message(answer(request.parts[0], tools)))


def answer(body: bytes, tools: Tools) -> Message:
    """An `answer` whose part is JSON, or why there is none."""
    try:
        return Message("answer", {}, [json.dumps(answer_request(body, tools)).encode()])
    except InvalidRequest as error:
        return Message("refused", {"error": str(error)})
    except UnreadableMedia as error:
        return Message("unreadable", {"error": str(error)})
    except AppError as error:
        return Message("failed", {"error": str(error)})


if __name__ == "__main__":
    main(int(sys.argv[1]))
    os._exit(0)  # nothing is left to save; a regular exit unloads libraries for long
