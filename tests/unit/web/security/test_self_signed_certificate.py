"""The certificate of `--https`: its names, its file, and when it is made anew."""

import ipaddress
import socket
import ssl
import stat
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from app.errors import SettingsError
from app.settings import Settings
from app.web.security.self_signed_certificate import (
    RENEWED_BEFORE_DAYS,
    VALID_DAYS,
    certificate_names,
    fingerprint,
    own_certificate,
    renew,
    with_own_certificate,
)
from app.web.security.tls_listener import tls_context

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
NAMES = frozenset({"localhost", "127.0.0.1", "::1", "studio.local", "192.0.2.7"})


def names_in(path: Path) -> set[str]:
    certificate = x509.load_pem_x509_certificate(path.read_bytes())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return {str(name.value) for name in names}


def test_it_names_what_it_is_made_for_and_is_readable_by_its_owner_only(tmp_path):
    path = own_certificate(tmp_path / "data", NAMES, NOW)
    assert names_in(path) == NAMES
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    ("days", "names", "is_kept"),
    [
        (0, NAMES, True),
        (VALID_DAYS - RENEWED_BEFORE_DAYS - 1, NAMES - {"192.0.2.7"}, True),
        (VALID_DAYS - RENEWED_BEFORE_DAYS + 1, NAMES, False),
        (-30, NAMES, False),
        (1, NAMES | {"192.0.2.8"}, False),
    ],
)
def test_it_is_kept_until_it_ends_soon_or_lacks_a_name(tmp_path, days, names, is_kept):
    before = fingerprint(own_certificate(tmp_path, NAMES, NOW))
    after = fingerprint(own_certificate(tmp_path, names, NOW + timedelta(days=days)))
    assert (before == after) is is_kept


@pytest.mark.parametrize("content", [b"", b"no certificate"])
def test_a_damaged_file_is_replaced(tmp_path, content):
    path = own_certificate(tmp_path, NAMES, NOW)
    path.write_bytes(content)
    assert names_in(own_certificate(tmp_path, NAMES, NOW)) == NAMES


def test_a_folder_that_cannot_be_written_is_one_clear_line(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(SettingsError, match="--data"):
        own_certificate(tmp_path / "file", NAMES, NOW)


def test_the_names_are_those_of_the_computer_and_of_the_operator():
    names = certificate_names(Settings(host="0.0.0.0", names="faces.example, 198.51.100.4"))
    assert {"localhost", "127.0.0.1", socket.gethostname().lower(), "faces.example", "198.51.100.4"} <= names
    assert all("%" not in name for name in names), "no interface in an address"


def handshake(server: ssl.SSLContext, client: ssl.SSLContext, name: str) -> bytes:
    """The certificate that a client accepts for a name."""
    ours, theirs = socket.socketpair()

    def answer() -> None:
        with server.wrap_socket(theirs, server_side=True) as connection:
            connection.recv(1)

    thread = threading.Thread(target=answer)
    thread.start()
    with client.wrap_socket(ours, server_hostname=name) as connection:
        connection.sendall(b"x")
        certificate = connection.getpeercert(binary_form=True)
    thread.join()
    assert certificate is not None
    return certificate


def test_clients_that_trust_it_accept_it_for_all_its_names_also_after_a_renewal(tmp_path):
    settings = with_own_certificate(Settings(https=True), tmp_path)
    server = tls_context(settings)
    assert server is not None
    client = ssl.create_default_context(cafile=settings.cert)
    address = next(name for name in names_in(Path(str(settings.cert))) if name != "127.0.0.1" and _is_ipv4(name))
    before = [handshake(server, client, name) for name in ("localhost", "127.0.0.1", address)]
    Path(str(settings.cert)).unlink()
    renew(server, settings)
    after = handshake(server, ssl.create_default_context(cafile=settings.cert), "localhost")
    assert after not in before


def _is_ipv4(name: str) -> bool:
    try:
        return ipaddress.ip_address(name).version == 4
    except ValueError:
        return False
