"""Vary training patches: one affine warp and one tone curve a picture, and a rectangle erased now and then."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np


@dataclass(frozen=True, slots=True)
class Augmentation:
    """How far a patch is varied; every amount is drawn uniformly.

    Attributes:
        rotation: Largest turn in degrees, either way.
        scale: Smallest and largest magnification.
        shift: Largest move as a share of the side, either way.
        flip: Whether to mirror half of the patches.
        contrast, brightness: Largest relative gain and offset (share of 255), either way.
        erase: Probability of filling a random rectangle with noise.
    """

    rotation: float = 0.0
    scale: tuple[float, float] = (1.0, 1.0)
    shift: float = 0.0
    flip: bool = False
    contrast: float = 0.0
    brightness: float = 0.0
    erase: float = 0.0

    def apply(self, patches: np.ndarray, random: np.random.Generator) -> np.ndarray:
        """Varied copies of uint8 patches (n, side, side, channels)."""
        varied = np.stack([self._warp(patch, random) for patch in patches])
        varied = self._tone(varied, random)
        for index in np.flatnonzero(random.random(len(varied)) < self.erase):
            _erase(varied[index], random)
        return varied

    def _warp(self, patch: np.ndarray, random: np.random.Generator) -> np.ndarray:
        side = patch.shape[0]
        center = (side - 1) / 2
        angle = random.uniform(-self.rotation, self.rotation)
        matrix = cv2.getRotationMatrix2D((center, center), angle, random.uniform(*self.scale))
        matrix[:, 2] += random.uniform(-self.shift, self.shift, 2) * side
        if self.flip and random.random() < 0.5:
            matrix[0] = -matrix[0]
            matrix[0, 2] += side - 1
        warped = cv2.warpAffine(patch, matrix, (side, side), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        return warped.reshape(patch.shape)

    def _tone(self, patches: np.ndarray, random: np.random.Generator) -> np.ndarray:
        shape = (len(patches), 1, 1, 1)
        gain = 1 + random.uniform(-self.contrast, self.contrast, shape).astype(np.float32)
        offset = 255 * random.uniform(-self.brightness, self.brightness, shape).astype(np.float32)
        mean = patches.mean((1, 2, 3), keepdims=True, dtype=np.float32)
        return np.clip((patches - mean) * gain + mean + offset, 0, 255).astype(np.uint8)


def _erase(patch: np.ndarray, random: np.random.Generator) -> None:
    side = patch.shape[0]
    height, width = (int(side * random.uniform(0.15, 0.45)) for _ in range(2))
    top, left = random.integers(0, side - height), random.integers(0, side - width)
    patch[top : top + height, left : left + width] = random.integers(0, 256, (height, width, patch.shape[2]))
