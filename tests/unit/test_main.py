"""The address that the server listens on, and the link it prints."""

import socket
from contextlib import closing

import pytest

from app.__main__ import _page_url, requested_server, with_default_command
from app.errors import PortInUse, SettingsError
from app.settings import Settings
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
