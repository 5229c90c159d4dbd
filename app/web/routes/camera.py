"""The page on which a browser gives its camera, and the link to it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import segno
from flask import Blueprint, Response, jsonify, make_response, redirect, render_template, request

from app.translations.dictionary import Dictionary, load_dictionary
from app.web.camera.browser_camera import current_browser_cameras
from app.web.camera.camera_access import PAGE_PATH, cookie_name, pass_of
from app.web.camera.jpeg_header import MAX_LONGER_SIDE_PX, MAX_SHORTER_SIDE_PX
from app.web.language.request_language import current_language
from app.web.language.text_page import text_page
from app.web.live.services import current_camera, current_services
from app.web.security.rate_limit import client_network
from app.web.security.request_guard import is_loopback
from app.web.security.response_headers import SECURITY_HEADERS
from app.web.security.token_auth import WRONG_TOKEN_WINDOW_S
from app.web.servers.network_address import is_unspecified, shown_host

LANDING_PATH = f"{PAGE_PATH}/enter"
# White modules around the code, which readers need (ISO/IEC 18004).
QUIET_ZONE_MODULES = 4
# All other pages are denied the camera.
PERMISSIONS = SECURITY_HEADERS["Permissions-Policy"].replace("camera=()", "camera=(self)")

blueprint = Blueprint("camera", __name__)


@blueprint.get(PAGE_PATH)
def camera_page() -> Response:
    """The page that gives a camera; with the token of a link the way to it."""
    token = request.args.get("token")
    if token is not None:
        return _open_link(token)
    if not current_browser_cameras().access.is_admitted(pass_of(request.environ)):
        return text_page(request, _texts().text("camera.ended"), 401)
    limits = {"longer": MAX_LONGER_SIDE_PX, "shorter": MAX_SHORTER_SIDE_PX}
    page = render_template("camera.html", mirror=current_services().settings.mirror, limits=limits)
    response = make_response(page)
    response.headers["Permissions-Policy"] = PERMISSIONS
    return response


@blueprint.get(LANDING_PATH)
def landing_page() -> Response:
    """Open the page by a navigation that this page starts: as the landing page of `token_auth`."""
    return text_page(request, "", 200, f'<meta http-equiv="refresh" content="0; url={PAGE_PATH}">')


@blueprint.get(f"{PAGE_PATH}/pass")
def check_pass() -> tuple[Response | str, int]:
    """Whether this browser may still give its camera: 204, else 401."""
    if current_browser_cameras().access.is_admitted(pass_of(request.environ)):
        return "", 204
    return jsonify(error="this link has ended; scan the code on the live page again"), 401


@blueprint.post("/api/camera-link")
def camera_link() -> Response:
    """A link to the page, with a code to scan."""
    token, ends_in_s = current_browser_cameras().find(current_camera().name).link()
    base = _base_url()
    url = f"{base}{PAGE_PATH}?token={token}"
    is_local = is_loopback(urlsplit(base).hostname or "")
    return jsonify(
        url=url,
        code=segno.make(url, micro=False).svg_data_uri(border=QUIET_ZONE_MODULES, light="white"),
        ends_in_s=round(ends_in_s),
        local=is_local,
        secure=is_local or base.startswith("https:"),
    )


@blueprint.delete("/api/camera-link")
def revoke_camera_link() -> tuple[str, int]:
    """End the link and the connection of the browser that gives its camera."""
    current_browser_cameras().find(current_camera().name).revoke()
    return "", 204


def _base_url() -> str:
    """Scheme, host and port under which a phone reaches this server: `localhost` in the address of the live page means
    the phone itself."""
    url = urlsplit(request.host_url)
    host = current_services().settings.host
    if not (is_loopback(url.hostname or "") and is_unspecified(host)):
        return request.host_url.rstrip("/")
    return f"{url.scheme}://{shown_host(host)}:{url.port or request.environ['SERVER_PORT']}"


def _open_link(token: str) -> Response:
    """Set the cookie with the pass, and go on to an address without the token."""
    access = current_browser_cameras().access
    given = access.open_link(token)
    if given is not None:
        response: Any = redirect(LANDING_PATH, 303)
        response.set_cookie(
            cookie_name(request.environ), given, secure=request.is_secure, httponly=True, samesite="Strict"
        )
        return response
    if access.may_try(client_network(request.remote_addr or "")):
        return text_page(request, _texts().text("camera.ended"), 401)
    response = text_page(request, _texts().text("camera.too_many_wrong"), 429)
    response.headers["Retry-After"] = str(round(WRONG_TOKEN_WINDOW_S))
    return response


def _texts() -> Dictionary:
    return load_dictionary(current_language())
