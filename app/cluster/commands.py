"""Commands to the process of a camera: entries of its stream, in order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.cluster.keys import CameraKeys
from app.wire import Message, pack_message

# More than a camera gets while it starts again. Confirmations of rows that are lost here are asked for anew.
KEPT_COMMANDS = 500
# A command that was not carried out within this time is not carried out any more.
EXPIRES_MS = 10_000


def send_command(pipeline: Any, camera: str, type: str, body: Mapping[str, Any]) -> None:
    """Add a command to a pipeline."""
    key = CameraKeys(camera).commands
    pipeline.xadd(key, {"m": pack_message(Message(type, body))}, maxlen=KEPT_COMMANDS, approximate=False)
    pipeline.pexpire(key, EXPIRES_MS)
