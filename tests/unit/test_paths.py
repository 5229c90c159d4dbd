"""Where files lie, in a checkout and installed."""

from pathlib import Path

import pytest

from app import paths

ROOT = Path(__file__).resolve().parents[2]


def test_a_checkout_uses_its_own_folders():
    assert not paths.is_installed()
    assert paths.resource("templates") == ROOT / "templates"
    assert paths.default_data_folder() == ROOT / "instance"


def test_a_package_uses_its_bundle_and_the_users_folder(monkeypatch, tmp_path):
    monkeypatch.setattr(paths, "BUNDLE", tmp_path)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setattr(paths.sys, "platform", "linux")
    assert paths.resource("templates") == tmp_path / "templates"
    assert paths.default_data_folder() == tmp_path / "data" / "live-face-analysis"


@pytest.mark.parametrize(
    ("platform", "environ", "folder"),
    [
        ("linux", {}, "/home/ann/.local/share/live-face-analysis"),
        ("linux", {"XDG_DATA_HOME": "/data"}, "/data/live-face-analysis"),
        ("linux", {"XDG_DATA_HOME": "relative"}, "/home/ann/.local/share/live-face-analysis"),
        ("darwin", {"XDG_DATA_HOME": "/data"}, "/home/ann/Library/Application Support/live-face-analysis"),
        ("win32", {"LOCALAPPDATA": "/local"}, "/local/live-face-analysis"),
        ("win32", {}, "/home/ann/AppData/Local/live-face-analysis"),
    ],
)
def test_the_users_folder_follows_the_platform(platform, environ, folder):
    assert paths.user_data_folder(platform, environ, Path("/home/ann")) == Path(folder)
