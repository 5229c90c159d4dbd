"""The address that the server listens on, and the link it prints."""

import re
import socket
from contextlib import closing

import pytest

from app.__main__ import _notes, _page_url, requested_server, with_default_command
from app.errors import PortInUse, SettingsError
from app.settings import Settings
from app.web.security.self_signed_certificate import with_own_certificate
from app.web.servers.listener import open_listener


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
    assert _page_url(address, secure, token) == link


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_a_wildcard_address_is_replaced_by_one_that_can_be_opened(host):
    link = _page_url((host, 5000), False, "abc")
    assert f"//{host}:" not in link
    assert f"[{host}]" not in link
    assert link.endswith(":5000/?token=abc")


def test_the_server_listens_on_ipv4_and_ipv6():
    for host in ("127.0.0.1", "::1", "[::1]"):
        try:
            listener = open_listener(Settings(host=host, port=0))
        except PortInUse:
            with pytest.raises(OSError, match="."), socket.socket(socket.AF_INET6) as probe:
                probe.bind(("::1", 0))
            pytest.skip("no IPv6 on this computer")
        with closing(listener):
            assert listener.getsockname()[0] == host.strip("[]")


def test_a_port_in_use_is_one_clear_line():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortInUse, match=f"--port {port + 1}"):
            open_listener(Settings(port=port))


@pytest.mark.parametrize("host", ["999.1.1.1", "192.0.2.1", "no-such-host.invalid"])
def test_a_wrong_address_is_told_as_one(host):
    with pytest.raises(SettingsError, match=f"host='{host}' is no address of this computer; give --host 127.0.0.1"):
        open_listener(Settings(host=host, port=0))


@pytest.mark.parametrize(
    ("arguments", "completed"),
    [
        ([], ["run"]),
        (["--port", "5942"], ["run", "--port", "5942"]),
        (["run", "--port", "1"], ["run", "--port", "1"]),
        (["doctor"], ["doctor"]),
        (["--help"], ["--help"]),
        (["--version"], ["--version"]),
    ],
)
def test_the_command_is_run_unless_one_is_named(arguments, completed):
    assert with_default_command(arguments) == completed


@pytest.mark.parametrize(
    ("arguments", "environ", "server"),
    [
        ([], {}, None),
        (["run", "--server", "threading"], {}, "threading"),
        (["run", "--server=threading", "--port", "1"], {"SERVER": "eventlet"}, "threading"),
        (["run", "--port", "1"], {"SERVER": "threading"}, "threading"),
    ],
)
def test_the_server_is_known_before_the_command_line_is_read(arguments, environ, server):
    assert requested_server(arguments, environ) == server


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
    lines = list(_notes(Settings(**changes), makes_certificate))
    assert len(lines) == len(words)
    assert all(word in line for word, line in zip(words, lines, strict=True))


def test_the_fingerprint_of_the_servers_own_certificate_is_printed(tmp_path):
    settings = with_own_certificate(Settings(source="browser", host="0.0.0.0", https=True), tmp_path)
    _, line = _notes(settings, True)
    assert re.fullmatch(r"SHA-256 fingerprint ([0-9A-F]{2}:){31}[0-9A-F]{2}", line)
