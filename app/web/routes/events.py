"""Socket.IO events that pages send: payloads are validated before anything is done."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

from flask import request
from flask_socketio import ConnectionRefusedError, SocketIO, emit, join_room

from app.errors import AppError, NoPicture, SessionError, UnknownItem
from app.sessions.edits.markers import FIELDS
from app.sessions.edits.texts import parse_marker_names, parse_name
from app.sessions.rows.records import RATES, NewSession
from app.sessions.store import MAX_SESSION_ID
from app.web.live.services import current_camera, current_services
from app.web.routes.sessions.markers import edit_marker, set_marker
from app.web.security.rate_limit import RateLimit

# Events of one page within the window: more than a person triggers by hand.
MAX_EVENTS = 30
EVENT_WINDOW_S = 10.0
# Longer than any camera URL or path in practice.
MAX_SOURCE_CHARACTERS = 1000
# Longer than any file: a year.
MAX_POSITION_S = 366 * 24 * 3600

Payload = Mapping[str, Any]
Acknowledgement = dict[str, Any]


class MalformedPayload(AppError, ValueError):
    """A payload does not have the form given in docs/api.md."""


class TooManyEvents(AppError, RuntimeError):
    """A page sends events faster than the rate limit allows."""


def register_events(
    socketio: SocketIO, on_connected: Callable[[dict[str, Any]], None], limit: RateLimit | None = None
) -> None:
    """Register the events of docs/api.md.

    Args:
        on_connected: Called with the WSGI environment of each page that has connected.
        limit: Default: `MAX_EVENTS` within `EVENT_WINDOW_S`.
    """
    limit = limit or RateLimit(MAX_EVENTS, EVENT_WINDOW_S)
    for name, handler in HANDLERS.items():
        on_success = _emit_status if name.startswith("session_") else _do_nothing
        socketio.on_event(name, acknowledge(handler, on_success, limit))

    def connect_page(auth: Any = None) -> None:
        connect(auth)
        on_connected(request.environ)

    socketio.on_event("connect", connect_page)
    socketio.on_event("disconnect", disconnect)


def acknowledge(
    handler: Callable[[Payload], Acknowledgement], on_success: Callable[[], None], limit: RateLimit
) -> Callable[..., Acknowledgement]:
    """Wrap a handler: apply the rate limit, validate the payload and return errors in the acknowledgement."""

    @functools.wraps(handler)
    def handle(*args: Any) -> Acknowledgement:
        try:
            if not limit.try_use(_client_id()):
                raise TooManyEvents(f"more than {MAX_EVENTS} requests within {EVENT_WINDOW_S:g} s; wait a moment")
            acknowledgement = handler(_parse_payload(args))
        except AppError as error:
            return {"ok": False, "error": str(error)}
        on_success()
        return {"ok": True, **acknowledgement}

    return handle


def connect(_auth: Any = None) -> None:
    """Register a page, which shows one camera, and send it the status; refuse one that names an unknown camera."""
    try:
        camera = current_camera()
    except UnknownItem as error:
        raise ConnectionRefusedError(str(error)) from None
    join_room(camera.room)
    camera.clients.add(_client_id())
    camera.presence.update()
    emit("status", camera.status())


def disconnect(_reason: Any = None) -> None:
    """Remove a page."""
    camera = current_camera()
    camera.clients.discard(_client_id())
    camera.presence.update()


def session_start(payload: Payload) -> Acknowledgement:
    """Start a session."""
    _check_keys(payload, optional=("name", "rate", "marker_names"))
    name = parse_name(payload["name"]) if "name" in payload else None
    camera = current_camera()
    rate = payload.get("rate", camera.settings.rate)
    if type(rate) is not int or rate not in RATES:
        raise MalformedPayload(f"rate is one of {', '.join(map(str, RATES))} rows a person and second; choose one")
    if problem := camera.state.picture_problem:
        raise NoPicture(problem)
    if not camera.state.models_known:
        raise SessionError("the analysis has not started yet; try again in a moment")
    source = camera.state.camera
    new = NewSession(
        name,
        source=source.get("source"),
        demo=bool(source.get("demo")),
        attributes=camera.attributes,
        rate=rate,
        marker_names=parse_marker_names(payload.get("marker_names") or {}),
        camera=camera.settings.camera_name,
    )
    summary = camera.recorder.start(new)
    camera.presence.update()
    return {"session": summary}


def session_stop(payload: Payload) -> Acknowledgement:
    """Stop the running session."""
    _check_keys(payload)
    camera = current_camera()
    summary = camera.recorder.stop()
    camera.presence.update()
    return {"session": summary}


def session_rename(payload: Payload) -> Acknowledgement:
    """Rename a session, running or not."""
    _check_keys(payload, required=("id", "name"))
    session_id = payload["id"]
    if type(session_id) is not int or not 0 < session_id <= MAX_SESSION_ID:
        raise MalformedPayload("id must be the integer id of a session")
    recorder = current_services().cameras.recorder_of(session_id)
    return {"session": recorder.rename(session_id, parse_name(payload["name"]))}


def marker_add(payload: Payload) -> Acknowledgement:
    """Set a marker in a session, by default in the running one and now."""
    _check_keys(payload, optional=("id", *FIELDS))
    values = dict(payload)
    return {"marker": set_marker(_pop_session_id(values), values)}


def marker_change(payload: Payload) -> Acknowledgement:
    """Change a marker of a session, by default of the running one; an `end` of "now" makes it a span."""
    _check_keys(payload, required=("marker",), optional=("id", *FIELDS))
    values = dict(payload)
    marker_id = values.pop("marker")
    if type(marker_id) is not int:
        raise MalformedPayload("marker must be the integer id of a marker")
    return {"marker": edit_marker(_pop_session_id(values), marker_id, values)}


def camera_pause(payload: Payload) -> Acknowledgement:
    """Pause the camera for everyone; the acknowledgement has what `pause` of the status then has."""
    _check_keys(payload)
    camera = current_camera()
    pause = camera.state.start_pause()
    camera.link.send("pause", pause)  # other web nodes learn of it from the camera
    return {"pause": pause}


def camera_resume(payload: Payload) -> Acknowledgement:
    """Resume the camera."""
    _check_keys(payload)
    camera = current_camera()
    camera.state.end_pause()
    camera.link.send("resume")
    return {}


def camera_seek(payload: Payload) -> Acknowledgement:
    """Play a file or folder from another position, for everyone."""
    _check_keys(payload, required=("position_s",))
    position_s = payload["position_s"]
    if type(position_s) not in (int, float) or not 0 <= position_s <= MAX_POSITION_S:
        raise MalformedPayload("position_s must be a number of seconds from the start")
    camera = current_camera()
    if camera.state.camera.get("duration_s") is None:
        raise MalformedPayload("this source has no positions; only files and folders of known length have")
    camera.state.end_pause()
    camera.link.send("seek", {"position_s": float(position_s)})
    return {}


def camera_select(payload: Payload) -> Acknowledgement:
    """Switch to a source of the last camera list."""
    _check_keys(payload, required=("source",))
    source = payload["source"]
    if not isinstance(source, str) or not 0 < len(source) <= MAX_SOURCE_CHARACTERS:
        raise MalformedPayload("source must be a string, one of the sources that GET /api/cameras lists")
    camera = current_camera()
    if not camera.sources.contains(source):
        raise MalformedPayload("this source is not in the list of cameras; reload the list")
    camera.state.end_pause()
    camera.link.send("select", {"source": source})
    return {}


def analysis_retry(payload: Payload) -> Acknowledgement:
    """Restart a vision process that failed too often to be restarted automatically."""
    _check_keys(payload)
    current_camera().link.send("retry")
    return {}


HANDLERS: Mapping[str, Callable[[Payload], Acknowledgement]] = {
    "session_start": session_start,
    "session_stop": session_stop,
    "session_rename": session_rename,
    "marker_add": marker_add,
    "marker_change": marker_change,
    "camera_pause": camera_pause,
    "camera_resume": camera_resume,
    "camera_seek": camera_seek,
    "camera_select": camera_select,
    "analysis_retry": analysis_retry,
}


def _parse_payload(args: tuple[Any, ...]) -> Payload:
    if len(args) != 1 or not isinstance(args[0], dict):
        raise MalformedPayload("the payload must be one object; see docs/api.md")
    return args[0]


def _check_keys(payload: Payload, required: tuple[str, ...] = (), optional: tuple[str, ...] = ()) -> None:
    missing = [key for key in required if key not in payload]
    if missing:
        raise MalformedPayload(f"the payload lacks {', '.join(missing)}; see docs/api.md")
    allowed = (*required, *optional)
    if payload.keys() - set(allowed):
        raise MalformedPayload(f"the only allowed keys are: {', '.join(allowed) or 'none'}; see docs/api.md")


def _pop_session_id(values: dict[str, Any]) -> int:
    """The session that a payload names, else the running one."""
    current = current_camera().recorder.current
    session_id = values.pop("id", current and current["id"])
    if session_id is None:
        raise SessionError("no session is running; start one first")
    if type(session_id) is not int:
        raise MalformedPayload("id must be the integer id of a session")
    return session_id


def _client_id() -> str:
    return str(request.sid)  # type: ignore[attr-defined]  # added by flask_socketio


def _emit_status() -> None:
    """Send each page the status of its camera, after a session was started, stopped or renamed."""
    current_services().cameras.emit_status()


def _do_nothing() -> None:
    """Camera events do not change the status here; the vision process reports the change."""
