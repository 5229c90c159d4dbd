"""The priority of the vision process: as other programs until its first frame, which viewers wait for, then lower."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

# Lower than the web process, which then answers even while every core computes.
NICENESS = 5
THREADS_OF_THIS_PROCESS = Path("/proc/self/task")


def lower_priority() -> None:
    """Lower the priority of every thread of this process. Threads that are started later inherit it."""
    if THREADS_OF_THIS_PROCESS.is_dir():  # Linux, where `nice` is about one thread
        for number in (int(thread.name) for thread in THREADS_OF_THIS_PROCESS.iterdir()):
            with suppress(ProcessLookupError):  # a thread that has ended meanwhile
                os.setpriority(os.PRIO_PROCESS, number, os.getpriority(os.PRIO_PROCESS, number) + NICENESS)
    elif hasattr(os, "nice"):
        os.nice(NICENESS)
