"""Logging: one line per event, as text or JSON, with secrets removed."""

from __future__ import annotations

import json
import logging
import re
import sys
from datetime import UTC, datetime

LEVELS = ("debug", "info", "warning", "error")
# Credentials in URLs, and values of parameters with these names.
SECRET_PATTERNS = (
    (re.compile(r"://[^/\s@]*@"), "://"),
    (re.compile(r"\b(token|password|passwd|secret|key)=[^&\s\"']+", re.IGNORECASE), r"\1=..."),
)


def configure(level: str = "info", as_json: bool = False) -> None:
    """Log to the standard error stream."""
    handler = logging.StreamHandler()
    handler.setFormatter(OneLineFormatter(as_json))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)


def warn_without_lock(logger: str, message: str, as_json: bool = False) -> None:
    """Print a warning without a logging lock.

    For operating-system threads beside green threads: they would wait forever for a green lock.
    """
    record = logging.LogRecord(logger, logging.WARNING, "", 0, message, None, None)
    print(OneLineFormatter(as_json).format(record), file=sys.stderr, flush=True)


class OneLineFormatter(logging.Formatter):
    """Formats an event, including its traceback, on one line."""

    def __init__(self, as_json: bool) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")
        self._as_json = as_json

    def format(self, record: logging.LogRecord) -> str:
        """The line for an event."""
        if not self._as_json:
            return redact_secrets(" | ".join(super().format(record).splitlines()))
        event = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": redact_secrets(record.getMessage()),
        }
        if record.exc_info:
            event["traceback"] = redact_secrets(self.formatException(record.exc_info))
        return json.dumps(event)


def redact_secrets(line: str) -> str:
    """The line without credentials and tokens."""
    for pattern, replacement in SECRET_PATTERNS:
        line = pattern.sub(replacement, line)
    return line
