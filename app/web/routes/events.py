"""Socket.IO: what pages send, checked before anything is done, and what they are told at once."""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

from flask import request
from flask_socketio import SocketIO, emit

from app.errors import AppError, SessionError
from app.sessions.store import LARGEST_ID
from app.web.live.services import current_services
from app.web.security.rate_limit import RateLimit

MAX_EVENTS, WITHIN_S = 30, 10.0  # of one page; more than a person presses
LONGEST_NAME = 120
LONGEST_SOURCE = 1000
# Control characters, halves of surrogate pairs, and line and paragraph separators.
REFUSED_CATEGORIES = ("Cc", "Cs", "Zl", "Zp")

Payload = Mapping[str, Any]
Answer = dict[str, Any]


class MalformedPayload(AppError, ValueError):
    """A payload is not of the form that docs/api.md gives."""


class TooManyEvents(AppError, RuntimeError):
    """A page asks for more than a person would."""


def register(socketio: SocketIO, changed: Callable[[], None], limit: RateLimit | None = None) -> None:
    """Answer the events of docs/api.md; `changed` is called when the status has changed."""
    limit = limit or RateLimit(MAX_EVENTS, WITHIN_S)
    for name, handler in HANDLERS.items():
        socketio.on_event(name, acknowledged(handler, changed if name.startswith("session_") else _nothing, limit))
    socketio.on_event("connect", connect)
    socketio.on_event("disconnect", disconnect)


def acknowledged(
    handler: Callable[[Payload], Answer], done: Callable[[], None], limit: RateLimit
) -> Callable[..., Answer]:
    """The handler with its use limited, its payload checked and its errors put into the acknowledgement."""

    @functools.wraps(handler)
    def handle(*args: Any) -> Answer:
        try:
            if not limit.use(_client()):
                raise TooManyEvents(f"more than {MAX_EVENTS} requests came within {WITHIN_S:g} s; wait a moment")
            answer = handler(_payload(args))
        except AppError as error:
            return {"ok": False, "error": str(error)}
        done()
        return {"ok": True, **answer}

    return handle


def connect(_auth: Any = None) -> None:
    current_services().clients.add(_client())
    current_services().presence.update()
    emit("status", current_services().status())


def disconnect(_reason: Any = None) -> None:
    current_services().clients.discard(_client())
    current_services().presence.update()


def session_start(payload: Payload) -> Answer:
    _only(payload, optional=("name",))
    name = _name(payload["name"]) if "name" in payload else None
    services = current_services()
    if not services.state.known:
        raise SessionError("the analysis has not started yet; try again in a moment")
    camera = services.state.camera
    summary = services.recorder.start(
        name, source=camera.get("source"), demo=bool(camera.get("demo")), labels=services.state.emotion_labels
    )
    services.presence.update()
    return {"session": summary}


def session_stop(payload: Payload) -> Answer:
    _only(payload)
    services = current_services()
    summary = services.recorder.stop()
    services.presence.update()
    return {"session": summary}


def session_rename(payload: Payload) -> Answer:
    _only(payload, required=("id", "name"))
    session_id = payload["id"]
    if type(session_id) is not int or not 0 < session_id <= LARGEST_ID:
        raise MalformedPayload("id must be the whole number of a session")
    return {"session": current_services().recorder.rename(session_id, _name(payload["name"]))}


def camera_pause(payload: Payload) -> Answer:
    _only(payload)
    current_services().link.send("pause")
    return {}


def camera_resume(payload: Payload) -> Answer:
    _only(payload)
    current_services().link.send("resume")
    return {}


def camera_select(payload: Payload) -> Answer:
    _only(payload, required=("source",))
    source = payload["source"]
    if not isinstance(source, str) or not 0 < len(source) <= LONGEST_SOURCE:
        raise MalformedPayload("source must be text, one of those that GET /api/cameras lists")
    if not current_services().cameras.offers(source):
        raise MalformedPayload("this source is none of those listed; open the list of cameras again")
    current_services().link.send("select", {"source": source})
    return {}


def analysis_retry(payload: Payload) -> Answer:
    _only(payload)
    current_services().link.send("retry")
    return {}


HANDLERS: Mapping[str, Callable[[Payload], Answer]] = {
    "session_start": session_start,
    "session_stop": session_stop,
    "session_rename": session_rename,
    "camera_pause": camera_pause,
    "camera_resume": camera_resume,
    "camera_select": camera_select,
    "analysis_retry": analysis_retry,
}


def _payload(args: tuple[Any, ...]) -> Payload:
    if len(args) != 1 or not isinstance(args[0], dict):
        raise MalformedPayload("the payload must be one object; see docs/api.md")
    return args[0]


def _only(payload: Payload, required: tuple[str, ...] = (), optional: tuple[str, ...] = ()) -> None:
    missing = [key for key in required if key not in payload]
    if missing:
        raise MalformedPayload(f"the payload lacks {', '.join(missing)}; see docs/api.md")
    if payload.keys() - {*required, *optional}:
        raise MalformedPayload(
            f"the payload may hold only {', '.join((*required, *optional)) or 'nothing'}; see docs/api.md"
        )


def _name(value: Any) -> str:
    """A name as typed, without the space around it."""
    name = value.strip() if isinstance(value, str) else ""
    if not 1 <= len(name) <= LONGEST_NAME:
        raise MalformedPayload(f"a name has 1 to {LONGEST_NAME} characters; give another")
    if any(unicodedata.category(character) in REFUSED_CATEGORIES for character in name):
        raise MalformedPayload("a name may not hold control characters; give another")
    return name


def _client() -> str:
    return str(request.sid)  # type: ignore[attr-defined]  # added by flask_socketio


def _nothing() -> None:
    """Nothing in the status has changed here; the vision process will say if it does."""
