"""A page of one line without style sheets and modules, which a visitor who is not admitted may not load."""

from __future__ import annotations

from flask import Response
from werkzeug.wrappers import Request

from app.translations.dictionary import load_dictionary
from app.web.language.request_language import choose_language

HTML_PAGE = """<!doctype html>
<html lang="{language}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="dark light"><link rel="icon" href="data:,"><title>{title}</title>{head}
</head>
<body><main><h1>{title}</h1><p>{body}</p></main></body>
</html>
"""


def text_page(request: Request, body: str, status: int = 200, head: str = "") -> Response:
    """The page in the language of the request; `body` and `head` are HTML."""
    language = choose_language(request)
    title = load_dictionary(language).text("base.product")
    page = HTML_PAGE.format(language=language, title=title, head=head, body=body)
    return Response(page, status, mimetype="text/html")
