"""The address of a PostgreSQL server, and its password, which never stands in the address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from app.errors import SettingsError

DRIVER = "postgresql+psycopg"
EXAMPLE = f"{DRIVER}://USER@HOST/DATABASE"
PASSWORD_VARIABLE = "DATABASE_PASSWORD"  # noqa: S105  # nosec B105: the name of a variable
PASSWORD_FILE_VARIABLE = "DATABASE_PASSWORD_FILE"  # noqa: S105  # nosec B105: the name of a variable


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """Where a database is, and who opens it.

    Attributes:
        url: Without a password.
        password: None to leave it to libpq (`PGPASSFILE`, a client certificate, peer authentication).
    """

    url: URL
    password: str | None = field(default=None, repr=False)

    def __str__(self) -> str:
        """The address without its parameters."""
        return self.url.set(query={}).render_as_string(hide_password=True)


def parse_address(text: str, environ: Mapping[str, str]) -> ServerAddress:
    """The address of a URL, with the password of the environment.

    Raises:
        SettingsError: it is no such URL, it contains a password, or the file of the password cannot be read. The
            message does not repeat the URL, which may contain a password.
    """
    try:
        url = make_url(text)
    except ArgumentError:
        raise SettingsError(f"the database is no URL; give {EXAMPLE}") from None
    if url.password is not None or "password" in url.query:
        raise SettingsError(
            "the URL of the database contains a password, which other users of this computer can read; "
            f"set {PASSWORD_VARIABLE}, or {PASSWORD_FILE_VARIABLE} to a file with it"
        )
    if url.drivername not in (DRIVER, "postgresql") or not url.database:
        raise SettingsError(f"the database is not on a PostgreSQL server, or has no name; give {EXAMPLE}")
    return ServerAddress(url.set(drivername=DRIVER), _read_password(environ))


def _read_password(environ: Mapping[str, str]) -> str | None:
    path = environ.get(PASSWORD_FILE_VARIABLE)
    if not path:
        return environ.get(PASSWORD_VARIABLE) or None
    try:
        return Path(path).read_text(encoding="utf-8").strip() or None
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise SettingsError(
            f"cannot read {path!r} ({reason}); set {PASSWORD_FILE_VARIABLE} to a readable file"
        ) from None
