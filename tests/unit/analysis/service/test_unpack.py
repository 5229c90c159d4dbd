"""Archives from somebody unknown: what is unpacked, and what is refused without writing anything outside."""

import io
import struct
import zipfile

import pytest

from app.analysis.service.unpack import unpack
from app.errors import UnreadableMedia

MAX_BYTES = 20_000_000


def zipped(files, compression=zipfile.ZIP_STORED):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", compression) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return content.getvalue()


def zipped_link():
    entry = zipfile.ZipInfo("link.png")
    entry.external_attr = 0o120777 << 16
    return zipped({entry: "/etc/passwd"})


def zipped_bomb_with_a_false_size():
    """The size in the archive says 1 byte; what comes is counted."""
    body = zipped({"bomb.png": bytes(60_000_000)}, zipfile.ZIP_DEFLATED)
    size = struct.pack("<I", 60_000_000)
    assert body.count(size) == 2
    return body.replace(size, struct.pack("<I", 1))


def zipped_with_flag(flag):
    """An archive whose two headers of the file have this bit (APPNOTE.TXT of PKWARE, 4.3.7 and 4.3.12)."""
    body = bytearray(zipped({"a.png": b"x"}))
    for start, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        body[body.index(start) + offset] |= flag
    return bytes(body)


def test_pictures_and_videos_are_written_and_other_files_left_out(tmp_path):
    (tmp_path / "upload").write_bytes(
        zipped({"a/b.png": b"1", "c.MP4": b"2", "notes.txt": b"", "a/._b.png": b"", "d/": b""}, zipfile.ZIP_DEFLATED)
    )
    unpack(tmp_path / "upload", tmp_path / "media", MAX_BYTES)
    files = [path for path in (tmp_path / "media").rglob("*") if path.is_file()]
    assert {path.relative_to(tmp_path / "media").as_posix(): path.read_bytes() for path in files} == {
        "a/b.png": b"1", "c.MP4": b"2"
    }  # fmt: skip
    assert sorted(path.name for path in tmp_path.iterdir()) == ["media", "upload"]


@pytest.mark.parametrize(
    ("make", "line"),
    [
        pytest.param(lambda: zipped({"../outside.png": b"x"}), "leads outside", id="parent"),
        pytest.param(lambda: zipped({"/etc/outside.png": b"x"}), "leads outside", id="absolute"),
        pytest.param(lambda: zipped({"a\\..\\..\\outside.png": b"x"}), "leads outside", id="backslash"),
        pytest.param(lambda: zipped({"C:/outside.png": b"x"}), "leads outside", id="drive"),
        pytest.param(lambda: zipped({"a/" * 600 + "outside.png": b"x"}), "leads outside or is too long", id="long"),
        pytest.param(
            lambda: zipped({"bomb.png": bytes(21_000_000)}, zipfile.ZIP_DEFLATED), "holds more than 20 MB", id="bomb"
        ),
        pytest.param(zipped_bomb_with_a_false_size, "holds more than 20 MB|cannot be unpacked", id="false-size"),
        pytest.param(zipped_link, "has a link", id="link"),
        pytest.param(lambda: zipped_with_flag(1), "is encrypted", id="encrypted"),
        pytest.param(lambda: zipped({"a.png": b"x" * 100})[:-30], "cannot be unpacked", id="damaged"),
        pytest.param(lambda: zipped({"a.txt": b"words"}), "has no picture or video", id="none"),
    ],
)
def test_what_is_dangerous_or_damaged_is_refused_in_one_line(tmp_path, make, line):
    folder = tmp_path / "job"
    folder.mkdir()
    (folder / "upload").write_bytes(make())
    with pytest.raises(UnreadableMedia, match=line) as refused:
        unpack(folder / "upload", folder / "media", MAX_BYTES)
    assert "\n" not in str(refused.value)
    assert not (folder / "media").exists()
    assert not list(tmp_path.rglob("outside*"))
