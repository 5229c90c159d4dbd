"""Language of a request, and what templates need of it: `t(key, **parameters)` and links to the other languages.

A visitor chooses a language with `?lang=CODE`, which a cookie keeps; otherwise the browser's `Accept-Language` decides.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import Flask, Response, request
from werkzeug.wrappers import Request

from app.translations.dictionary import DEFAULT_LANGUAGE, LANGUAGES, load_dictionary

PARAMETER = "lang"
COOKIE = "language"
COOKIE_MAX_AGE_S = 365 * 24 * 3600
# Areas with lines that the server and model cards write in English.
LINE_AREAS = ("problems", "cards")
# Texts that every page needs.
COMMON_AREAS = ("base", "attributes", "problems")


def install_language(app: Flask) -> None:
    """Add the globals `t`, `language`, `language_links` and `page_texts` to templates; keep a chosen language."""
    app.jinja_env.globals.update(t=t, language=current_language, language_links=language_links, page_texts=page_texts)
    app.after_request(_keep_choice)


def choose_language(request: Request) -> str:
    """One of `LANGUAGES`, by the query, the cookie or `Accept-Language`, in this order."""
    for choice in (request.args.get(PARAMETER), request.cookies.get(COOKIE)):
        if choice in LANGUAGES:
            return choice
    return request.accept_languages.best_match(list(LANGUAGES), DEFAULT_LANGUAGE)


def current_language() -> str:
    """The language of the request that is being answered."""
    return choose_language(request)


def t(key: str, **parameters: object) -> str:
    """The text of `AREA.key` in the language of the request."""
    return load_dictionary(current_language()).text(key, **parameters)


def page_texts(areas: list[str]) -> dict[str, Any]:
    """What a page embeds for its modules: `language`, the `texts` of `areas` and of every page, and `patterns`.

    `patterns` are the lines that are written in English, by which the page finds their translation; none on an English
    page.
    """
    language, names = current_language(), [*COMMON_AREAS, *areas]
    lines = [] if language == DEFAULT_LANGUAGE else [name for name in names if name in LINE_AREAS]
    return {
        "language": language,
        "texts": load_dictionary(language).section(names),
        "patterns": load_dictionary(DEFAULT_LANGUAGE).section(lines),
    }


def language_links() -> list[dict[str, str]]:
    """`code`, `name` and `url` of this page in each other language."""
    query = request.args.to_dict(flat=True)
    current = current_language()
    return [
        {"code": code, "name": name, "url": f"{request.path}?{urlencode(query | {PARAMETER: code})}"}
        for code, name in LANGUAGES.items()
        if code != current
    ]


def _keep_choice(response: Response) -> Response:
    choice = request.args.get(PARAMETER)
    if choice in LANGUAGES and response.mimetype == "text/html":  # an image in a language is no choice of a visitor
        response.set_cookie(COOKIE, choice, max_age=COOKIE_MAX_AGE_S, secure=request.is_secure, samesite="Lax")
    return response
