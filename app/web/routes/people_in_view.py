"""What pages ask about single people in view: an explanation of what is read, and their neutral face."""

from __future__ import annotations

import base64

from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import Conflict, Forbidden

from app.attributes.estimate import ClassEstimate
from app.domain import FaceResult
from app.web.language.request_language import t
from app.web.live.live_camera import LiveCamera
from app.web.live.services import current_camera

NEUTRAL_ATTRIBUTE = "emotion"
NOT_READ = "this is not read from the face now; a mask may hide it"
PAUSED = "the source is paused; resume it, then try again"

blueprint = Blueprint("people_in_view", __name__)


@blueprint.post("/api/people/<int:person>/explanation")
def explain(person: int) -> Response:
    """Which parts of a person's face speak for an attribute's label; 403 while faces are hidden, 409 if not now."""
    camera = current_camera()
    if camera.settings.blur:
        raise Forbidden("this server hides faces (--blur), so it shows none in an explanation either")
    _check_running(camera)
    attribute = request.args.get("attribute", NEUTRAL_ATTRIBUTE)
    if attribute not in camera.attributes.served:
        raise Conflict(NOT_READ)
    answer = camera.explanations.request(person, attribute)
    body = {name: value for name, value in answer.body.items() if name != "request"}
    return jsonify(**body, patch=base64.b64encode(answer.parts[0]).decode())


@blueprint.put("/api/people/<int:person>/neutral-face")
def measure_neutral_face(person: int) -> tuple[str, int]:
    """Measure a person's neutral face from now on, and then correct by it what is read; 409 if not now."""
    camera = current_camera()
    _check_running(camera)
    emotion = _face_in_view(camera, person).estimates.get(NEUTRAL_ATTRIBUTE)
    if not isinstance(emotion, ClassEstimate) or emotion.probabilities is None:
        raise Conflict(NOT_READ)
    camera.neutral_face_markers.expect(person, t("neutral.marker", id=person), t("neutral.applied"))
    camera.link.send("measure_neutral_face", {"person": person})
    return "", 204


@blueprint.delete("/api/people/<int:person>/neutral-face")
def forget_neutral_face(person: int) -> tuple[str, int]:
    """Read a person as everyone else again."""
    camera = current_camera()
    camera.neutral_face_markers.forget(person)
    camera.link.send("forget_neutral_face", {"person": person})
    return "", 204


def _check_running(camera: LiveCamera) -> None:
    """Refuse while no frames arrive."""
    state = camera.state.camera.get("state")
    if state == "paused":
        raise Conflict(PAUSED)
    if state != "live":
        raise Conflict("no frames arrive; check that the camera is live")


def _face_in_view(camera: LiveCamera, person: int) -> FaceResult:
    for face in camera.faces_in_view:
        if face.id == person:
            return face
    raise Conflict(f"person {person} is not in view any more")
