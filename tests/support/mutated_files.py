"""Pictures and videos broken in every way; the same ones for the same seed."""

from __future__ import annotations

import io
import random
import struct
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path

import av
import numpy as np
from PIL import Image

WIDTH, HEIGHT = 64, 48
PICTURES = {".jpg": "JPEG", ".png": "PNG", ".webp": "WEBP", ".bmp": "BMP", ".tif": "TIFF"}
VIDEOS = {".mp4": "mpeg4", ".avi": "mjpeg", ".mkv": "libx264", ".webm": "libvpx"}
CLAIMED = 60_000  # a side; three bytes a pixel make more than 10 GB

Mutation = Callable[[bytes, random.Random], bytes]


def make_mutated(folder: Path, count: int, seed: int = 8) -> list[Path]:
    """Write `count` files; the last ones, `empty.*` and `huge.*`, have nothing or claim more than 10 GB."""
    chance = random.Random(seed)
    whole = [*((suffix, _picture(form)) for suffix, form in PICTURES.items())]
    whole += [(suffix, _video(folder / f"whole{suffix}", codec)) for suffix, codec in VIDEOS.items()]
    special = _empty_and_huge(dict(whole))
    files = []
    for number in range(count - len(special)):
        suffix, content = whole[number % len(whole)]
        mutate = MUTATIONS[number // len(whole) % len(MUTATIONS)]
        files.append(_written(folder / f"{number:04}{suffix}", mutate(content, chance)))
    return files + [_written(folder / name, content) for name, content in special]


def _written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def _pixels(seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 255, (HEIGHT, WIDTH, 3), np.uint8)


def _picture(form: str) -> bytes:
    out = io.BytesIO()
    Image.fromarray(_pixels()).save(out, form)
    return out.getvalue()


def _video(path: Path, codec: str) -> bytes:
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=10)
        stream.width, stream.height = WIDTH, HEIGHT
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        for seed in range(5):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(_pixels(seed), format="rgb24")))
        container.mux(stream.encode(None))
    content = path.read_bytes()
    path.unlink()
    return content


def _cut(content: bytes, chance: random.Random) -> bytes:
    return content[: chance.randrange(1, len(content))]


def _flip(content: bytes, chance: random.Random) -> bytes:
    out = bytearray(content)
    for _ in range(chance.randint(1, 30)):
        out[chance.randrange(len(out))] ^= 1 << chance.randrange(8)
    return bytes(out)


def _spoil_head(content: bytes, chance: random.Random) -> bytes:
    out = bytearray(content)
    for _ in range(8):
        out[chance.randrange(min(64, len(out)))] = chance.randrange(256)
    return bytes(out)


def _blank(content: bytes, chance: random.Random) -> bytes:
    start = chance.randrange(len(content))
    end = min(len(content), start + chance.randrange(1, 2000))
    return content[:start] + bytes(end - start) + content[end:]


def _repeat(content: bytes, chance: random.Random) -> bytes:
    start = chance.randrange(len(content))
    return content[:start] + content[start : start + 500] * chance.randint(2, 5) + content[start:]


def _noise(content: bytes, chance: random.Random) -> bytes:
    return content[:16] + chance.randbytes(len(content))


MUTATIONS: Sequence[Mutation] = (_cut, _flip, _spoil_head, _blank, _repeat, _noise)


def _empty_and_huge(whole: dict[str, bytes]) -> list[tuple[str, bytes]]:
    jpeg, bmp, mp4 = whole[".jpg"], whole[".bmp"], whole[".mp4"]
    frame = jpeg.index(b"\xff\xc0")
    media = mp4.index(b"mdat")
    wide = mp4.replace(struct.pack(">HH", WIDTH, HEIGHT), struct.pack(">HH", CLAIMED, CLAIMED))
    return [
        ("wide.mp4", wide),  # its pictures know their own size
        ("empty.jpg", b""),
        ("empty.mp4", b""),
        ("huge.png", _huge_png()),
        ("huge.jpg", jpeg[: frame + 5] + struct.pack(">HH", CLAIMED, CLAIMED) + jpeg[frame + 9 :]),
        ("huge.bmp", bmp[:18] + struct.pack("<ii", CLAIMED, CLAIMED) + bmp[26:]),
        ("huge.mp4", mp4[: media - 4] + struct.pack(">I", 1) + b"mdat" + struct.pack(">Q", 10**10) + mp4[media + 4 :]),
    ]


def _huge_png() -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", CLAIMED, CLAIMED, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(9))) + chunk(b"IEND", b"")
