"""Files at addresses such as `s3://bucket/a.jpg` or `https://host/a.jpg`, through fsspec (extra `batch`)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, cast

from app.errors import SettingsError, UnreadableMedia
from app.source_names import without_credentials

# What a server tells of the version of a file, in order of preference.
VERSION_KEYS = ("ETag", "etag", "LastModified", "last_modified", "mtime", "created")


def is_url(path: object) -> bool:
    """Whether a path is an address and not a local file."""
    return isinstance(path, str) and "://" in path


@contextmanager
def open_url(url: str) -> Iterator[BinaryIO]:
    """Open a file at an address; it can be sought where the server allows that.

    Raises:
        UnreadableMedia: the file cannot be read.
        SettingsError: fsspec is not installed.
    """
    with _file_system(url) as (system, path), system.open(path, "rb") as file:
        yield cast(BinaryIO, file)


def url_version(url: str) -> tuple[int, str]:
    """Size in bytes (0 if unknown) and a text that changes with the file, as far as the server tells.

    Raises:
        UnreadableMedia: the server does not know the file.
        SettingsError: fsspec is not installed.
    """
    with _file_system(url) as (system, path):
        info = system.info(path)
    version = next((str(info[key]) for key in VERSION_KEYS if info.get(key)), "")
    return int(info.get("size") or 0), version


def expand_url(url: str) -> list[str]:
    """The files that match a pattern, or that lie below a folder; of one file itself.

    Raises:
        UnreadableMedia: the server cannot list them.
        SettingsError: fsspec is not installed.
    """
    if url.startswith("http"):  # a web server lists nothing
        return [url]
    with _file_system(url) as (system, path):
        if any(character in path for character in "*["):
            found = system.glob(path)
        elif system.isdir(path):
            found = system.find(path)
        else:
            return [url]
        return [system.unstrip_protocol(name) for name in sorted(found)]


@contextmanager
def _file_system(url: str) -> Iterator[tuple[Any, str]]:
    """The file system of an address, and the path in it. Errors of the `with` block become ours.

    Raises:
        UnreadableMedia: the server does not give what the block asks for.
        SettingsError: fsspec is not installed, or does not know the address.
    """
    system, path = _open_file_system(url)
    try:
        yield system, path
    except UnreadableMedia:
        raise
    except Exception as error:  # every file system raises errors of its own
        raise _unreadable(url, error) from None


def _open_file_system(url: str) -> tuple[Any, str]:
    try:
        from fsspec.core import url_to_fs

        return cast("tuple[Any, str]", url_to_fs(url))
    except ImportError as error:
        raise SettingsError(
            f"{without_credentials(url)!r} needs {error.name or 'fsspec'}; "
            "install the extra 'batch' (pip install '.[batch]')"
        ) from None
    except ValueError as error:
        raise SettingsError(f"{without_credentials(url)!r} cannot be opened ({error}); give another address") from None


def _unreadable(url: str, error: Exception) -> UnreadableMedia:
    shown = without_credentials(url)
    if isinstance(error, FileNotFoundError):
        return UnreadableMedia(f"there is no file {shown!r}; check the address", "missing")
    detail = (str(error).splitlines() or [type(error).__name__])[0]
    return UnreadableMedia(f"cannot read {shown!r} ({detail}); check the address and the access to it", "network")


def suffix(path: str) -> str:
    """Suffix of a path or address in lower case, without the query of an address."""
    return Path(path.partition("?")[0] if is_url(path) else path).suffix.lower()
