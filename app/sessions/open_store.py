"""The store of the settings: on the server of `--database`, else in the folder of `--data`."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from app.paths import data_folder
from app.sessions.database.server_address import parse_address
from app.sessions.store import SessionStore
from app.settings import Settings

log = logging.getLogger(__name__)


def open_store(
    settings: Settings, environ: Mapping[str, str], *, warn: Callable[[str], None] = log.warning
) -> SessionStore:
    """The store, also while its folder cannot be written or its server is away: every use tries again.

    Args:
        environ: Has the password of the database.
        warn: Called with one-line warnings.
    Raises:
        SettingsError: the URL is none of PostgreSQL or contains a password, or psycopg is not installed.
    """
    if settings.database:
        return SessionStore(parse_address(settings.database, environ), warn=warn)
    return SessionStore(data_folder(settings.data), warn=warn)
