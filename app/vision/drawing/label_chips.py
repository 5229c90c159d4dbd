"""Label chips: lines of text on a dark rounded background, rendered once and cached."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from app.paths import ASSETS

# Chips in the cache; most texts repeat. A chip takes about 20 kB.
MAX_CACHED_CHIPS = 256
# Red, green, blue, alpha.
BACKGROUND_RGBA = (14, 17, 24, 205)
FIRST_LINE_RGBA = (255, 255, 255, 255)
OTHER_LINE_RGBA = (222, 227, 236, 255)
# Layout in letter sizes.
OTHER_LINE_SIZE = 0.86
PADDING = 0.45
BAR_WIDTH = 0.22
MIN_BAR_WIDTH_PX = 3
BAR_INSET = 0.36
LINE_HEIGHT = 1.32
# Latin and Korean letters. Medium, since Regular is faint at 10 pixels.
BOLD_FONT = "Pretendard-Bold.subset.woff"
MEDIUM_FONT = "Pretendard-Medium.subset.woff"
# Shapes are drawn at this scale and shrunk, which smooths their edges.
SUPERSAMPLING = 3

Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Chip:
    """A rendered label.

    Attributes:
        colour: Premultiplied RGB, uint8 (height, width, 3).
        transmittance: Weight of the image below, 0 to 256, uint16 (height, width, 1).
    """

    colour: np.ndarray
    transmittance: np.ndarray

    @property
    def width(self) -> int:
        """Width in pixels."""
        return int(self.colour.shape[1])

    @property
    def height(self) -> int:
        """Height in pixels."""
        return int(self.colour.shape[0])

    def blend_onto(self, image: np.ndarray, x: int, y: int) -> None:
        """Blend the chip onto an image with its top left corner at (x, y), clipped to the image.

        Args:
            image: RGB uint8, shape (height, width, 3); changed in place.
        """
        x1, y1 = max(0, x), max(0, y)
        x2, y2 = min(image.shape[1], x + self.width), min(image.shape[0], y + self.height)
        if x2 <= x1 or y2 <= y1:
            return
        part = slice(y1 - y, y2 - y), slice(x1 - x, x2 - x)
        region = image[y1:y2, x1:x2]
        region[...] = (region * self.transmittance[part] >> 8) + self.colour[part]


class ChipCache:
    """Renders chips and keeps the most recently used ones."""

    def __init__(self) -> None:
        self._chips: OrderedDict[tuple[tuple[str, ...], int, Colour], Chip] = OrderedDict()
        self._fonts: dict[tuple[bool, int], ImageFont.FreeTypeFont] = {}

    def chip(self, lines: tuple[str, ...], size: int, accent: Colour) -> Chip:
        """Chip with these lines of text, the first one bold.

        Args:
            size: Letter size in pixels.
            accent: Colour of the bar at the left.
        """
        key = (lines, size, accent)
        if key in self._chips:
            self._chips.move_to_end(key)
            return self._chips[key]
        chip = self._chips[key] = self._render(lines, size, accent)
        if len(self._chips) > MAX_CACHED_CHIPS:
            self._chips.popitem(last=False)
        return chip

    def _render(self, lines: tuple[str, ...], size: int, accent: Colour) -> Chip:
        other_size = round(size * OTHER_LINE_SIZE)
        fonts = [self._font(number == 0, other_size if number else size) for number in range(len(lines))]
        pad, inset = round(size * PADDING), round(size * BAR_INSET)
        bar = max(MIN_BAR_WIDTH_PX, round(size * BAR_WIDTH))
        line_heights = [round(font.size * LINE_HEIGHT) for font in fonts]
        width = (
            inset + bar + 2 * pad + max(round(font.getlength(line)) for font, line in zip(fonts, lines, strict=True))
        )
        height = sum(line_heights) + round(pad * 0.8)
        image = _background(width, height, inset, bar, accent)
        pen = ImageDraw.Draw(image)
        y = round(pad * 0.4)
        for number, (font, line) in enumerate(zip(fonts, lines, strict=True)):
            middle = y + line_heights[number] / 2
            fill = OTHER_LINE_RGBA if number else FIRST_LINE_RGBA
            pen.text((inset + bar + pad, middle), line, font=font, fill=fill, anchor="lm")
            y += line_heights[number]
        return _chip(np.array(image))

    def _font(self, bold: bool, size: int) -> ImageFont.FreeTypeFont:
        if (bold, size) not in self._fonts:
            file = BOLD_FONT if bold else MEDIUM_FONT
            self._fonts[bold, size] = ImageFont.truetype(str(ASSETS / "fonts" / file), size)
        return self._fonts[bold, size]


def _background(width: int, height: int, inset: int, bar: int, accent: Colour) -> Image.Image:
    """Dark rounded rectangle with a bar in the accent colour at its left."""
    scale = SUPERSAMPLING
    large = Image.new("RGBA", (width * scale, height * scale), (*BACKGROUND_RGBA[:3], 0))
    pen = ImageDraw.Draw(large)
    pen.rounded_rectangle((0, 0, width * scale - 1, height * scale - 1), inset * scale, fill=BACKGROUND_RGBA)
    sides = (inset * scale, inset * scale, (inset + bar) * scale - 1, (height - inset) * scale - 1)
    pen.rounded_rectangle(sides, bar * scale // 2, fill=(*accent, 255))
    return large.resize((width, height), Image.Resampling.BOX)


def _chip(image: np.ndarray) -> Chip:
    """Premultiply an RGBA uint8 image, shape (height, width, 4)."""
    alpha = image[..., 3:].astype(np.uint16)
    colour = (image[..., :3].astype(np.uint16) * alpha // 255).astype(np.uint8)
    return Chip(colour, (255 - alpha) * 256 // 255)
