"""Cloth to lay over a picture of a face: coloured, printed, folded, rimmed, lit like the face, and tied to the ears."""

from __future__ import annotations

import cv2
import numpy as np

PRINTED, FOLDED, RIMMED, TIED = 0.3, 0.4, 0.35, 0.7  # shares of the masks
WHITE = (235, 238, 240)
FRACTION_BITS = 3  # of the pixels that cv2 draws in


def draw_mask(
    image: np.ndarray, outline: np.ndarray, ears: np.ndarray, box: np.ndarray, random: np.random.Generator
) -> None:
    """Draw a mask in a picture, in place.

    Args:
        image: RGB uint8, shape (height, width, 3).
        outline: In pixels, shape (n, 2), clockwise; the first half from left to right is the upper edge.
        ears: Where its ties go, in pixels, left and right of the picture, shape (2, 2).
        box: Of the face, in pixels: the cloth is lit like what is there.
    """
    side = box[2:] - box[:2]
    left, top = np.floor(box[:2] - 0.2 * side).astype(int).clip(0)
    right, bottom = np.ceil(box[2:] + 0.2 * side).astype(int).clip(0, [image.shape[1], image.shape[0]])
    region = image[top:bottom, left:right]
    width = float(side[0])
    outline, ears = outline - (left, top), ears - (left, top)
    colour = _colour(random)
    cloth = _cloth(region, colour, random)
    if random.random() < FOLDED:
        _fold(cloth, outline, width, random)
    if random.random() < RIMMED:
        _line(cloth, np.vstack([outline, outline[:1]]), _colour(random), random.uniform(0.03, 0.07) * width)
    if random.random() < TIED:
        _tie(region, outline, ears, colour, width, random)
    share = _inside(outline, region, width) * random.uniform(0.85, 1.0)
    lit = cloth * _light(region, random) + random.normal(0, 4, region.shape)
    region[:] = (region * (1 - share) + lit * share).clip(0, 255).astype(np.uint8)


def _inside(outline: np.ndarray, region: np.ndarray, width: float) -> np.ndarray:
    """How much of each pixel an outline holds, (height, width, 1), its edge a little blurred."""
    held = np.zeros(region.shape[:2], np.uint8)
    cv2.fillPoly(held, [_drawn(outline)], 255, cv2.LINE_AA, shift=FRACTION_BITS)
    return cv2.GaussianBlur(held, (0, 0), max(0.4, 0.015 * width))[..., None] / np.float64(255)


def _colour(random: np.random.Generator) -> np.ndarray:
    """White, medical blue, black or any colour."""
    colours = (WHITE, (150, 190, 215), (40, 40, 45), tuple(random.integers(0, 256, 3)))
    return np.array(colours[random.integers(len(colours))], np.float32)


def _cloth(region: np.ndarray, colour: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Cloth of the region's size, float32, not yet lit: of one colour, or printed in two."""
    height, width = region.shape[:2]
    plain = np.full((height, width, 3), colour, np.float32)
    if random.random() >= PRINTED:
        return plain
    # Few cells along one side make stripes, along both dots or blots, smooth or not.
    cells = tuple(int(one) for one in random.integers(2, 24, 2))
    print_ = cv2.resize(
        (random.random(cells) < random.uniform(0.2, 0.6)).astype(np.float32),
        (width, height),
        interpolation=cv2.INTER_NEAREST if random.random() < 0.4 else cv2.INTER_CUBIC,
    )[..., None].clip(0, 1)
    return plain * (1 - print_) + _colour(random) * print_


def _light(region: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """The light on the face under the cloth, and unevenly from left to right."""
    gray = cv2.GaussianBlur(cv2.cvtColor(region, cv2.COLOR_RGB2GRAY), (0, 0), max(1.0, region.shape[1] / 6))
    shade = 0.45 + 0.55 * gray[..., None].astype(np.float32) / max(1, int(gray.max()))
    slope = np.linspace(random.uniform(0.75, 1.1), random.uniform(0.75, 1.1), region.shape[1], dtype=np.float32)
    return shade * slope[None, :, None]


def _fold(cloth: np.ndarray, outline: np.ndarray, width: float, random: np.random.Generator) -> None:
    """Two to four folds between the upper and the lower edge, each darker than the cloth around it."""
    half = len(outline) // 2
    upper, lower = outline[:half], outline[half:][::-1]
    shadow = np.zeros(cloth.shape[:2], np.float32)
    for share in np.linspace(0, 1, int(random.integers(2, 5)) + 2)[1:-1]:
        _line(shadow, upper * (1 - share) + lower * share, 1.0, random.uniform(0.01, 0.03) * width)
    soft = cv2.GaussianBlur(shadow, (0, 0), max(0.4, 0.012 * width))
    cloth *= 1 - random.uniform(0.1, 0.4) * soft[..., None]


def _tie(
    region: np.ndarray,
    outline: np.ndarray,
    ears: np.ndarray,
    colour: np.ndarray,
    width: float,
    random: np.random.Generator,
) -> None:
    """Bands from the corners of the cloth to the ears, in its colour or in white."""
    half = len(outline) // 2
    bands = colour if random.random() < 0.5 else np.array(WHITE, np.float32)
    thickness = random.uniform(0.008, 0.022) * width
    for ear, corners in ((ears[0], (outline[0], outline[-1])), (ears[1], (outline[half - 1], outline[half]))):
        for corner in corners:
            _line(region, np.array([corner, ear]), bands * random.uniform(0.6, 1.0), thickness)


def _line(image: np.ndarray, points: np.ndarray, colour: np.ndarray | float, thickness: float) -> None:
    value = colour if isinstance(colour, float) else tuple(float(one) for one in colour)
    # cv2 softens the edges of lines in bytes only.
    cv2.polylines(image, [_drawn(points)], False, value, max(1, round(thickness)), cv2.LINE_AA, FRACTION_BITS)


def _drawn(points: np.ndarray) -> np.ndarray:
    return (points * (1 << FRACTION_BITS)).round().astype(np.int32)
