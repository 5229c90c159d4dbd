"""A certificate of the server's own for `--https`: made for its names and addresses, kept, renewed before it ends."""

from __future__ import annotations

import ipaddress
import logging
import os
import socket
import ssl
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from app.errors import SettingsError
from app.paths import NAME
from app.sessions.database.private_files import FILE_MODE, create_private_folder
from app.settings import Settings
from app.web.security.request_guard import local_host_names, split_names

FILE_NAME = "https.pem"
# Apple's devices accept at most 825 days, and ask again after each renewal.
VALID_DAYS = 365
RENEWED_BEFORE_DAYS = 30
# Clocks of devices may be a little behind.
VALID_SINCE = timedelta(days=1)
ALWAYS_NAMED = ("localhost", "127.0.0.1", "::1")

Names = frozenset[str]

log = logging.getLogger(__name__)


def own_certificate(folder: Path, names: Names, now: datetime) -> Path:
    """The file of a certificate and its key for these names and addresses, made anew where it must be.

    Raises:
        SettingsError: the file cannot be written.
    """
    path = folder / FILE_NAME
    if not _is_usable(path, names, now):
        try:
            create_private_folder(folder)
            _write_private(path, _make(names, now))
        except OSError as error:
            raise SettingsError(
                f"cannot keep a certificate in {str(folder)!r} ({error.strerror}); choose another folder with --data"
            ) from None
    return path


def with_own_certificate(settings: Settings, folder: Path) -> Settings:
    """The settings with the server's own certificate, which is kept in this folder.

    Raises:
        SettingsError: the file cannot be written.
    """
    path = str(own_certificate(folder, certificate_names(settings), utc_now()))
    return settings.with_options(cert=path, key=path)


def renew(context: ssl.SSLContext, settings: Settings) -> None:
    """Let new connections use a new certificate if the one of `with_own_certificate` ends soon."""
    path = Path(str(settings.cert))
    try:
        context.load_cert_chain(own_certificate(path.parent, certificate_names(settings), utc_now()))
    except SettingsError as error:
        log.error("%s", error)


def certificate_names(settings: Settings) -> Names:
    """The names and addresses of this computer, and those of `--names`."""
    addresses = {
        address.address.partition("%")[0]
        for interface in psutil.net_if_addrs().values()
        for address in interface
        if address.family in (socket.AF_INET, socket.AF_INET6)
    }
    return frozenset({*ALWAYS_NAMED, *addresses, *local_host_names(settings.host), *split_names(settings.names)})


def fingerprint(path: Path) -> str:
    """SHA-256 of the certificate as browsers show it: pairs of hexadecimal digits."""
    return _load(path).fingerprint(hashes.SHA256()).hex(":").upper()


def _is_usable(path: Path, names: Names, now: datetime) -> bool:
    """Whether the file holds a certificate that names everything and does not end soon."""
    try:
        certificate = _load(path)
        named = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (OSError, ValueError, x509.ExtensionNotFound):
        return False
    ends = certificate.not_valid_after_utc - timedelta(days=RENEWED_BEFORE_DAYS)
    return certificate.not_valid_before_utc <= now < ends and set(_general_names(names)) <= set(named)


def _load(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def _make(names: Names, now: datetime) -> bytes:
    """A certificate and its key as PEM. It signs itself, so that devices which want that can trust it for good."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{NAME} on {socket.gethostname()}"[:64])])
    builder = x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - VALID_SINCE).not_valid_after(now + timedelta(days=VALID_DAYS))
    usage = x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    extensions: list[tuple[x509.ExtensionType, bool]] = [
        (x509.SubjectAlternativeName(_general_names(names)), False),
        (x509.BasicConstraints(ca=True, path_length=0), True),
        (usage, True),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False),
    ]
    for extension, is_critical in extensions:
        builder = builder.add_extension(extension, is_critical)
    certificate = builder.sign(key, hashes.SHA256())
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return certificate.public_bytes(serialization.Encoding.PEM) + private


def _general_names(names: Collection[str]) -> list[x509.GeneralName]:
    """Addresses and host names; what is neither is left out, such as a name with other letters than ASCII."""
    found: list[x509.GeneralName] = []
    for name in sorted(names):
        try:
            found.append(x509.IPAddress(ipaddress.ip_address(name)))
        except ValueError:
            if name.isascii():
                found.append(x509.DNSName(name))
    return found


def _write_private(path: Path, data: bytes) -> None:
    """Replace the file at once by one that only its owner can read."""
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, FILE_MODE)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
    part.replace(path)


def utc_now() -> datetime:
    """The time by which certificates begin and end."""
    return datetime.now(UTC)
