"""The token that a server beyond this computer asks of everyone, on every route, stream and socket."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable, Iterable
from typing import Any

from werkzeug.wrappers import Request, Response

from app.web.security.rate_limit import RateLimit
from app.web.security.response_headers import HEADERS

MAX_WRONG_TOKENS, WITHIN_S = 10, 60.0
ENTRANCE = "/enter"

PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="dark light"><link rel="icon" href="data:,"><title>Live face analysis</title>{head}
</head>
<body><h1>Live face analysis</h1><p>{text}</p></body>
</html>
"""
# The page opens itself once more: a browser that came from another site's link keeps the cookie from a mere redirect.
LANDING = PAGE.format(
    head='<meta http-equiv="refresh" content="0; url=/">', text='You may enter. <a href="/">Open the live page</a>'
)

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def new_token() -> str:
    """A token that nobody guesses, of characters that no terminal cuts off a link."""
    return secrets.token_hex(16)


class TokenAuthGuard:
    """Lets in who opens the link with the token, and from then on who holds the cookie given for it.

    The cookie holds a secret of its own, so that no browser keeps the token. Tools send the token as
    `Authorization: Bearer TOKEN`. Wrong tokens are limited by address; a cookie is no shorter way to guess,
    and who is in stays in while another at the same address tries tokens.
    """

    def __init__(self, inner: Wsgi, token: str, limit: RateLimit | None = None) -> None:
        self._inner = inner
        self._token = token
        self._ticket = secrets.token_urlsafe(32)
        self._wrong = limit or RateLimit(MAX_WRONG_TOKENS, WITHIN_S)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        answer = self._answer(Request(environ))
        return (self._inner if answer is None else _protected(answer))(environ, start_response)

    def _answer(self, request: Request) -> Response | None:
        """What stands between the request and the app; None lets it pass."""
        if request.path == ENTRANCE:
            return Response(LANDING, mimetype="text/html")
        linked = request.args.get("token") if request.path == "/" else None
        if linked is None and _same(request.cookies.get(_cookie_name(request)), self._ticket):
            return None
        given = linked if linked is not None else _bearer(request)
        if given is None:
            return _refusal(request, 401, "this server asks for its token; open the link it printed when it started")
        address = request.remote_addr or ""
        if self._wrong.spent(address):
            return self._too_many(request)
        if not _same(given, self._token):
            self._wrong.use(address)
            return _refusal(request, 401, "this token is wrong; open the link the server printed when it last started")
        return None if linked is None else self._admission(request)

    def _admission(self, request: Request) -> Response:
        """Give the cookie, and an address without the token."""
        answer = Response(status=303, headers={"Location": ENTRANCE})
        answer.set_cookie(
            _cookie_name(request), self._ticket, secure=request.is_secure, httponly=True, samesite="Strict"
        )
        return answer

    def _too_many(self, request: Request) -> Response:
        wait_s = round(self._wrong.within_s)
        answer = _refusal(request, 429, f"too many wrong tokens came from your address; try again in {wait_s} s")
        answer.headers["Retry-After"] = str(wait_s)
        return answer


def _same(given: str | None, expected: str) -> bool:
    """Compared in the same time wherever they differ."""
    return given is not None and hmac.compare_digest(given.encode(errors="replace"), expected.encode())


def _bearer(request: Request) -> str | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def _cookie_name(request: Request) -> str:
    """Cookies are shared between the ports of a host, servers are not."""
    return f"access-{request.environ.get('SERVER_PORT', '')}"


def _refusal(request: Request, status: int, line: str) -> Response:
    """A page for people, one line of JSON for the rest."""
    if "text/html" in request.headers.get("Accept", ""):
        return Response(PAGE.format(head="", text=f"{line[0].upper()}{line[1:]}."), status, mimetype="text/html")
    return Response(f'{{"error": "{line}"}}\n', status, mimetype="application/json")


def _protected(answer: Response) -> Response:
    """What came with the request may lie unread, so nothing more is taken from this connection."""
    answer.headers.extend({**HEADERS, "Cache-Control": "no-store", "Connection": "close"})
    return answer
