"""A worker process: `python -m app.analysis.worker FD`, started by `ProcessPool`."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from app.errors import AppError

# Out of memory, Linux ends a worker first: it loses one file, other programs lose more.
OOM_SCORE_ADJUSTMENT = 500


def main(descriptor: int) -> None:
    """Do the tasks of the parent process until it closes the connection."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the parent too, which then ends this process
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(str(OOM_SCORE_ADJUSTMENT))
    connection = Connection(descriptor)
    with suppress(EOFError, OSError):  # the parent has ended
        serve(connection)
    os._exit(0)  # nothing is left to save; a regular exit unloads libraries for long


def serve(connection: Connection) -> None:
    """Load the job, then answer task by task.

    Raises:
        EOFError, OSError: the parent has ended.
    """
    import cv2

    from app.vision.runtime.thread_limits import THREADS

    cv2.setNumThreads(THREADS)
    try:
        work = connection.recv().build()
    except AppError as error:
        connection.send(("refused", error))
        return
    connection.send(("ready", None))
    while True:
        for message in do_task(work, connection.recv()):
            connection.send(message)


def do_task(work: Callable[[Any], Iterator[Any]], task: Any) -> Iterator[tuple[str, Any]]:
    """`part` with each part of the answer, then `done` with None, or with what failed.

    An unexpected error costs one file, not the run.
    """
    failure, parts = None, work(task)
    while True:
        try:
            part = next(parts, None)
        except Exception as error:
            failure = describe_failure(error)
            break
        if part is None:
            break
        yield "part", part
    yield "done", failure


def describe_failure(error: Exception) -> str:
    """One line about an unexpected error."""
    detail = (str(error).splitlines() or [""])[0]
    return f"{type(error).__name__}: {detail}" if detail else type(error).__name__


if __name__ == "__main__":
    main(int(sys.argv[1]))
