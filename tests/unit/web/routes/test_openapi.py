"""The description of the HTTP interface: valid, complete, and what the tests' requests and answers are held to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask, Response
from jsonschema_rs import Draft202012Validator, meta

from app import __version__
from app.paths import PROJECT
from app.web.routes import api
from tests.support.interface.openapi import (
    DOCUMENT,
    IMPLIED_METHODS,
    OPENAPI_SCHEMA,
    OpenApiChecker,
    operation_of,
    resolve,
    template_of,
)
from tests.support.web import RunningApp, running_app

# `GET /api/sessions` and the like in docs/api.md.
ROUTE = re.compile(r"\b(GET|POST|PUT|PATCH|DELETE) (/[\w./<>-]*)")
# Messages of a browser that gives its camera, where a proxy lets no WebSocket through.
IN_FRONT_OF_FLASK = {"/camera/socket"}


@pytest.fixture
def web(tmp_path: Path) -> Iterator[RunningApp]:
    with running_app(tmp_path) as web:
        yield web


def routes(app: Flask) -> set[tuple[str, str]]:
    """Method and rule of every route."""
    return {
        (method, rule.rule)
        for rule in app.url_map.iter_rules()
        if rule.endpoint != "static"
        for method in (rule.methods or set()) - IMPLIED_METHODS
    }


def test_the_document_is_valid_openapi():
    assert sorted(error.message for error in Draft202012Validator(OPENAPI_SCHEMA).iter_errors(DOCUMENT)) == []
    for schema in DOCUMENT["components"]["schemas"].values():
        meta.validate(schema)
    assert DOCUMENT["info"]["version"] == __version__
    assert list(DOCUMENT["paths"]) == sorted(DOCUMENT["paths"]), "sorted, so that additions are easy to find"


def test_every_route_is_described_and_nothing_else(web: RunningApp):
    described = {(method.upper(), path) for path, operations in DOCUMENT["paths"].items() for method in operations}
    assert {(method, template_of(rule)) for method, rule in routes(web.app)} == described
    for path, operations in DOCUMENT["paths"].items():
        for method, operation in operations.items():
            named = {one["name"] for one in map(resolve, operation.get("parameters", ())) if one["in"] == "path"}
            assert named == set(re.findall(r"\{(\w+)\}", path)), f"{method} {path}"
            assert operation["summary"].endswith("."), f"{method} {path}"


def test_every_route_of_the_documentation_is_described():
    named = set(ROUTE.findall((PROJECT / "docs/api.md").read_text()))
    assert len(named) > 15
    paths = {re.sub(r"\{\w+\}", "{}", path) for path in DOCUMENT["paths"]}
    assert {path for _, path in named if re.sub(r"<\w+>", "{}", path) not in paths} == IN_FRONT_OF_FLASK


def test_the_server_answers_with_the_document(web: RunningApp):
    assert web.client.get("/api/openapi.json").get_json() == DOCUMENT


def test_differences_are_noticed():
    app = Flask("differing")
    api.register_error_handlers(app)
    app.add_url_rule("/api/cameras", "cameras", lambda: {"cameras": [{"source": 0}]})
    app.add_url_rule("/api/secret", "secret", lambda: {})
    app.add_url_rule("/healthz", "healthz", lambda: Response("fine"))
    app.add_url_rule("/api/jobs/<job_id>", "job", lambda job_id: ("", 201), methods=["DELETE"])
    checker, client = OpenApiChecker(app), app.test_client()
    for path in ("/api/cameras?page=2", "/api/secret", "/healthz"):
        client.get(path)
    client.delete("/api/jobs/1", json={})
    assert checker.problems == [
        "GET /api/cameras: parameter page is not described",
        'GET /api/cameras 200.cameras[0]: "name" is a required property',
        'GET /api/cameras 200.cameras[0].source: 0 is not of type "string"',
        "GET /api/secret is not described in openapi.json",
        "GET /healthz 200: text/html is not described",
        "DELETE /api/jobs/<job_id>: a body is not described",
        "DELETE /api/jobs/<job_id> 201 is not described",
    ]
    assert operation_of("GET", "/api/nothing") is None
