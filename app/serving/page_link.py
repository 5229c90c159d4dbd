"""The link that a started server prints, and what to know of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from app.settings import Settings
from app.web.security.request_guard import is_loopback
from app.web.security.self_signed_certificate import fingerprint
from app.web.servers.network_address import shown_host


def page_url(address: tuple[Any, ...], secure: bool, token: str | None) -> str:
    """The URL to open in a browser. The token is printed nowhere else."""
    host, port = address[:2]
    return f"http{'s' if secure else ''}://{shown_host(host)}:{port}{f'/?token={token}' if token else ''}"


def link_notes(settings: Settings, makes_certificate: bool) -> Iterator[str]:
    """What to know of the printed link.

    Args:
        makes_certificate: Whether the server has made its certificate itself.
    """
    if makes_certificate:
        yield "Browsers warn of the certificate, which this server has made for itself. Compare before you go on:"
        yield f"SHA-256 fingerprint {fingerprint(Path(str(settings.cert)))}"
    waits_for_browser = any(camera.source == "browser" for camera in settings.cameras.values())
    if waits_for_browser and not (settings.cert or settings.behind_proxy or is_loopback(settings.host)):
        yield "Browsers give their camera only over HTTPS: start with --https, or with --cert and --key."
