"""The page `/learn`, its bundled photographs, and the answers of its lessons, which another process computes."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, request, send_file
from flask.blueprints import BlueprintSetupState
from werkzeug.exceptions import LengthRequired, NotFound, TooManyRequests

from app.jobs.lesson_process import MAX_REQUEST_BYTES
from app.learn.chapters import CHAPTERS
from app.paths import ASSETS
from app.web.live.services import current_services
from app.web.routes.pages import render_page
from app.web.security.rate_limit import RateLimit, client_network

# A slider that is moved for ten seconds asks about six times a second.
MAX_REQUESTS_PER_WINDOW = 80
WINDOW_S = 10.0
# The public-domain portraits of the demo.
PHOTOS = {"eileen_collins": "eileen_collins.png", "grace_hopper": "grace_hopper.jpg"}
# Key of the `RateLimit` in `app.extensions`.
LIMIT = "lesson_limit"

blueprint = Blueprint("learn", __name__)


@blueprint.record
def _install_limit(state: BlueprintSetupState) -> None:
    """Each app counts its own clients."""
    state.app.extensions[LIMIT] = RateLimit(MAX_REQUESTS_PER_WINDOW, WINDOW_S)


@blueprint.get("/learn")
def overview() -> str:
    """The list of chapters; 404 on a web node, which computes no lessons."""
    _ = current_services().lessons
    return render_page("learn.html", chapters=CHAPTERS, chapter=None, photos=tuple(PHOTOS))


@blueprint.get("/learn/<chapter>")
def chapter(chapter: str) -> str:
    """One chapter; 404 if it does not exist."""
    _ = current_services().lessons
    if chapter not in CHAPTERS:
        raise NotFound(f"there is no chapter {chapter[:40]!r}; see /learn")
    return render_page("learn.html", chapters=CHAPTERS, chapter=chapter, photos=tuple(PHOTOS))


@blueprint.get("/learn/photos/<name>")
def photo(name: str) -> Response:
    """One of the bundled photographs."""
    if name not in PHOTOS:
        raise NotFound(f"there is no photograph {name[:40]!r}; choose from {', '.join(PHOTOS)}")
    return send_file(ASSETS / "portraits" / PHOTOS[name])


@blueprint.post("/api/learn")
def answer() -> Response:
    """The answer of a lesson to a picture and parameters. Nothing of it is kept."""
    limit: RateLimit = current_app.extensions[LIMIT]
    if not limit.try_use(client_network(request.remote_addr or "")):
        raise TooManyRequests(f"a client gets {MAX_REQUESTS_PER_WINDOW} answers within {WINDOW_S:g} s; try again soon")
    if request.content_length is None:
        raise LengthRequired("the request states no length; send a JSON object")
    request.max_content_length = MAX_REQUEST_BYTES
    content = current_services().lessons.answer(request.get_data())
    return Response(content, mimetype="application/json")
