"""The HTML pages. They embed the descriptions of the attributes and load their data through the JSON interface."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for

from app.attributes.attribute_set import FIRST_OVERLAYS, LAST_OVERLAYS, AttributeSet
from app.attributes.localization import localize_attributes
from app.translations.dictionary import Dictionary, load_dictionary
from app.web.language.request_language import current_language
from app.web.live.services import current_services

# Toggles that fit beside the tools in one row below the video of a laptop screen (1366 x 768).
MAX_TOGGLES_IN_ROW = 6

# Sizes of the icons that browsers want of an app that can be installed.
ICON_SIZES_PX = (192, 512)
# Colour of a window before the page is drawn: --ground of static/css/base.css.
BACKGROUND = "#0f1012"

blueprint = Blueprint("pages", __name__)


@dataclass(frozen=True, slots=True)
class Toggle:
    """A toggle of the live page; `overlay` is a word of `show`."""

    overlay: str
    title: str
    is_on: bool


@blueprint.get("/")
def start() -> str:
    """The live page, or a wall of all cameras if there are several; with `?kiosk` without controls."""
    cameras = current_services().cameras
    if cameras.is_wall:
        return render_page("wall.html", cameras=[camera.name for camera in cameras], kiosk="kiosk" in request.args)
    return _render_live_page(None)


@blueprint.get("/cameras/<name>")
def camera(name: str) -> str:
    """The live page of one camera."""
    return _render_live_page(current_services().cameras.find(name).name)


def _render_live_page(camera: str | None) -> str:
    """The live page of a camera, or of the only one if none is named."""
    row, menu = arrange_toggles(current_services().attributes, load_dictionary(current_language()))
    is_one_of_several = camera is not None and current_services().cameras.is_wall
    return render_page(
        "dashboard.html",
        toggles=row,
        menu=menu,
        kiosk="kiosk" in request.args,
        camera=camera,
        is_one_of_several=is_one_of_several,
    )


@blueprint.get("/manifest.webmanifest")
def manifest() -> Response:
    """The web app manifest: with it browsers offer to install the live page, in the language of the page."""
    icons = [_icon("icon.svg", "any", "image/svg+xml")]
    icons += [_icon(f"icon-{size}.png", f"{size}x{size}", "image/png") for size in ICON_SIZES_PX]
    text = load_dictionary(current_language()).text
    described = {
        "id": "/",
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "name": text("base.product"),
        "short_name": text("base.short_name"),
        "description": text("live.tagline"),
        "lang": current_language(),
        "background_color": BACKGROUND,
        "theme_color": BACKGROUND,
        "icons": icons,
    }
    return Response(json.dumps(described, ensure_ascii=False), mimetype="application/manifest+json")


@blueprint.get("/models")
def models() -> str:
    """The models page."""
    return render_page("models.html")


@blueprint.get("/try")
def try_picture() -> str:
    """The page for one picture; 404 on a web node, which analyses none."""
    _ = current_services().pictures
    return render_page("try.html")


@blueprint.get("/sessions")
def sessions() -> str:
    """The list of sessions."""
    settings = current_services().settings
    return render_page("sessions.html", keep_days=settings.keep_days, max_upload_mb=settings.max_upload_mb)


@blueprint.get("/sessions/<int:session_id>")
def session(session_id: int) -> tuple[str, int]:
    """The page of one session, with the attributes of its time; 404 if it does not exist."""
    return _render_session_page("session.html", session_id)


@blueprint.get("/sessions/<int:session_id>/report")
def report(session_id: int) -> tuple[str, int]:
    """The session, or the part of it that the filter in the query names, on one page for printing."""
    return _render_session_page("report.html", session_id)


@blueprint.get("/compare")
def compare() -> str:
    """Comparison of sessions, people or spans."""
    return render_page("compare.html")


def _render_session_page(template: str, session_id: int) -> tuple[str, int]:
    services = current_services()
    recorded = services.disk_worker.call(services.store.attributes, session_id)
    page = render_page(template, recorded or services.attributes, session_id=session_id)
    return page, 404 if recorded is None else 200


def arrange_toggles(attributes: AttributeSet, dictionary: Dictionary) -> tuple[list[Toggle], list[Toggle]]:
    """The toggles of the overlays and served attributes: those in the row, and those in a menu at its end.

    If the row would be too long, those that are off at first are in the menu, except for hiding faces.
    """
    shown = set(attributes.default_show)
    overlays = (*FIRST_OVERLAYS, *LAST_OVERLAYS)
    titles = {name: dictionary.text(f"attributes.overlays.{name}") for name in overlays}
    titles |= {attribute.name: attribute.title for attribute in localize_attributes(attributes, dictionary)}
    names = [name for name in attributes.showable if name in overlays or name in attributes.served]
    toggles = [Toggle(name, titles[name], name in shown) for name in names]
    if len(toggles) <= MAX_TOGGLES_IN_ROW:
        return toggles, []
    menu = [toggle for toggle in toggles if not toggle.is_on and toggle.overlay not in LAST_OVERLAYS]
    return [toggle for toggle in toggles if toggle not in menu], menu


def _icon(file: str, sizes: str, content_type: str) -> dict[str, str]:
    return {
        "src": url_for("static", filename=f"img/{file}"),
        "sizes": sizes,
        "type": content_type,
        "purpose": "any maskable",
    }


def render_page(template: str, attributes: AttributeSet | None = None, **context: Any) -> str:
    """The page with the descriptions of the attributes, so that it is drawn without waiting for them."""
    described = localize_attributes(attributes or current_services().attributes, load_dictionary(current_language()))
    return render_template(template, attributes=described.describe(), **context)
