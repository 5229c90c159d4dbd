"""The HTML pages. They load their data through the JSON interface."""

from __future__ import annotations

from flask import Blueprint, render_template

from app.domain import DEFAULT_SHOW, SHOWABLE
from app.web.live.services import current_services

blueprint = Blueprint("pages", __name__)


@blueprint.get("/")
def dashboard() -> str:
    """The live page."""
    return render_template("dashboard.html", layers=SHOWABLE, default_layers=DEFAULT_SHOW)


@blueprint.get("/models")
def models() -> str:
    """The models page."""
    return render_template("models.html")


@blueprint.get("/sessions")
def sessions() -> str:
    """The list of sessions."""
    return render_template("sessions.html", keep_days=current_services().settings.keep_days)


@blueprint.get("/sessions/<int:session_id>")
def session(session_id: int) -> tuple[str, int]:
    """The page of one session; 404 if it does not exist."""
    services = current_services()
    exists = services.disk_worker.call(services.store.session, session_id) is not None
    return render_template("session.html", session_id=session_id), 200 if exists else 404
