"""Logging: one line per event, as text or JSON, with secrets removed."""

from __future__ import annotations

import json
import logging
import re
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

LEVELS = ("debug", "info", "warning", "error")
# Credentials in URLs, and values of parameters with these names.
SECRET_PATTERNS = (
    (re.compile(r"://[^/\s@]*@"), "://"),
    (re.compile(r"\b(token|password|passwd|secret|key)=[^&\s\"']+", re.IGNORECASE), r"\1=..."),
)


# Warnings of one place in the code within the window; further ones are counted.
MAX_REPEATS = 10
REPEAT_WINDOW_S = 60.0


def configure(level: str = "info", as_json: bool = False, camera: str | None = None) -> None:
    """Log to the standard error stream.

    Args:
        camera: Name of the camera to which all events of this process belong, which each line then has.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(OneLineFormatter(as_json, camera))
    handler.addFilter(RepeatLimit())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)


def warn_without_lock(logger: str, message: str, as_json: bool = False) -> None:
    """Print a warning without a logging lock.

    For operating-system threads beside green threads: they would wait forever for a green lock.
    """
    record = logging.LogRecord(logger, logging.WARNING, "", 0, message, None, None)
    print(OneLineFormatter(as_json).format(record), file=sys.stderr, flush=True)


class OneLineFormatter(logging.Formatter):
    """Formats an event, including its traceback, on one line."""

    def __init__(self, as_json: bool, camera: str | None = None) -> None:
        super().__init__(f"%(asctime)s %(levelname)s %(name)s{f' {camera}' if camera else ''}: %(message)s")
        self._as_json, self._camera = as_json, camera

    def format(self, record: logging.LogRecord) -> str:
        """The line for an event."""
        if not self._as_json:
            return redact_secrets(" | ".join(super().format(record).splitlines()))
        event = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            **({"camera": self._camera} if self._camera else {}),
            "message": redact_secrets(record.getMessage()),
        }
        if record.exc_info:
            event["traceback"] = redact_secrets(self.formatException(record.exc_info))
        return json.dumps(event)


class RepeatLimit(logging.Filter):
    """Leaves out warnings of one place in the code that come too often, and says how many with the next one.

    Anyone who can reach the server causes warnings, and must not fill the disk with them.

    Args:
        clock: Monotonic time in seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._places: dict[tuple[str, int], _Repeats] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether to log a record; adds the number of those left out."""
        if record.levelno < logging.WARNING:
            return True
        now_s = self._clock()
        repeats = self._places.setdefault((record.pathname, record.lineno), _Repeats(now_s))
        left_out = repeats.left_out
        if now_s - repeats.since_s >= REPEAT_WINDOW_S:
            repeats.since_s, repeats.logged, repeats.left_out = now_s, 0, 0
        if repeats.logged >= MAX_REPEATS:
            repeats.left_out += 1
            return False
        repeats.logged += 1
        if left_out:
            record.msg, record.args = f"{record.getMessage()} (and {left_out} more since the last line)", ()
        return True


@dataclass(slots=True)
class _Repeats:
    since_s: float
    logged: int = 0
    left_out: int = 0


def redact_secrets(line: str) -> str:
    """The line without credentials and tokens."""
    for pattern, replacement in SECRET_PATTERNS:
        line = pattern.sub(replacement, line)
    return line
