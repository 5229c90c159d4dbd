"""What is logged: one line an event, as text or as JSON, without secrets."""

from __future__ import annotations

import json
import logging
import re
import sys
from datetime import UTC, datetime

LEVELS = ("debug", "info", "warning", "error")
# Who may sign in where, and the token that opens the page.
SECRETS = (
    (re.compile(r"://[^/\s@]*@"), "://"),
    (re.compile(r"\b(token|password|passwd|secret|key)=[^&\s\"']+", re.IGNORECASE), r"\1=..."),
)


def configure(level: str = "info", as_json: bool = False) -> None:
    """Log to the standard error stream from now on."""
    handler = logging.StreamHandler()
    handler.setFormatter(OneLine(as_json))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)


def say(logger: str, line: str, as_json: bool = False) -> None:
    """A warning that takes no lock, for real threads beside green ones: they would wait for a green lock for ever."""
    record = logging.LogRecord(logger, logging.WARNING, "", 0, line, None, None)
    print(OneLine(as_json).format(record), file=sys.stderr, flush=True)


class OneLine(logging.Formatter):
    """Puts an event, its traceback included, on one line."""

    def __init__(self, as_json: bool) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")
        self._as_json = as_json

    def format(self, record: logging.LogRecord) -> str:
        if not self._as_json:
            return without_secrets(" | ".join(super().format(record).splitlines()))
        event = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": without_secrets(record.getMessage()),
        }
        if record.exc_info:
            event["traceback"] = without_secrets(self.formatException(record.exc_info))
        return json.dumps(event)


def without_secrets(line: str) -> str:
    """The line as it may be kept."""
    for pattern, instead in SECRETS:
        line = pattern.sub(instead, line)
    return line
