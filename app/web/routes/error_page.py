"""Errors as a page for people, and as one line of JSON for everything else."""

from __future__ import annotations

from urllib.parse import quote

from flask import Response, jsonify, make_response, request
from werkzeug.exceptions import HTTPException, NotFound

from app.web.routes.pages import render_page


def error_response(message: str, code: int) -> Response:
    """The response to a request that failed with `message`: a page if the client prefers HTML, else JSON."""
    response = make_response(render_page("error.html", message=message)) if prefers_page() else jsonify(error=message)
    response.status_code = code
    return response


def http_error_message(error: HTTPException) -> str:
    """One line for an error of Flask or of a route."""
    if error.description == NotFound.description:
        shown = "".join(letter if letter.isprintable() else quote(letter) for letter in request.path)
        return f"there is nothing at {shown}; check the address"
    return error.description or error.name


def prefers_page() -> bool:
    """Whether the client is a browser that opens an address; its scripts and other clients accept anything alike."""
    accepted = request.accept_mimetypes
    return accepted["text/html"] > accepted["application/json"]
