"""Label chips: lines of text on a dark rounded background, or an id on a dot; rendered once and cached."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from app.paths import ASSETS

# Chips in the cache; most texts repeat. A chip takes about 20 kB.
MAX_CACHED_CHIPS = 256
# Backgrounds in the cache: labels whose text changes keep theirs.
MAX_CACHED_BACKGROUNDS = 64
# Sizes in the cache: of every form that a label may have.
MAX_CACHED_SIZES = 1024
# Red, green, blue, alpha.
BACKGROUND_RGBA = (14, 17, 24, 205)
FIRST_LINE_RGBA = (255, 255, 255, 255)
OTHER_LINE_RGBA = (222, 227, 236, 255)
# Text on a dot in the colour of a person, all of which are light, and the edge of the dot.
DOT_TEXT_RGBA = (14, 17, 24, 255)
DOT_EDGE_RGBA = (14, 17, 24, 205)
# Layout in letter sizes.
OTHER_LINE_SIZE = 0.88
PADDING = 0.45
BAR_WIDTH = 0.22
MIN_BAR_WIDTH_PX = 3
BAR_INSET = 0.36
LINE_HEIGHT = 1.32
DOT_HEIGHT = 1.4
DOT_PADDING = 0.35
DOT_EDGE = 0.1
# Latin and Korean letters. Medium, since Regular is faint at 10 pixels.
BOLD_FONT = "Pretendard-Bold.subset.woff"
MEDIUM_FONT = "Pretendard-Medium.subset.woff"
# Of a colour and of transparency.
MAX_LEVEL = 255
WIDEST_DIGIT = "0"
# Shapes are drawn at this scale and shrunk, which smooths their edges.
SUPERSAMPLING = 3

Key = TypeVar("Key")
Value = TypeVar("Value")
Colour = tuple[int, int, int]
Rgba = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Chip:
    """A rendered label.

    Attributes:
        colour: Premultiplied RGB, uint8 (height, width, 3).
        transmittance: Weight of the image below, 0 to 255, uint8 (height, width, 3).
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
        below = cv2.multiply(region, self.transmittance[part], scale=1 / MAX_LEVEL)
        region[...] = cv2.add(below, self.colour[part])


class ChipCache:
    """Renders chips and keeps the most recently used ones."""

    def __init__(self) -> None:
        self._chips: OrderedDict[tuple[tuple[str, ...], int, Colour, bool], Chip] = OrderedDict()
        self._backgrounds: OrderedDict[tuple[int, int, int, Colour], Image.Image] = OrderedDict()
        self._sizes: OrderedDict[tuple[tuple[str, ...], int, bool], tuple[int, int]] = OrderedDict()
        self._fonts: dict[tuple[bool, int], ImageFont.FreeTypeFont] = {}
        self._advances: dict[tuple[bool, int, str], float] = {}

    def chip(self, lines: tuple[str, ...], size: int, colour: Colour, *, is_dot: bool = False) -> Chip:
        """Chip with these lines of text, the first one bold, or a dot with the first line.

        Args:
            size: Letter size in pixels.
            colour: Colour of the bar at the left, or of the dot.
        """
        render = self._render_dot if is_dot else self._render
        key = (lines, size, colour, is_dot)
        return _cached(self._chips, key, MAX_CACHED_CHIPS, lambda: render(lines, size, colour))

    def size(self, lines: tuple[str, ...], size: int, *, is_dot: bool = False) -> tuple[int, int]:
        """Width and height in pixels of the chip that `chip` renders."""
        key = (lines, size, is_dot)
        return _cached(self._sizes, key, MAX_CACHED_SIZES, lambda: self._measure(lines, size, is_dot))

    def _measure(self, lines: tuple[str, ...], size: int, is_dot: bool) -> tuple[int, int]:
        if is_dot:
            height = round(size * DOT_HEIGHT)
            return max(height, round(self._text_width(True, size, lines[0]) + 2 * size * DOT_PADDING)), height
        sizes = _line_sizes(lines, size)
        widths = [self._text_width(number == 0, sizes[number], line) for number, line in enumerate(lines)]
        width = _text_left(size) + math.ceil(max(widths)) + round(size * PADDING)
        return width, sum(map(_line_height, sizes)) + 2 * _edge(size)

    def _render(self, lines: tuple[str, ...], size: int, accent: Colour) -> Chip:
        width, height = self.size(lines, size)
        key = (width, height, size, accent)
        image = _cached(self._backgrounds, key, MAX_CACHED_BACKGROUNDS, lambda: _background(*key)).copy()
        pen = ImageDraw.Draw(image)
        y = _edge(size)
        for number, (line, line_size) in enumerate(zip(lines, _line_sizes(lines, size), strict=True)):
            place, fill = (
                (_text_left(size), y + _line_height(line_size) / 2),
                OTHER_LINE_RGBA if number else FIRST_LINE_RGBA,
            )
            pen.text(place, line, font=self._font(number == 0, line_size), fill=fill, anchor="lm")
            y += _line_height(line_size)
        return _chip(np.array(image))

    def _render_dot(self, lines: tuple[str, ...], size: int, colour: Colour) -> Chip:
        width, height = self.size(lines, size, is_dot=True)
        edge = max(1, round(size * DOT_EDGE))
        ground = _rounded((width, height), (0, 0, width, height), height / 2, DOT_EDGE_RGBA)
        inner = (edge, edge, width - edge, height - edge)
        image = _smooth(
            Image.alpha_composite(ground, _rounded((width, height), inner, height / 2 - edge, (*colour, 255)))
        )
        pen = ImageDraw.Draw(image)
        pen.text((width / 2, height / 2), lines[0], font=self._font(True, size), fill=DOT_TEXT_RGBA, anchor="mm")
        return _chip(np.array(image))

    def _text_width(self, bold: bool, size: int, text: str) -> float:
        """Width in pixels without kerning; each digit counts as the widest, so that chips keep their width."""
        return sum(self._advance(bold, size, WIDEST_DIGIT if letter.isdigit() else letter) for letter in text)

    def _advance(self, bold: bool, size: int, letter: str) -> float:
        key = bold, size, letter
        if key not in self._advances:
            self._advances[key] = self._font(bold, size).getlength(letter)
        return self._advances[key]

    def _font(self, bold: bool, size: int) -> ImageFont.FreeTypeFont:
        if (bold, size) not in self._fonts:
            file = BOLD_FONT if bold else MEDIUM_FONT
            self._fonts[bold, size] = ImageFont.truetype(str(ASSETS / "fonts" / file), size)
        return self._fonts[bold, size]


