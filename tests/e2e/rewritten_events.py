"""Change the Socket.IO events on their way to a page, so that it shows states that are hard to provoke."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from playwright.sync_api import Page, WebSocketRoute

Rewrite = Callable[[dict[str, Any]], dict[str, Any]]
# Start of a Socket.IO event in a WebSocket message.
EVENT_PREFIX = "42"


def rewrite_events(page: Page, rewrites: Mapping[str, Rewrite]) -> None:
    """Replace the body of each event by what the function of its name returns. Call it before the page is opened."""

    def connect(route: WebSocketRoute) -> None:
        server = route.connect_to_server()
        server.on_message(lambda message: route.send(rewritten(message, rewrites)))

    page.route_web_socket("**/socket.io/**", connect)


def rewritten(message: str | bytes, rewrites: Mapping[str, Rewrite]) -> str | bytes:
    if not isinstance(message, str) or not message.startswith(EVENT_PREFIX + "["):
        return message
    name, *arguments = json.loads(message[len(EVENT_PREFIX) :])
    if name not in rewrites:
        return message
    return EVENT_PREFIX + json.dumps([name, *map(rewrites[name], arguments)])
