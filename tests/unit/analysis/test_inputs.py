"""Files, folders, patterns, lists and addresses."""

import functools
import http.server
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from app.analysis import Analyzer
from app.analysis.batch.run import planned_file
from app.analysis.inputs import MediaFile, find_media, is_picture, read_list
from app.errors import SettingsError
from app.settings import Settings
from tests.support.bucket_server import bucket_handler, serving


@pytest.fixture
def folder(tmp_path):
    for name in ("b.jpg", "a.PNG", "sub/c.mp4", "sub/deep/d.webp", "notes.txt", "sub.jpg"):
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / name).touch()
    return tmp_path / "in"


@pytest.fixture
def server(tmp_path):
    """Address of a web server with `a.png`."""
    (tmp_path / "web").mkdir()
    Image.fromarray(np.full((20, 20, 3), 90, np.uint8)).save(tmp_path / "web" / "a.png")

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    with serving(functools.partial(Quiet, directory=str(tmp_path / "web"))) as address:
        yield address


@pytest.fixture
def bucket(tmp_path, monkeypatch):
    """Address of a bucket with two pictures."""
    Image.fromarray(np.full((20, 20, 3), 90, np.uint8)).save(tmp_path / "a.png")
    content = (tmp_path / "a.png").read_bytes()
    objects = {"in/a.png": content, "in/sub/b.png": content, "in/notes.txt": b"words"}
    with serving(bucket_handler(objects)) as address:
        values = {"ENDPOINT_URL": address, "ACCESS_KEY_ID": "key", "SECRET_ACCESS_KEY": "secret", "REGION": "us-east-1"}
        for name, value in values.items():
            monkeypatch.setenv(f"AWS_{name}", value)
        yield "s3://bucket"


def found(*paths):
    return [file.path for file in find_media(paths)]


def test_a_folder_gives_its_media_in_the_order_of_their_paths(folder):
    files = list(find_media([folder]))
    assert [file.relative.as_posix() for file in files] == ["a.PNG", "b.jpg", "sub/c.mp4", "sub/deep/d.webp", "sub.jpg"]
    assert [file.path for file in files] == sorted((str(folder / file.relative) for file in files), key=Path)


def test_a_file_is_taken_whatever_its_suffix_and_what_does_not_exist_is_kept(folder):
    assert found(folder / "notes.txt", "gone.jpg") == [str(folder / "notes.txt"), "gone.jpg"]


def test_patterns(folder):
    assert found(f"{folder}/*.jpg") == [str(folder / "b.jpg"), str(folder / "sub.jpg")]
    assert found(f"{folder}/**/*.webp") == [str(folder / "sub" / "deep" / "d.webp")]
    assert found(f"{folder}/*.gif") == [f"{folder}/*.gif"]
    odd = folder / "[1].jpg"
    odd.touch()
    assert found(odd) == [str(odd)], "a name is no pattern if there is such a file"


def test_an_empty_folder_is_kept_to_be_reported(tmp_path):
    assert list(find_media([tmp_path])) == [MediaFile(str(tmp_path), Path(tmp_path.name))]


@pytest.mark.parametrize(
    ("text", "paths"),
    [("a b.jpg\n\n c.jpg\r\n", ["a b.jpg", " c.jpg"]), ("a\nb.jpg\0c.jpg\0", ["a\nb.jpg", "c.jpg"]), ("", [])],
)
def test_lists(text, paths):
    assert read_list(text) == paths


def test_addresses_are_pictures_unless_their_suffix_says_video():
    assert is_picture("https://host/a.jpg?size=9.mp4")
    assert is_picture("https://host/image")
    assert not is_picture("s3://bucket/a.mp4")
    assert not is_picture("a")


def test_pictures_are_read_from_a_web_server(server, models_dir):
    pytest.importorskip("aiohttp")
    analyzer = Analyzer(Settings(models=str(models_dir)), crops=True)
    good, gone = analyzer.many([f"{server}/a.png", f"{server}/gone.png"])
    assert (good.path, len(good.faces), good.width) == (f"{server}/a.png", 1, 20)
    assert gone.reason == "missing"
    planned = planned_file(MediaFile(f"{server}/a.png", Path("a.png")))
    assert planned.size > 0


def test_pictures_of_a_bucket_are_found_and_read(bucket, models_dir):
    pytest.importorskip("s3fs")
    assert found(f"{bucket}/in") == [f"{bucket}/in/a.png", f"{bucket}/in/sub/b.png"]
    assert found(f"{bucket}/in/*.png") == [f"{bucket}/in/a.png"]
    analyzer = Analyzer(Settings(models=str(models_dir)), crops=True)
    good, gone = analyzer.many([f"{bucket}/in/a.png", f"{bucket}/in/gone.png"])
    assert (len(good.faces), good.width) == (1, 20)
    assert gone.reason == "missing"
    planned = planned_file(MediaFile(f"{bucket}/in/a.png", Path("a.png")))
    assert (planned.size > 0, planned.version) == (True, '"in/a.png"')


def test_folders_and_patterns_of_other_file_systems_are_expanded():
    fsspec = pytest.importorskip("fsspec")
    memory = fsspec.filesystem("memory")
    for name in ("/in/a.jpg", "/in/sub/b.mp4", "/in/c.txt"):
        memory.pipe(name, b"x")
    try:
        assert found("memory://in") == ["memory:///in/a.jpg", "memory:///in/sub/b.mp4"]
        assert found("memory://in/*.jpg") == ["memory:///in/a.jpg"]
    finally:
        memory.rm("/in", recursive=True)


def test_an_unknown_kind_of_address_is_one_line():
    pytest.importorskip("fsspec")
    with pytest.raises(SettingsError, match="'nonsense://a.jpg' cannot be opened"):
        found("nonsense://a.jpg")
