"""Where the app's files lie, in a checkout and in an installed package."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

NAME = "live-face-analysis"
PACKAGE = Path(__file__).resolve().parent
PROJECT = PACKAGE.parent  # root of a checkout, `site-packages` of an installed package
BUNDLE = PACKAGE / "bundle"  # exists only in a wheel, which `pyproject.toml` fills with what lies beside `app/` here
ASSETS = PACKAGE / "assets"
TRANSLATIONS = PACKAGE / "translations"


def is_installed() -> bool:
    """Whether the app runs from an installed package instead of a checkout."""
    return BUNDLE.is_dir()


def resource(name: str) -> Path:
    """A file or folder at the root of the repository, such as `templates`, wherever the app runs from."""
    return (BUNDLE if is_installed() else PROJECT) / name


def data_folder(chosen: str | Path | None) -> Path:
    """Folder of the sessions file: the chosen one (`--data`), else the default of this kind of installation."""
    return Path(chosen).expanduser().resolve() if chosen else default_data_folder()


def default_data_folder() -> Path:
    """Folder of the sessions file when none is set: `instance/` in a checkout, the user's data folder otherwise."""
    return user_data_folder(sys.platform, os.environ, Path.home()) if is_installed() else PROJECT / "instance"


def user_data_folder(platform: str, environ: Mapping[str, str], home: Path) -> Path:
    """Folder of this app's data by the convention of the platform (`sys.platform`)."""
    if platform == "darwin":
        return home / "Library" / "Application Support" / NAME
    if platform == "win32":
        return Path(environ.get("LOCALAPPDATA") or home / "AppData" / "Local") / NAME
    # XDG Base Directory Specification; it asks to ignore relative paths.
    chosen = Path(environ.get("XDG_DATA_HOME", ""))
    return (chosen if chosen.is_absolute() else home / ".local" / "share") / NAME
