"""Texts that name a source: `NAME=SOURCE` of `--camera`, and addresses without passwords."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from app.errors import SettingsError

# Of a camera: it stands in addresses, labels of metrics and log lines.
CAMERA_NAME = re.compile(r"[\w-]{1,40}")


def named_sources(entries: Sequence[str]) -> Mapping[str, str]:
    """The source of each `NAME=SOURCE` by its name, in order.

    Raises:
        SettingsError: an entry has no name or no source, or two have one name.
    """
    sources: dict[str, str] = {}
    for entry in entries:
        name, _, source = entry.partition("=")
        if not CAMERA_NAME.fullmatch(name) or not source.strip():
            problem = f"camera={without_credentials(entry)!r} is no NAME=SOURCE"
            raise SettingsError(f"{problem}; give a name of at most 40 letters and digits, such as --camera door=0")
        if name in sources:
            raise SettingsError(f"camera={name!r} is given twice; give each camera a name of its own")
        sources[name] = source
    return sources


def without_credentials(source: str) -> str:
    """A source that may be shown: a URL without user, password and parameter values; anything else unchanged.

    Cameras take passwords as `//user:password@` and as parameters (`?pwd=1`, or even `/user=me&password=1`). A
    password may contain a slash; to hide such a one too, a path before an `@` is removed.
    """
    scheme, separator, rest = source.partition("://")
    if not separator:
        return source
    return scheme + separator + re.sub(r"=[^&#]+", "=...", rest.rpartition("@")[2])
