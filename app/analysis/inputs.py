"""Find the files to analyse: files, folders, patterns, lists and addresses."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from app.analysis.remote import expand_url, is_url, suffix
from app.vision.capture.image_file import IMAGE_SUFFIXES

VIDEO_SUFFIXES = frozenset({".mp4", ".m4v", ".mov", ".avi", ".mkv", ".webm", ".mpg", ".mpeg", ".wmv", ".ogv", ".ts"})
MEDIA_SUFFIXES = IMAGE_SUFFIXES | VIDEO_SUFFIXES
# Python's separators of lines, without those that a file name may contain.
LIST_SEPARATORS = ("\0", "\n")


@dataclass(frozen=True, slots=True)
class MediaFile:
    """A file to analyse.

    Attributes:
        path: Path or address.
        relative: Path below the folder that was given; annotated copies get it.
    """

    path: str
    relative: Path


def is_picture(path: str) -> bool:
    """Whether to read a file as a picture; addresses without a known suffix are pictures, too."""
    return suffix(path) in IMAGE_SUFFIXES or (is_url(path) and suffix(path) not in VIDEO_SUFFIXES)


def find_media(paths: Iterable[str | Path]) -> Iterator[MediaFile]:
    """All files of these paths, one after another.

    Args:
        paths: Files, folders (all pictures and videos below them), patterns such as `**/*.jpg`, and addresses. What
            does not exist is yielded as it is.
    Raises:
        UnreadableMedia, SettingsError: an address cannot be listed.
    """
    for path in paths:
        text = str(path)
        if is_url(text):
            yield from _remote_files(text)
        elif os.path.isdir(text):
            yield from _folder_files(text)
        elif not os.path.lexists(text) and glob.has_magic(text):
            yield from _matching_files(text)
        else:
            yield MediaFile(text, Path(Path(text).name))


def read_list(text: str) -> list[str]:
    """The paths of a list: one a line, or separated by NUL bytes as `find -print0` writes them."""
    separator = next((character for character in LIST_SEPARATORS if character in text), "\n")
    return [line.strip("\r\n") for line in text.split(separator) if line.strip()]


def _remote_files(url: str) -> Iterator[MediaFile]:
    for found in expand_url(url):
        if found == url or suffix(found) in MEDIA_SUFFIXES:
            yield MediaFile(found, Path(PurePosixPath(found.partition("?")[0]).name))


def _matching_files(pattern: str) -> Iterator[MediaFile]:
    found = sorted(glob.iglob(pattern, recursive=True))
    for path in found or [pattern]:
        yield from _folder_files(path) if os.path.isdir(path) else [MediaFile(path, Path(Path(path).name))]


def _folder_files(folder: str) -> Iterator[MediaFile]:
    """The pictures and videos below a folder by path; the folder itself if there are none."""
    is_empty = True
    for path in _walk(folder):
        is_empty = False
        yield MediaFile(path, Path(os.path.relpath(path, folder)))
    if is_empty:
        yield MediaFile(folder, Path(Path(folder).name))


def _walk(folder: str) -> Iterator[str]:
    """Paths of media files, in the order of their paths; one folder at a time is in memory."""
    with os.scandir(folder) as entries:
        names = sorted((entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries)
    for name, is_folder in names:
        path = os.path.join(folder, name)
        if is_folder:
            yield from _walk(path)
        elif os.path.splitext(name)[1].lower() in MEDIA_SUFFIXES and os.path.isfile(path):
            yield path
