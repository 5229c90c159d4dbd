"""Values of requests about sessions: the filter in the query, and bodies of JSON."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeVar

from flask import request

from app.errors import InvalidRequest
from app.sessions.analysis.selection import Filter
from app.web.live.services import current_services

Result = TypeVar("Result")

MAX_TIME_S = 1e9


def read_session(session_id: int, function: Callable[..., Result]) -> Result:
    """The result of a function of connection, header and current time that reads a session."""
    services = current_services()
    return services.disk_worker.call(services.store.read, session_id, function)


def edit_session(session_id: int, function: Callable[..., Result]) -> Result:
    """The result of a function of connection, header and current time that changes a session."""
    services = current_services()
    return services.disk_worker.call(services.store.edit, session_id, function)


def filter_of_query() -> Filter:
    """The filter in the parameters `people`, `from`, `to`, `markers` and `excluded` (docs/api.md).

    Raises:
        InvalidRequest: a parameter is malformed.
    """
    return parse_filter(
        {
            "people": _numbers_of_query("people"),
            "from": _number_of_query("from"),
            "to": _number_of_query("to"),
            "markers": _numbers_of_query("markers"),
            "excluded": flag_of_query("excluded", False),
        }
    )


def parse_filter(values: Mapping[str, Any]) -> Filter:
    """The filter with these values, as they stand in JSON.

    Raises:
        InvalidRequest: one of them is malformed.
    """
    people, markers = values.get("people"), values.get("markers")
    for name, numbers in (("people", people), ("markers", markers)):
        if numbers is not None and (
            not isinstance(numbers, list) or any(type(number) is not int for number in numbers)
        ):
            raise InvalidRequest(f"{name} is a list of integers; correct it")
    start_s, end_s = values.get("from"), values.get("to")
    for name, time_s in (("from", start_s), ("to", end_s)):
        if time_s is not None and (type(time_s) not in (int, float) or not 0 <= time_s < MAX_TIME_S):
            raise InvalidRequest(f"{name} is a number of seconds since the session started, 0 or more; correct it")
    return Filter(
        people=people,
        start_ms=round(1000 * (start_s or 0)),
        end_ms=None if end_s is None else round(1000 * end_s),
        markers=markers or (),
        with_excluded=values.get("excluded") is True,
    )


def flag_of_query(name: str, default: bool) -> bool:
    """Whether a parameter is set, and not to 0."""
    return request.args.get(name, str(int(default))) not in ("", "0", "false")


def integer_of_query(name: str, default: int, limits: tuple[int, int]) -> int:
    """An integer parameter within limits; raises InvalidRequest."""
    text = request.args.get(name, str(default))
    if not text.isdecimal() or not limits[0] <= int(text) <= limits[1]:
        raise InvalidRequest(f"{name} is an integer from {limits[0]} to {limits[1]}; correct it")
    return int(text)


def json_body(allowed: Collection[str]) -> dict[str, Any]:
    """The body, an object with some of the allowed keys; raises InvalidRequest."""
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise InvalidRequest("the body must be one JSON object, with Content-Type: application/json; see docs/api.md")
    if unknown := body.keys() - set(allowed):
        keys = ", ".join(sorted(unknown))
        raise InvalidRequest(f"unknown key {keys}; the allowed keys are: {', '.join(allowed) or 'none'}")
    return body


def _numbers_of_query(name: str) -> list[int] | None:
    text = request.args.get(name)
    if not text:
        return None
    if not all(part.isdecimal() for part in text.split(",")):
        raise InvalidRequest(f"{name} is a list of integers with commas between; correct it")
    return [int(part) for part in text.split(",")]


def _number_of_query(name: str) -> float | None:
    text = request.args.get(name)
    if not text:
        return None
    try:
        return float(text)
    except ValueError:
        raise InvalidRequest(f"{name} is a number of seconds, not {text[:20]!r}; correct it") from None
