"""Headers of proxies: believed of the named ones only."""

from typing import Any

import pytest

from app.settings import parse_networks
from app.web.security.proxy_headers import ProxyHeaders

PROXY = "10.0.0.2"
FORWARDED = {
    "HTTP_X_FORWARDED_FOR": "198.51.100.1, 203.0.113.9",
    "HTTP_X_FORWARDED_PROTO": "https",
    "HTTP_X_FORWARDED_HOST": "faces.example",
}


def passed_on(remote_address: str, trusted: str = PROXY, **headers: str) -> dict[str, Any]:
    """The environment that the app gets."""
    seen: dict[str, Any] = {}
    environ = {
        "REMOTE_ADDR": remote_address,
        "HTTP_HOST": "inside:5000",
        "wsgi.url_scheme": "http",
        "SERVER_NAME": "inside",
        "SERVER_PORT": "5000",
        **headers,
    }
    ProxyHeaders(lambda environ, start: seen.update(environ) or [], parse_networks(trusted))(environ, lambda *_: None)
    return seen


def test_a_trusted_proxy_tells_client_scheme_and_host():
    environ = passed_on(PROXY, **FORWARDED)
    assert (environ["REMOTE_ADDR"], environ["wsgi.url_scheme"], environ["HTTP_HOST"]) == (
        "203.0.113.9",
        "https",
        "faces.example",
    )


@pytest.mark.parametrize("address", ["198.51.100.7", "127.0.0.1", "::1", ""])
def test_headers_of_others_are_removed(address: str):
    environ = passed_on(address, **FORWARDED)
    assert (environ["REMOTE_ADDR"], environ["wsgi.url_scheme"], environ["HTTP_HOST"]) == (
        address,
        "http",
        "inside:5000",
    )
    assert [name for name in environ if "FORWARDED" in name] == []


def test_nobody_is_trusted_by_default():
    assert passed_on("127.0.0.1", trusted="", **FORWARDED)["REMOTE_ADDR"] == "127.0.0.1"


def test_the_client_is_the_last_address_before_the_trusted_proxies():
    headers = {"HTTP_X_FORWARDED_FOR": "192.0.2.1, forged, 203.0.113.9, 10.0.0.3"}
    assert passed_on(PROXY, trusted="10.0.0.0/8", **headers)["REMOTE_ADDR"] == "203.0.113.9"


@pytest.mark.parametrize("value", ["", "garbage", "10.0.0.2", ",,"])
def test_a_list_without_a_client_gives_the_proxy(value: str):
    assert passed_on(PROXY, HTTP_X_FORWARDED_FOR=value)["REMOTE_ADDR"] == PROXY


def test_a_proxy_is_recognised_where_the_server_listens_on_ipv6():
    assert passed_on(f"::ffff:{PROXY}", **FORWARDED)["REMOTE_ADDR"] == "203.0.113.9"
