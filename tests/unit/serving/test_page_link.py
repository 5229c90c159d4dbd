"""The link that a started server prints."""

import re

import pytest

from app.serving.page_link import link_notes, page_url
from app.settings import Settings
from app.web.security.self_signed_certificate import with_own_certificate


@pytest.mark.parametrize(
    ("address", "secure", "token", "link"),
    [
        (("127.0.0.1", 5000), False, None, "http://127.0.0.1:5000"),
        (("::1", 5000, 0, 0), False, None, "http://[::1]:5000"),
        (("192.0.2.7", 80), False, "abc", "http://192.0.2.7:80/?token=abc"),
        (("192.0.2.7", 443), True, "abc", "https://192.0.2.7:443/?token=abc"),
    ],
)
def test_the_link_has_scheme_host_port_and_token(address, secure, token, link):
    assert page_url(address, secure, token) == link


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_a_wildcard_address_is_replaced_by_one_that_can_be_opened(host):
    link = page_url((host, 5000), False, "abc")
    assert f"//{host}:" not in link
    assert f"[{host}]" not in link
    assert link.endswith(":5000/?token=abc")


@pytest.mark.parametrize(
    ("changes", "makes_certificate", "words"),
    [
        ({"source": "browser", "host": "0.0.0.0"}, False, ["--https"]),
        ({"source": "browser"}, False, []),
        ({"source": "browser", "host": "0.0.0.0", "behind_proxy": "192.0.2.1"}, False, []),
        ({"source": "demo", "host": "0.0.0.0"}, False, []),
    ],
)
def test_a_browsers_camera_on_the_network_without_https_gets_one_line_of_advice(changes, makes_certificate, words):
    lines = list(link_notes(Settings(**changes), makes_certificate))
    assert len(lines) == len(words)
    assert all(word in line for word, line in zip(words, lines, strict=True))


def test_the_fingerprint_of_the_servers_own_certificate_is_printed(tmp_path):
    settings = with_own_certificate(Settings(source="browser", host="0.0.0.0", https=True), tmp_path)
    _, line = link_notes(settings, True)
    assert re.fullmatch(r"SHA-256 fingerprint ([0-9A-F]{2}:){31}[0-9A-F]{2}", line)
