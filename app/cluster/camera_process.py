"""The vision process of one camera, whose results go to Redis."""

from __future__ import annotations

import logging
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from redis import Redis

from app.cluster.camera_session import CameraSession
from app.cluster.camera_state import CameraState
from app.cluster.connection import RedisLoop
from app.cluster.keys import CameraKeys
from app.cluster.publisher import STATE_EXPIRES_MS, NotOwner, Publisher
from app.cluster.row_outbox import RowOutbox
from app.cluster.stream_reader import StreamReader
from app.cluster.view_leases import Wanted, read_leases
from app.errors import AppError, SessionError
from app.settings import Settings
from app.wire import Message, VisionLink, frame_from_message

if TYPE_CHECKING:
    from app.webhook.notifications import Notifications

# How often leases are looked at besides: they end without a message.
LEASE_CHECK_S = 0.5
# How often to try to become the owner of a camera while another process is.
OWNER_RETRY_S = 0.5
# Five times a second, as pages get them (`message_dispatcher.STATS_INTERVAL_S`).
TOTALS_INTERVAL_S = 0.2
OWNER_ID_BYTES = 4
HIDDEN = "this camera hides faces (--blur), so it shows none in an explanation either"

log = logging.getLogger(__name__)


class CameraProcess:
    """Passes on what a vision process gives, and commands to it.

    Args:
        link: To the vision process.
        settings: Of this camera, with its name.
        notifications: Tell of the hits of rules.
    """

    def __init__(
        self, redis: Redis, link: VisionLink, settings: Settings, notifications: Notifications | None = None
    ) -> None:
        self._redis, self._link, self._name = redis, link, str(settings.camera_name)
        self._blur, self._keys = settings.blur, CameraKeys(self._name)
        self._owner = f"{socket.gethostname()}, process {os.getpid()}, {secrets.token_hex(OWNER_ID_BYTES)}"
        self._closing, self._error = threading.Event(), list[AppError]()
        self._rows, self._state = RowOutbox(self._name), CameraState(settings.blur)
        self._session = CameraSession(self._rows)
        self._notifications = notifications
        self._follow_rules = notifications and notifications.watch(self._name, lambda: self._session.recorder.current)
        self._publisher = Publisher(
            redis,
            self._name,
            self._owner,
            state=lambda: self._state.to_json(self._session.state(), self._session.problem),
            session=self._session.stored,
            rows=self._rows,
        )
        self._commands = StreamReader(redis)
        self._wanted = Wanted(numbers=True)  # what a vision process does until it is told otherwise
        self._next_totals_at_s = self._next_lease_check_at_s = 0.0
        self._handlers: Mapping[str, Callable[[Mapping[str, Any]], None]] = {
            "leases": lambda _: self._apply_leases(),
            "saved": lambda body: self._rows.confirm(body["batch"]),
            "record": self._record,
            "end": self._end,
            "rename": self._rename,
            "name_markers": self._name_markers,
            "pause": self._pause,
            "explain": self._explain,
        }

    def run(self) -> None:
        """Publish until `stop`."""
        loop = RedisLoop(f"camera {self._name}", self._closing)
        while not self._closing.is_set() and not loop.try_once(self._become_owner):
            pass
        threads = [
            threading.Thread(target=target, name=target.__name__, daemon=True)
            for target in (self._read_vision, self._publish, self._read_commands)
        ]
        for thread in threads:
            thread.start()
        self._closing.wait()
        self._link.close()
        self._session.close()
        if self._notifications:
            self._notifications.close()
        for thread in threads:
            thread.join(1.0)
        if not self._error:
            RedisLoop(f"camera {self._name}", threading.Event()).try_once(self._leave)
        if self._error:
            raise self._error[0]

    def stop(self) -> None:
        """End `run`. May be called by a signal."""
        self._closing.set()

    def _become_owner(self) -> None:
        """Wait until no other process publishes a camera of this name, and go on with its session."""
        is_told = False
        while not self._redis.set(self._keys.owner, self._owner, nx=True, px=STATE_EXPIRES_MS):
            if not is_told:
                other: Any = self._redis.get(self._keys.owner) or b"another process"
                log.warning("camera %r is published by %s; waiting for its end", self._name, other.decode())
            is_told = True
            if self._closing.wait(OWNER_RETRY_S):
                return
        stored: Any = self._redis.get(self._keys.session)
        try:
            self._session.resume(stored)
        except (KeyError, TypeError, ValueError) as error:
            log.error("the running session cannot be gone on with: %s", error)
        self._commands.start(self._keys.commands)
        self._apply_leases()  # so that the first frame is drawn already

    def _leave(self) -> None:
        """Send the last rows, and let another process take the camera over."""
        self._publisher.step()
        self._publisher.withdraw()

    def _read_vision(self) -> None:
        """Handle the messages of the vision process."""
        while (message := self._link.receive()) is not None:
            if message.type == "frame":
                self._handle_frame(message)
            elif message.type == "status":
                self._state.update_status(message.body)
                self._session.recorder.note_source(self._state.is_demo)
                self._publisher.put_state()
            elif message.type == "vision":
                self._state.update_process(message.body)
                self._publisher.put_state()
            else:
                self._publisher.put_event(message)

    def _handle_frame(self, message: Message) -> None:
        body = dict(message.body)
        result = frame_from_message(message) if self._session.recorder.current or self._follow_rules else None
        if self._follow_rules and result:
            self._follow_rules(result)
        if self._session.recorder.current and result:
            self._session.add(result)
            now_s = time.monotonic()
            if now_s >= self._next_totals_at_s:
                self._next_totals_at_s = now_s + TOTALS_INTERVAL_S
                body["session"] = self._session.recorder.live_totals()
        self._publisher.put_frame(Message("frame", body, message.parts))

    def _publish(self) -> None:
        try:
            RedisLoop(f"camera {self._name}", self._closing).run(self._publisher.step)
        except NotOwner as error:
            self._error.append(error)
            self._closing.set()

    def _read_commands(self) -> None:
        RedisLoop(f"commands of camera {self._name}", self._closing).run(self._command_step)

    def _command_step(self) -> None:
        """Read commands for a while, then look at leases and lost rows."""
        for message in self._commands.read([self._keys.commands], LEASE_CHECK_S):
            try:
                self._handle(message)
            except (KeyError, TypeError, ValueError) as error:
                log.error("dropped a malformed command %r: %s", message.type, error)
        if time.monotonic() >= self._next_lease_check_at_s:
            self._apply_leases()
        self._rows.resend_lost(self._redis)

    def _handle(self, message: Message) -> None:
        handler = self._handlers.get(message.type)
        if handler is not None:
            handler(message.body)
            return
        if message.type in ("resume", "seek", "select"):
            self._state.pause = None
        self._link.send(message.type, message.body)

    def _apply_leases(self) -> None:
        """Have drawn what web nodes ask for; a running session needs the numbers."""
        self._next_lease_check_at_s = time.monotonic() + LEASE_CHECK_S
        leased = read_leases(self._redis, self._keys, self._wanted.views)
        wanted = Wanted(leased.views, leased.numbers or self._session.recorder.current is not None)
        before, self._wanted = self._wanted, wanted
        if wanted.views != before.views:
            self._link.send("views", {"views": list(wanted.views)})
        if wanted.numbers != before.numbers:
            self._link.send("numbers", {"wanted": wanted.numbers})

    def _pause(self, body: Mapping[str, Any]) -> None:
        self._state.pause = body
        self._link.send("pause")

    def _explain(self, body: Mapping[str, Any]) -> None:
        """Ask for an explanation, which shows a face: never where faces are hidden."""
        if self._blur:
            self._publisher.put_event(Message("explanation", {"request": body["request"], "error": HIDDEN}))
        else:
            self._link.send("explain", body)

    def _record(self, body: Mapping[str, Any]) -> None:
        self._answer(body, lambda: self._session.begin(body["session"], body["age_s"]))

    def _end(self, body: Mapping[str, Any]) -> None:
        """Stop the session beside the commands, of which some confirm its rows."""

        def end() -> None:
            self._answer(body, lambda: self._session.end(body["session_id"]))

        threading.Thread(target=end, name="end of session", daemon=True).start()

    def _rename(self, body: Mapping[str, Any]) -> None:
        self._session.recorder.rename(body["session_id"], body["name"])
        self._publisher.put_state()

    def _name_markers(self, body: Mapping[str, Any]) -> None:
        self._session.recorder.name_markers(body["session_id"], body["names"])
        self._publisher.put_state()

    def _answer(self, body: Mapping[str, Any], run: Callable[[], object]) -> None:
        """Run what a web node waits for, and send it the result or the error."""
        answer: dict[str, Any] = {"request": body["request"], "error": None, "result": None}
        try:
            answer["result"] = run()
        except SessionError as error:
            answer["error"] = str(error)
        self._publisher.put_state()
        self._publisher.put_event(Message("answer", answer))
