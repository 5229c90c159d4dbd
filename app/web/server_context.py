"""What the app has to know of the server that runs it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app.sessions.disk_worker import RunBlocking, run_directly
from app.web.live.services import do_nothing


@dataclass(frozen=True, slots=True)
class ServerContext:
    """The defaults are those of operating-system threads without a token.

    Attributes:
        token: Required from every client; needed where other computers can reach the server.
        webhook_secret: Signs what the webhook gets; needed if there is one.
        async_mode: Of Flask-SocketIO: `threading` or `eventlet`.
        run_blocking: `run_blocking(function, *args)` runs disk access without blocking the server.
        yield_now: Lets other green threads run; not needed with operating-system threads.
    """

    token: str | None = None
    webhook_secret: bytes | None = None
    async_mode: str = "threading"
    run_blocking: RunBlocking = run_directly
    yield_now: Callable[[], None] = do_nothing
