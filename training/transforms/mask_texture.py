"""Draw a synthetic face mask: coloured, printed, folded, rimmed, lit like the face, and tied to the ears."""

from __future__ import annotations

import cv2
import numpy as np

PRINT_PROBABILITY = 0.3
FOLD_PROBABILITY = 0.4
RIM_PROBABILITY = 0.35
TIE_PROBABILITY = 0.7
WHITE_RGB = (235, 238, 240)
MEDICAL_BLUE_RGB = (150, 190, 215)
BLACK_RGB = (40, 40, 45)
NOISE_STD = 4  # gray levels
FRACTION_BITS = 3  # cv2 draws at this fraction of a pixel


def draw_mask(
    image: np.ndarray, outline: np.ndarray, ears: np.ndarray, box: np.ndarray, random: np.random.Generator
) -> None:
    """Draw a mask into an image, in place.

    Args:
        image: RGB uint8, shape (height, width, 3).
        outline: Corners in pixels, shape (n, 2), clockwise; the first half is the upper edge from left to right.
        ears: Left and right end of the ties in pixels, shape (2, 2).
        box: Face box as x1, y1, x2, y2 in pixels; the mask is lit like this region.
    """
    side = box[2:] - box[:2]
    left, top = np.floor(box[:2] - 0.2 * side).astype(int).clip(0)
    right, bottom = np.ceil(box[2:] + 0.2 * side).astype(int).clip(0, [image.shape[1], image.shape[0]])
    region = image[top:bottom, left:right]
    width = float(side[0])
    outline, ears = outline - (left, top), ears - (left, top)
    colour = _random_colour(random)
    fabric = _fabric(region, colour, random)
    if random.random() < FOLD_PROBABILITY:
        _draw_folds(fabric, outline, width, random)
    if random.random() < RIM_PROBABILITY:
        rim = np.vstack([outline, outline[:1]])
        _draw_line(fabric, rim, _random_colour(random), random.uniform(0.03, 0.07) * width)
    if random.random() < TIE_PROBABILITY:
        _draw_ties(region, outline, ears, colour, width, random)
    alpha = _coverage(outline, region, width) * random.uniform(0.85, 1.0)
    lit = fabric * _shading(region, random) + random.normal(0, NOISE_STD, region.shape)
    region[:] = (region * (1 - alpha) + lit * alpha).clip(0, 255).astype(np.uint8)


def _coverage(outline: np.ndarray, region: np.ndarray, width: float) -> np.ndarray:
    """Fraction of each pixel inside the outline, float64 (height, width, 1), its edge slightly blurred."""
    inside = np.zeros(region.shape[:2], np.uint8)
    cv2.fillPoly(inside, [_fixed_point(outline)], 255, cv2.LINE_AA, shift=FRACTION_BITS)
    return cv2.GaussianBlur(inside, (0, 0), max(0.4, 0.015 * width))[..., None] / np.float64(255)


def _random_colour(random: np.random.Generator) -> np.ndarray:
    """White, medical blue, black or any colour, RGB float32 (3,)."""
    colours = (WHITE_RGB, MEDICAL_BLUE_RGB, BLACK_RGB, tuple(random.integers(0, 256, 3)))
    return np.array(colours[random.integers(len(colours))], np.float32)


def _fabric(region: np.ndarray, colour: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Unlit fabric of the size of the region, float32 (height, width, 3): plain, or printed in two colours."""
    height, width = region.shape[:2]
    plain = np.full((height, width, 3), colour, np.float32)
    if random.random() >= PRINT_PROBABILITY:
        return plain
    # Few cells along one side give stripes; along both, dots or smooth blots.
    cells = tuple(int(one) for one in random.integers(2, 24, 2))
    pattern = cv2.resize(
        (random.random(cells) < random.uniform(0.2, 0.6)).astype(np.float32),
        (width, height),
        interpolation=cv2.INTER_NEAREST if random.random() < 0.4 else cv2.INTER_CUBIC,
    )[..., None].clip(0, 1)
    return plain * (1 - pattern) + _random_colour(random) * pattern


def _shading(region: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Brightness of the face under the mask, with a random gradient from left to right, (height, width, 1)."""
    gray = cv2.GaussianBlur(cv2.cvtColor(region, cv2.COLOR_RGB2GRAY), (0, 0), max(1.0, region.shape[1] / 6))
    shade = 0.45 + 0.55 * gray[..., None].astype(np.float32) / max(1, int(gray.max()))
    slope = np.linspace(random.uniform(0.75, 1.1), random.uniform(0.75, 1.1), region.shape[1], dtype=np.float32)
    return shade * slope[None, :, None]


def _draw_folds(fabric: np.ndarray, outline: np.ndarray, width: float, random: np.random.Generator) -> None:
    """Draw two to four darker folds between the upper and the lower edge."""
    half = len(outline) // 2
    upper, lower = outline[:half], outline[half:][::-1]
    shadow = np.zeros(fabric.shape[:2], np.float32)
    for position in np.linspace(0, 1, int(random.integers(2, 5)) + 2)[1:-1]:
        fold = upper * (1 - position) + lower * position
        _draw_line(shadow, fold, 1.0, random.uniform(0.01, 0.03) * width)
    soft = cv2.GaussianBlur(shadow, (0, 0), max(0.4, 0.012 * width))
    fabric *= 1 - random.uniform(0.1, 0.4) * soft[..., None]


def _draw_ties(
    region: np.ndarray,
    outline: np.ndarray,
    ears: np.ndarray,
    colour: np.ndarray,
    width: float,
    random: np.random.Generator,
) -> None:
    """Draw ties from the corners of the mask to the ears, in its colour or in white."""
    half = len(outline) // 2
    tie_colour = colour if random.random() < 0.5 else np.array(WHITE_RGB, np.float32)
    thickness = random.uniform(0.008, 0.022) * width
    for ear, corners in ((ears[0], (outline[0], outline[-1])), (ears[1], (outline[half - 1], outline[half]))):
        for corner in corners:
            _draw_line(region, np.array([corner, ear]), tie_colour * random.uniform(0.6, 1.0), thickness)


def _draw_line(image: np.ndarray, points: np.ndarray, colour: np.ndarray | float, thickness: float) -> None:
    value = colour if isinstance(colour, float) else tuple(float(one) for one in colour)
    # cv2 antialiases lines in uint8 images only.
    cv2.polylines(image, [_fixed_point(points)], False, value, max(1, round(thickness)), cv2.LINE_AA, FRACTION_BITS)


def _fixed_point(points: np.ndarray) -> np.ndarray:
    return (points * (1 << FRACTION_BITS)).round().astype(np.int32)
