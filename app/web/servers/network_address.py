"""The addresses under which other devices reach this computer."""

from __future__ import annotations

import socket
from ipaddress import ip_address

# Addresses reserved for documentation (RFC 5737, RFC 3849). Connecting a UDP socket to one sends nothing.
UNREACHABLE_IPV4 = "192.0.2.1"
UNREACHABLE_IPV6 = "2001:db8::1"
DISCARD_PORT = 9


def network_address(host: str) -> str:
    """This computer's address on its network, for a server that listens on all addresses; `localhost` if offline."""
    family, remote = (socket.AF_INET6, UNREACHABLE_IPV6) if host == "::" else (socket.AF_INET, UNREACHABLE_IPV4)
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((remote, DISCARD_PORT))
            return str(probe.getsockname()[0])
        except OSError:  # no network
            return "localhost"


def shown_host(host: str) -> str:
    """The host of a link to a server that listens on this address: in brackets if it is IPv6."""
    host = network_address(host) if is_unspecified(host) else host
    return f"[{host}]" if ":" in host else host


def is_unspecified(host: str) -> bool:
    """Whether a server that listens on this address listens on all of the computer's."""
    try:
        return ip_address(host.strip("[]")).is_unspecified
    except ValueError:
        return False
