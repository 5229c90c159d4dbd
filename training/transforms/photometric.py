"""Vary the tones of a picture as cameras do: light, colour, blur, noise, compression."""

from __future__ import annotations

import cv2
import numpy as np


def jitter_photometric(image: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """A varied copy of an RGB uint8 picture."""
    image = _light(image, random)
    if random.random() < 0.3:
        image = to_grayscale(image)
    elif random.random() < 0.4:
        image = _colour(image, random)
    if random.random() < 0.35:
        image = cv2.GaussianBlur(image, (0, 0), float(random.uniform(0.3, 1.6)))
    if random.random() < 0.15:
        noise = random.normal(0, random.uniform(2, 10), image.shape)
        image = np.clip(image + noise, 0, 255).astype(np.uint8)
    if random.random() < 0.2:
        image = _compressed(image, int(random.integers(25, 85)))
    return image


def is_grayscale(image: np.ndarray) -> bool:
    return bool((image == image[..., :1]).all())


def to_grayscale(image: np.ndarray) -> np.ndarray:
    """An RGB picture as a camera without colours sees it, still of three channels."""
    return cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)


def _light(image: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Another contrast, brightness and gamma, through one table."""
    tones = np.linspace(0, 1, 256) ** np.exp(random.uniform(-0.4, 0.4))
    tones = (tones - 0.5) * random.uniform(0.7, 1.3) + 0.5 + random.uniform(-0.15, 0.15)
    return cv2.LUT(image, (tones * 255).clip(0, 255).astype(np.uint8))


def _colour(image: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Another hue and saturation, or channels of another strength."""
    if random.random() < 0.5:
        return np.clip(image * random.uniform(0.8, 1.2, 3), 0, 255).astype(np.uint8)
    hues, saturations, values = cv2.split(cv2.cvtColor(image, cv2.COLOR_RGB2HSV))
    hues = ((hues.astype(np.int16) + int(random.integers(-9, 10))) % 180).astype(np.uint8)
    saturations = cv2.convertScaleAbs(saturations, alpha=float(random.uniform(0.5, 1.5)))
    return cv2.cvtColor(cv2.merge([hues, saturations, values]), cv2.COLOR_HSV2RGB)


def _compressed(image: np.ndarray, quality: int) -> np.ndarray:
    _, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR))
