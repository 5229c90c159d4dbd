"""The JSON interface (docs/api.md)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from flask import Blueprint, Flask, Response, jsonify, request, send_file
from werkzeug.exceptions import HTTPException, ServiceUnavailable

from app.errors import (
    AppError,
    EditConflict,
    InvalidRequest,
    NoPicture,
    NotOffered,
    SessionError,
    TooManyViews,
    UnknownItem,
    UnknownView,
    UnreadableArchive,
    UnreadableMedia,
)
from app.jobs.job_store import JobError, JobNotFound
from app.jobs.request_process import AnalysisBusy, AnalysisFailed
from app.model_cards import list_cards
from app.paths import PACKAGE
from app.web.live.explanations import ExplanationRefused
from app.web.live.live_camera import HEALTHY_STATES
from app.web.live.row_feed import TooManyReaders
from app.web.live.services import current_camera, current_services
from app.web.routes.error_page import error_response, http_error_message
from app.web.security.token_auth import WITHOUT_TOKEN

# Limit for the vision process's reply: a device that hangs must not block the camera menu for longer.
CAMERA_LIST_TIMEOUT_S = 2.0
# Written by hand; tests hold every route, request and answer to it.
OPENAPI_FILE = PACKAGE / "web" / "openapi.json"
# When to send a picture or job again that was one too many.
BUSY_RETRY_AFTER_S = 2
HTTP_STATUS_BY_ERROR: Mapping[type[AppError], int] = {
    UnknownView: 400,
    ExplanationRefused: 409,
    TooManyViews: 503,
    TooManyReaders: 503,
    NoPicture: 503,
    SessionError: 503,
    InvalidRequest: 400,
    UnreadableArchive: 422,
    UnknownItem: 404,
    NotOffered: 404,
    EditConflict: 409,
    UnreadableMedia: 422,
    AnalysisBusy: 503,
    AnalysisFailed: 503,
    JobError: 503,
    JobNotFound: 404,
}

blueprint = Blueprint("api", __name__)


@blueprint.get("/healthz")
def healthz() -> tuple[Response, int]:
    """Health for monitoring: 200 while frames arrive, the camera is paused or a browser is waited for, else 503.

    Of several cameras, all are told of unless the request names one. Without a token, only the state is told.
    """
    cameras = current_services().cameras
    if WITHOUT_TOKEN in request.environ:
        state = cameras.health()["status"]
        return jsonify({"status": state}), 200 if state in HEALTHY_STATES else 503
    tells_all = cameras.is_wall and "camera" not in request.args
    health = cameras.health() if tells_all else current_camera().health()
    return jsonify(health), 200 if health["status"] in HEALTHY_STATES else 503


@blueprint.get("/api/status")
def status() -> Response:
    """The newest `status` and `stats` events."""
    camera = current_camera()
    return jsonify({**camera.status(), "stats": camera.stats()})


@blueprint.get("/api/openapi.json")
def openapi() -> Response:
    """The description of all routes (OpenAPI 3.1)."""
    return send_file(OPENAPI_FILE, mimetype="application/json")


@blueprint.get("/api/cameras")
def cameras() -> Response:
    """The cameras of this computer; 503 if the vision process does not reply."""
    available = current_camera().sources.request(CAMERA_LIST_TIMEOUT_S)
    if available is None:
        raise ServiceUnavailable(f"the vision process listed no cameras within {CAMERA_LIST_TIMEOUT_S:g} s; try again")
    return jsonify(cameras=available)


@blueprint.get("/api/attributes")
def attributes() -> Response:
    """The descriptions of all attributes."""
    return jsonify(attributes=current_services().attributes.describe())


@blueprint.get("/api/models")
def models() -> Response:
    """The model cards."""
    services = current_services()
    return jsonify(models=services.disk_worker.call(list_cards, Path(services.settings.models)))


def register_error_handlers(app: Flask) -> None:
    """Respond to every error with one line of JSON, or a page if a browser opens the address."""
    app.register_error_handler(HTTPException, _http_error_response)
    app.register_error_handler(AppError, _app_error_response)


def _http_error_response(error: HTTPException) -> Response | HTTPException:
    if error.code is None or error.code < 400:  # a redirect
        return error
    return error_response(http_error_message(error), error.code)


def _app_error_response(error: AppError) -> Response:
    response = error_response(str(error), HTTP_STATUS_BY_ERROR.get(type(error), 500))
    if isinstance(error, AnalysisBusy):
        response.headers["Retry-After"] = str(BUSY_RETRY_AFTER_S)
    return response
