"""The secret that signs events: from the environment or a file, since others can read command lines."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from app.errors import SettingsError
from app.settings import Settings

VARIABLE = "WEBHOOK_SECRET"
# Shorter ones can be guessed from one signed event.
MIN_SECRET_BYTES = 16
REMEDY = f"set {VARIABLE}, or give a file with --webhook-secret-file"


def read_secret(settings: Settings, environ: Mapping[str, str]) -> bytes | None:
    """The secret, without white space around it; None without a webhook.

    Raises:
        SettingsError: there is none, it is too short, or its file cannot be read.
    """
    if not settings.webhook:
        return None
    secret = _file_content(settings.webhook_secret_file) or environ.get(VARIABLE, "").strip().encode()
    if not secret:
        raise SettingsError(f"a webhook needs a secret; {REMEDY}")
    if len(secret) < MIN_SECRET_BYTES:
        raise SettingsError(f"the secret of the webhook has fewer than {MIN_SECRET_BYTES} bytes; use a longer one")
    return secret


def _file_content(path: str | None) -> bytes:
    if path is None:
        return b""
    try:
        return Path(path).read_bytes().strip()
    except OSError as error:
        raise SettingsError(f"cannot read {path!r} ({error.strerror}); {REMEDY}") from None
