"""Photometric augmentation: vary an image as cameras do, in light, colour, blur, noise and compression."""

from __future__ import annotations

import cv2
import numpy as np

GRAYSCALE_PROBABILITY = 0.3
COLOUR_PROBABILITY = 0.4  # of the images that stay coloured
BLUR_PROBABILITY = 0.35
NOISE_PROBABILITY = 0.15
JPEG_PROBABILITY = 0.2


def jitter_photometric(image: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """An augmented copy of an image, RGB uint8 (height, width, 3)."""
    image = _jitter_tone_curve(image, random)
    if random.random() < GRAYSCALE_PROBABILITY:
        image = to_grayscale(image)
    elif random.random() < COLOUR_PROBABILITY:
        image = _jitter_colour(image, random)
    if random.random() < BLUR_PROBABILITY:
        image = cv2.GaussianBlur(image, (0, 0), float(random.uniform(0.3, 1.6)))
    if random.random() < NOISE_PROBABILITY:
        noise = random.normal(0, random.uniform(2, 10), image.shape)
        image = np.clip(image + noise, 0, 255).astype(np.uint8)
    if random.random() < JPEG_PROBABILITY:
        image = _compress(image, int(random.integers(25, 85)))
    return image


def is_grayscale(image: np.ndarray) -> bool:
    """Whether the channels of an image (height, width, 3) are equal."""
    return bool((image == image[..., :1]).all())


def to_grayscale(image: np.ndarray) -> np.ndarray:
    """The gray levels of an RGB uint8 image in three equal channels, shape (height, width, 3)."""
    return cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)


def _jitter_tone_curve(image: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Change gamma, contrast and brightness through one lookup table."""
    curve = np.linspace(0, 1, 256) ** np.exp(random.uniform(-0.4, 0.4))
    curve = (curve - 0.5) * random.uniform(0.7, 1.3) + 0.5 + random.uniform(-0.15, 0.15)
    return cv2.LUT(image, (curve * 255).clip(0, 255).astype(np.uint8))


def _jitter_colour(image: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Change the channel gains, or hue and saturation."""
    if random.random() < 0.5:
        return np.clip(image * random.uniform(0.8, 1.2, 3), 0, 255).astype(np.uint8)
    hues, saturations, values = cv2.split(cv2.cvtColor(image, cv2.COLOR_RGB2HSV))
    hues = ((hues.astype(np.int16) + int(random.integers(-9, 10))) % 180).astype(np.uint8)
    saturations = cv2.convertScaleAbs(saturations, alpha=float(random.uniform(0.5, 1.5)))
    return cv2.cvtColor(cv2.merge([hues, saturations, values]), cv2.COLOR_HSV2RGB)


def _compress(image: np.ndarray, quality: int) -> np.ndarray:
    _, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR))
