"""The Socket.IO connection of a page to a running server."""

from __future__ import annotations

import json
import time
from typing import Any

from simple_websocket import Client


class Page:
    """Sends events and reads acknowledgements."""

    def __init__(self, base_url: str) -> None:
        self._socket = Client.connect(f"ws{base_url[4:]}/socket.io/?EIO=4&transport=websocket")
        self._socket.send("40")

    def request(self, event: str, payload: dict[str, Any]) -> dict[str, Any]:
        self._socket.send("421" + json.dumps([event, payload]))
        deadline_s = time.monotonic() + 5
        while time.monotonic() < deadline_s:
            text = self._socket.receive(1) or ""
            if text.startswith("431"):
                return json.loads(text[3:])[0]
        raise AssertionError("no acknowledgement came")

    def close(self) -> None:
        self._socket.close()
