"""What `python -m app analyze --out FILE` does."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TextIO

from app.analysis.batch.progress import Progress
from app.analysis.batch.run import BatchOptions, OpenPool, run_batch
from app.analysis.inputs import read_list
from app.errors import SettingsError
from app.settings import Settings

STDIN_LIST = "-"
# Periods of the progress line: in a terminal it is replaced, in a log each is a line of its own.
TERMINAL_PERIOD_S = 0.5
LOG_PERIOD_S = 30.0
EXIT_INTERRUPTED = 130  # by convention of shells, 128 and the number of SIGINT
ERASE_LINE = "\r\x1b[K"

UNITS_S = {"ms": 0.001, "s": 1.0, "": 1.0, "min": 60.0}


def parse_interval(text: str) -> float:
    """Seconds of an interval such as `0.5s`, `500ms` or `2min`.

    Raises:
        ValueError: the text is none.
    """
    match = re.fullmatch(r"([0-9.]+) ?(ms|s|min|)", text.strip())
    if not match or not float(match[1]) > 0:
        raise ValueError(f"{text!r} is no interval; give one such as 0.5s")
    return float(match[1]) * UNITS_S[match[2]]


def expand_lists(paths: Sequence[str], stdin: TextIO) -> list[str]:
    """The paths, with `-` replaced by the list on standard input."""
    if STDIN_LIST not in paths:
        return list(paths)
    listed = read_list(stdin.read())
    return [entry for path in paths for entry in (listed if path == STDIN_LIST else [path])]


def default_workers() -> int:
    """Number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def write_output(
    paths: Sequence[str], out: Path, settings: Settings, options: BatchOptions, open_pool: OpenPool | None = None
) -> int:
    """Run the batch with a progress line and a summary on standard error; return the exit status."""
    line = ProgressLine(sys.stderr)
    try:
        summary = run_batch(paths, out, settings, options, on_progress=line.update, open_pool=open_pool)
    except KeyboardInterrupt:
        line.finish(f"Interrupted. The rows so far are in {str(out)!r}; the same command goes on where it stopped.")
        return EXIT_INTERRUPTED
    line.finish(summary.text())
    return 1 if summary.failed else 0


class ProgressLine:
    """Shows the progress in one line of a terminal, or from time to time in a log."""

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream, self._clock, self._is_terminal = stream, clock, stream.isatty()
        self._period_s = TERMINAL_PERIOD_S if self._is_terminal else LOG_PERIOD_S
        self._shown_at_s = float("-inf")
        self._last: Progress | None = None

    def update(self, progress: Progress) -> None:
        """Show the progress if it is time to."""
        self._last = progress
        if self._clock() - self._shown_at_s >= self._period_s:
            self._shown_at_s = self._clock()
            self._write(progress.line())

    def finish(self, text: str) -> None:
        """Show the last state, then a text below it."""
        if self._last is not None:
            self._write(self._last.line())
        self._stream.write(f"\n{text}\n" if self._is_terminal else f"{text}\n")
        self._stream.flush()

    def _write(self, line: str) -> None:
        self._stream.write(f"{ERASE_LINE}{line}" if self._is_terminal else f"{line}\n")
        self._stream.flush()


def check_out_alone(others: Sequence[object]) -> None:
    """Refuse options that `--out` does not have.

    Raises:
        SettingsError: one of them is given.
    """
    if any(other is not None for other in others):
        raise SettingsError("--out does not go with --json, --csv or --annotate; run the command once for each")
