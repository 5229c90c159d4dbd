"""The address that the server listens on."""

import socket
from contextlib import closing

import pytest

from app.errors import PortInUse, SettingsError
from app.settings import Settings
from app.web.servers.listener import open_listener


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
