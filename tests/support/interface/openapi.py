"""Check requests and answers against `GET /api/openapi.json`. `running_app` does so for all that its client sends."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from flask import Flask, Response, request
from jsonschema_rs import Draft202012Validator

from app.web.routes.api import OPENAPI_FILE

DOCUMENT: Mapping[str, Any] = json.loads(OPENAPI_FILE.read_text())
# The schema of OpenAPI documents, https://spec.openapis.org/oas/3.1/schema/2022-10-07 (Apache License 2.0).
OPENAPI_SCHEMA = json.loads((Path(__file__).parent / "openapi-3.1-schema.json").read_text())
# Werkzeug adds these to every route.
IMPLIED_METHODS = {"HEAD", "OPTIONS"}


def template_of(rule: str) -> str:
    """The path of a Flask rule as OpenAPI writes it: `/a/<int:id>` is `/a/{id}`."""
    return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule)


def schema_errors(schema: Mapping[str, Any], value: Any, where: str) -> list[str]:
    """How a value differs from a schema of the document."""
    # References of the schema begin at its root.
    rooted = {**schema, "components": DOCUMENT["components"]}
    errors = Draft202012Validator(rooted, validate_formats=True).iter_errors(value)
    return [f"{where}{json_path(error.instance_path)}: {error.message}" for error in errors]


def json_path(parts: Iterable[str | int]) -> str:
    """Where in a document a value is: `.cameras[0].source`."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts)


def resolve(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    """What an entry refers to, if it is a reference."""
    while "$ref" in entry:
        target: Any = DOCUMENT
        for name in entry["$ref"].removeprefix("#/").split("/"):
            target = target[name]
        entry = target
    return entry


def operation_of(method: str, rule: str) -> Mapping[str, Any] | None:
    """The operation of a route; None if the document lacks it."""
    operation: Mapping[str, Any] | None = DOCUMENT["paths"].get(template_of(rule), {}).get(method.lower())
    return operation


class OpenApiChecker:
    """Notes what an app receives and answers against the document. Accepted requests have to be valid.

    Attributes:
        problems: One line each.
    """

    def __init__(self, app: Flask) -> None:
        self.problems: list[str] = []
        app.after_request(self.check)

    def check(self, response: Response) -> Response:
        """Check one request and its answer."""
        rule = request.url_rule
        if rule is None or request.endpoint == "static" or request.method == "OPTIONS":
            return response
        where = f"{request.method} {rule.rule}"
        operation = operation_of("GET" if request.method == "HEAD" else request.method, rule.rule)
        if operation is None:
            self.problems.append(f"{where} is not described in {OPENAPI_FILE.name}")
            return response
        if response.status_code < 400:
            self.problems += request_errors(operation, where)
        self.problems += response_errors(operation, response, f"{where} {response.status_code}")
        return response


def request_errors(operation: Mapping[str, Any], where: str) -> list[str]:
    """How the present request differs from its operation."""
    parameters = {one["name"]: one for one in map(resolve, operation.get("parameters", ()))}
    # Pages keep parameters that only their modules read.
    unknown = (name for name in request.args if name not in parameters and "pages" not in operation["tags"])
    errors = [f"{where}: parameter {name} is not described" for name in unknown]
    for name, text in request.args.items():
        if name in parameters:
            errors += schema_errors(
                parameters[name]["schema"], typed(text, parameters[name]["schema"]), f"{where}?{name}"
            )
    body = operation.get("requestBody")
    if body is None and request.content_length:
        errors.append(f"{where}: a body is not described")
    if body is not None and request.is_json:
        schema = body["content"].get("application/json", {}).get("schema")
        errors += [f"{where}: JSON is not described"] if schema is None else schema_errors(schema, request.json, where)
    return errors


def response_errors(operation: Mapping[str, Any], response: Response, where: str) -> list[str]:
    """How an answer differs from its operation."""
    described = operation["responses"].get(str(response.status_code))
    if described is None:
        if response.status_code < 400:
            return [f"{where} is not described"]
        described = operation["responses"]["default"]
    content = resolve(described).get("content", {})
    if not content:
        return [f"{where} has a body"] if response.content_length else []
    if response.mimetype not in content:
        return [f"{where}: {response.mimetype} is not described"]
    if response.mimetype != "application/json" or response.direct_passthrough:
        return []
    return schema_errors(content["application/json"]["schema"], response.get_json(), where)


def typed(text: str, schema: Mapping[str, Any]) -> Any:
    """The text of a parameter as its schema means it."""
    convert = {"number": float, "integer": int}.get(str(schema.get("type")), str)
    try:
        return convert(text)
    except ValueError:
        return text
