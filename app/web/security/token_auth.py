"""Token authentication for servers that other computers can reach: every route, stream and socket.

Supervisors ask for the health without a token, and get one word.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable, Iterable
from typing import Any

from werkzeug.wrappers import Request, Response

from app.translations.dictionary import DEFAULT_LANGUAGE, load_dictionary
from app.web.language.request_language import choose_language
from app.web.language.text_page import text_page
from app.web.security.rate_limit import RateLimit, client_network
from app.web.security.response_headers import SECURITY_HEADERS

# Wrong tokens of one address within the window; further ones get another answer. The right one is always accepted, so
# that nobody is locked out by others at the same address: a token of 128 bits cannot be guessed at any rate.
MAX_WRONG_TOKENS = 10
WRONG_TOKEN_WINDOW_S = 60.0
TOKEN_BYTES = 16
LANDING_PATH = "/enter"
HEALTH_PATH = "/healthz"
WITHOUT_TOKEN = "faces.without_token"  # in the WSGI environment of a request for the health  # noqa: S105  # nosec B105

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def new_token() -> str:
    """A random token of hexadecimal digits, which terminals do not cut off at the end of a link."""
    return secrets.token_hex(TOKEN_BYTES)


class TokenAuthGuard:
    """WSGI middleware: opening the link with the token sets a cookie, which admits all later requests.

    The cookie holds a secret of its own, so that browsers do not store the token. Tools send the token as
    `Authorization: Bearer TOKEN`. Wrong tokens are limited by address. Requests with a valid cookie are not limited,
    so that a viewer stays signed in while another client at the same address tries tokens.

    Args:
        inner: The app.
        token: Admits to everything.
        limit: Of wrong tokens by client.
        admits: Whether a request needs no token, since something else admits it.
    """

    def __init__(
        self,
        inner: Wsgi,
        token: str,
        limit: RateLimit | None = None,
        admits: Callable[[Request], bool] = lambda _: False,
    ) -> None:
        self._inner = inner
        self._token = token
        self._admits = admits
        # The same on all web nodes that share the token, from which it is derived one way.
        self._cookie_secret = hmac.new(token.encode(), b"cookie", "sha256").hexdigest()
        self._wrong_tokens = limit or RateLimit(MAX_WRONG_TOKENS, WRONG_TOKEN_WINDOW_S)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        response = self._authenticate(Request(environ))
        return (self._inner if response is None else _add_security_headers(response))(environ, start_response)

    def _authenticate(self, request: Request) -> Response | None:
        """The response to a request that is not passed on to the app; None passes it on."""
        if self._admits(request):
            return None
        if request.path == LANDING_PATH:
            return _landing_page(request)
        link_token = request.args.get("token") if request.path == "/" else None
        if link_token is None and _equals(request.cookies.get(_cookie_name(request)), self._cookie_secret):
            return None
        token = link_token if link_token is not None else _bearer_token(request)
        if token is None and request.path == HEALTH_PATH and request.method == "GET":
            request.environ[WITHOUT_TOKEN] = True
            return None
        if token is None:
            return _error_response(request, 401, "errors.token_needed")
        if _equals(token, self._token):
            return None if link_token is None else self._set_cookie(request)
        if not self._wrong_tokens.try_use(client_network(request.remote_addr or "")):
            return self._too_many_requests(request)
        return _error_response(request, 401, "errors.token_wrong")

    def _set_cookie(self, request: Request) -> Response:
        """Set the cookie and redirect to an address without the token."""
        response = Response(status=303, headers={"Location": LANDING_PATH})
        response.set_cookie(
            _cookie_name(request), self._cookie_secret, secure=request.is_secure, httponly=True, samesite="Strict"
        )
        return response

    def _too_many_requests(self, request: Request) -> Response:
        wait_s = round(self._wrong_tokens.window_s)
        response = _error_response(request, 429, "errors.too_many_tokens", seconds=wait_s)
        response.headers["Retry-After"] = str(wait_s)
        return response


def _equals(value: str | None, secret: str) -> bool:
    """Compare in constant time."""
    return value is not None and hmac.compare_digest(value.encode(errors="replace"), secret.encode())


def _bearer_token(request: Request) -> str | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def _cookie_name(request: Request) -> str:
    """Contains the port, since browsers share cookies between all ports of a host."""
    return f"access-{request.environ.get('SERVER_PORT', '')}"


def _landing_page(request: Request) -> Response:
    """Reload instead of redirecting: when the link was opened from another site, browsers do not send a SameSite=Strict
    cookie with a redirect, but they do with a navigation that this page starts."""
    dictionary = load_dictionary(choose_language(request))
    body = f'{dictionary.text("errors.signed_in")} <a href="/">{dictionary.text("errors.open_live")}</a>'
    return text_page(request, body, head='<meta http-equiv="refresh" content="0; url=/">')


def _error_response(request: Request, status: int, key: str, **parameters: object) -> Response:
    """An HTML page in the language of the browser, one line of JSON in English for other clients."""
    if "text/html" in request.headers.get("Accept", ""):
        text = load_dictionary(choose_language(request)).text(key, **parameters)
        return text_page(request, f"{text[0].upper()}{text[1:]}.", status)
    message = load_dictionary(DEFAULT_LANGUAGE).text(key, **parameters)
    return Response(f'{{"error": "{message}"}}\n', status, mimetype="application/json")


def _add_security_headers(response: Response) -> Response:
    """Also close the connection, since the request's body may be unread."""
    response.headers.extend({**SECURITY_HEADERS, "Cache-Control": "no-store", "Connection": "close"})
    return response
