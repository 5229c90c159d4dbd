"""Label chips: a few lines of text on a dark rounded ground, drawn once and kept."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from app.paths import ASSETS

KEPT = 256
GROUND = (14, 17, 24, 205)  # red, green, blue, alpha
BRIGHT, SOFT = (255, 255, 255, 255), (222, 227, 236, 255)
# Latin and Korean letters. Medium, since Regular is faint at 10 pixels.
BOLD_FONT = "Pretendard-Bold.subset.woff"
MEDIUM_FONT = "Pretendard-Medium.subset.woff"
DRAWN_LARGER = 3  # shapes are drawn at this scale and shrunk, which smooths their edges

Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Chip:
    """A chip ready to be laid over a picture.

    Attributes:
        ink: What it adds, uint8 (height, width, 3).
        clear: How much of the picture shines through, 0 to 256, uint16 (height, width, 1).
    """

    ink: np.ndarray
    clear: np.ndarray

    @property
    def width(self) -> int:
        return int(self.ink.shape[1])

    @property
    def height(self) -> int:
        return int(self.ink.shape[0])

    def lay_over(self, picture: np.ndarray, x: int, y: int) -> None:
        """Blend the chip into an RGB uint8 picture, its corner at (x, y); what lies outside is left out."""
        x1, y1 = max(0, x), max(0, y)
        x2, y2 = min(picture.shape[1], x + self.width), min(picture.shape[0], y + self.height)
        if x2 <= x1 or y2 <= y1:
            return
        part = slice(y1 - y, y2 - y), slice(x1 - x, x2 - x)
        region = picture[y1:y2, x1:x2]
        region[...] = (region * self.clear[part] >> 8) + self.ink[part]


class ChipMaker:
    """Draws chips, and keeps the latest: most words and numbers come again and again."""

    def __init__(self) -> None:
        self._chips: OrderedDict[tuple[tuple[str, ...], int, Colour], Chip] = OrderedDict()
        self._fonts: dict[tuple[bool, int], ImageFont.FreeTypeFont] = {}

    def chip(self, lines: tuple[str, ...], size: int, accent: Colour) -> Chip:
        """The chip with these lines of text, the first one bold, in letters of `size` pixels."""
        key = (lines, size, accent)
        if key in self._chips:
            self._chips.move_to_end(key)
            return self._chips[key]
        chip = self._chips[key] = self._drawn(lines, size, accent)
        if len(self._chips) > KEPT:
            self._chips.popitem(last=False)
        return chip

    def _drawn(self, lines: tuple[str, ...], size: int, accent: Colour) -> Chip:
        fonts = [self._font(number == 0, size if number == 0 else round(size * 0.86)) for number in range(len(lines))]
        pad, bar, inset = round(size * 0.45), max(3, round(size * 0.22)), round(size * 0.36)
        advances = [round(font.size * 1.32) for font in fonts]
        width = (
            inset + bar + 2 * pad + max(round(font.getlength(line)) for font, line in zip(fonts, lines, strict=True))
        )
        height = sum(advances) + round(pad * 0.8)
        picture = _ground(width, height, inset, bar, accent)
        pen = ImageDraw.Draw(picture)
        y = round(pad * 0.4)
        for number, (font, line) in enumerate(zip(fonts, lines, strict=True)):
            middle = y + advances[number] / 2
            pen.text((inset + bar + pad, middle), line, font=font, fill=SOFT if number else BRIGHT, anchor="lm")
            y += advances[number]
        return _ready(np.array(picture))

    def _font(self, bold: bool, size: int) -> ImageFont.FreeTypeFont:
        if (bold, size) not in self._fonts:
            file = BOLD_FONT if bold else MEDIUM_FONT
            self._fonts[bold, size] = ImageFont.truetype(str(ASSETS / "fonts" / file), size)
        return self._fonts[bold, size]


def _ground(width: int, height: int, inset: int, bar: int, accent: Colour) -> Image.Image:
    """The dark rounded plate with a bar in the person's colour at its left."""
    scale = DRAWN_LARGER
    large = Image.new("RGBA", (width * scale, height * scale), (*GROUND[:3], 0))
    pen = ImageDraw.Draw(large)
    pen.rounded_rectangle((0, 0, width * scale - 1, height * scale - 1), inset * scale, fill=GROUND)
    sides = (inset * scale, inset * scale, (inset + bar) * scale - 1, (height - inset) * scale - 1)
    pen.rounded_rectangle(sides, bar * scale // 2, fill=(*accent, 255))
    return large.resize((width, height), Image.Resampling.BOX)


def _ready(picture: np.ndarray) -> Chip:
    alpha = picture[..., 3:].astype(np.uint16)
    ink = (picture[..., :3].astype(np.uint16) * alpha // 255).astype(np.uint8)
    return Chip(ink, (255 - alpha) * 256 // 255)