def _cached(cache: OrderedDict[Key, Value], key: Key, limit: int, make: Callable[[], Value]) -> Value:
    """The value of a key, made if it is absent; beyond the limit the one that was used longest ago is dropped."""
    if key not in cache:
        cache[key] = make()
        if len(cache) > limit:
            cache.popitem(last=False)
    cache.move_to_end(key)
    return cache[key]


def _line_sizes(lines: Sequence[str], size: int) -> list[int]:
    """Letter sizes of the lines: the others are smaller than the first."""
    return [round(size * OTHER_LINE_SIZE) if number else size for number in range(len(lines))]


def _line_height(size: int) -> int:
    return round(size * LINE_HEIGHT)


def _edge(size: int) -> int:
    """Distance of the text from the upper and lower edge."""
    return round(size * PADDING * 0.4)


def _bar(size: int) -> tuple[int, int]:
    """Distance of the bar from the edges, and its width."""
    return round(size * BAR_INSET), max(MIN_BAR_WIDTH_PX, round(size * BAR_WIDTH))


def _text_left(size: int) -> int:
    return sum(_bar(size)) + round(size * PADDING)


def _background(width: int, height: int, size: int, accent: Colour) -> Image.Image:
    """Dark rounded rectangle with a bar in the accent colour at its left."""
    inset, bar = _bar(size)
    ground = _rounded((width, height), (0, 0, width, height), inset, BACKGROUND_RGBA)
    line = _rounded((width, height), (inset, inset, inset + bar, height - inset), bar / 2, (*accent, 255))
    return _smooth(Image.alpha_composite(ground, line))


def _rounded(size: tuple[int, int], box: tuple[int, int, int, int], radius: float, fill: Rgba) -> Image.Image:
    """Rounded rectangle on a transparent ground, enlarged by `SUPERSAMPLING`."""
    scale = SUPERSAMPLING
    image = Image.new("RGBA", (size[0] * scale, size[1] * scale), (*fill[:3], 0))
    x1, y1, x2, y2 = box
    sides = (x1 * scale, y1 * scale, x2 * scale - 1, y2 * scale - 1)
    ImageDraw.Draw(image).rounded_rectangle(sides, radius * scale, fill=fill)
    return image


def _smooth(large: Image.Image) -> Image.Image:
    """The image in its own size."""
    return large.resize((large.width // SUPERSAMPLING, large.height // SUPERSAMPLING), Image.Resampling.BOX)


def _chip(image: np.ndarray) -> Chip:
    """Premultiply an RGBA uint8 image, shape (height, width, 4)."""
    alpha = np.repeat(image[..., 3:], 3, axis=2)
    colour = cv2.multiply(np.ascontiguousarray(image[..., :3]), alpha, scale=1 / MAX_LEVEL)
    return Chip(np.asarray(colour), MAX_LEVEL - alpha)
