"""Run one of several training processes as a child, so that its end is one line.

Where a process is lost, JAX aborts the others from a thread of its own, with a native stack trace; no code in the
process can say what has happened.
"""

from __future__ import annotations

import atexit
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import click

from training.engine.process_group import LOST

OPTION = "--in-child"
# First lines of messages of native libraries: a letter for the level, month and day, time. Further lines may follow.
NATIVE_LINE = re.compile(r"[IWEF]\d{4} \d\d:\d\d|WARNING: All log messages before absl::InitializeLog")
FATAL_LINE = re.compile(r"F\d{4} ")
PYTHON_LINE = re.compile(
    r"Error: |Notice: |Usage: |Traceback |\S+:\d+: \w*Warning: |Aborted!"
)  # the end of such a message


def run_in_child() -> int:
    """Run this command in a child and return its exit status."""
    command = [sys.executable, *sys.orig_argv[1:], OPTION]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        aborted = show_errors(child.stderr or ())
        status = child.wait()
    except KeyboardInterrupt:  # the child got it too
        return child.wait()
    if aborted:
        click.echo(f"Error: another process of the training was lost; {LOST}", err=True)
    elif status < 0:
        click.echo(f"Error: the training was ended by signal {-status}; start it again to continue", err=True)
    return 1 if status < 0 else status


def show_errors(lines: Iterable[str]) -> bool:
    """Repeat what the child says, without messages of native libraries. Returns whether one of these was fatal."""
    is_native = False
    for line in lines:
        is_native = bool(NATIVE_LINE.match(line)) or (is_native and not PYTHON_LINE.match(line))
        if is_native and FATAL_LINE.match(line):
            list(lines)  # else the child would wait for somebody to read its stack trace
            return True
        if not is_native:
            click.echo(line, err=True, nl=False)
    return False


@contextmanager
def ending_at_once() -> Iterator[None]:
    """End this child with its parent, and after an error without waiting for the other processes, as JAX would."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        yield
    except BaseException:
        atexit.register(_end)  # called after the error was shown, and before what JAX registered
        raise


def _end_with_parent() -> None:
    os.read(sys.stdin.fileno(), 1)  # nobody writes there: it ends when the parent does
    _end()


def _end() -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(1)
