"""Augment training patches: random affine warp, tone, random erasing, padding fill and mixup."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np

from app.vision.inference.face_crop import transform_points
from app.vision.inference.patch_variation import adjust_tone, affine_matrix, warp_patch
from training.samples.framing import denormalize_points, normalize_points

ERASED_SIDE_RANGE = 0.15, 0.45  # of an erased rectangle, in sides of the patch


@dataclass(frozen=True, slots=True)
class Augmentation:
    """Ranges and probabilities; every amount is drawn uniformly.

    Attributes:
        rotation_degrees: Largest rotation, either way.
        scale: Smallest and largest magnification.
        shift: Largest translation in sides of the patch, either way.
        shear_degrees: Largest angle by which horizontal lines tilt while vertical ones stay, either way: the
            `shear_range` of Keras' ImageDataGenerator, whose usual 0.2 or 0.3 is hardly visible.
        flip: Whether to mirror half of the patches.
        contrast, brightness: Largest relative gain and offset (fraction of 255), either way.
        channel_gain: Largest relative gain of each colour channel on its own, either way.
        random_erasing: Probability of filling a random rectangle with noise (Zhong et al. 2020).
        padding_fill: Probability of replacing padding beyond the edge of the image by other content.
        surround_fill: Probability of hiding all but the inner face, of aligned patches.
        mixup: Probability of blending a patch and its targets with another of the batch, by up to half (mixup, Zhang
            et al. 2018); only for targets that are fractions or probabilities.
        landmark_orders: By target that holds normalised landmarks (x and y of each, as `normalize_points` returns
            them), their order in a mirrored patch. They are warped with the patch.
    """

    rotation_degrees: float = 0.0
    scale: tuple[float, float] = (1.0, 1.0)
    shift: float = 0.0
    shear_degrees: float = 0.0
    flip: bool = False
    contrast: float = 0.0
    brightness: float = 0.0
    channel_gain: float = 0.0
    random_erasing: float = 0.0
    padding_fill: float = 0.0
    surround_fill: float = 0.0
    mixup: float = 0.0
    landmark_orders: Mapping[str, Sequence[int]] = field(default_factory=dict)

    def augment(
        self, patches: np.ndarray, targets: Mapping[str, np.ndarray], random: np.random.Generator
    ) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """Augmented copies of patches, uint8 (n, side, side, channels), and their targets, warped or mixed alike."""
        matrices = [self._random_affine(patches.shape[1], random) for _ in patches]
        augmented = np.stack([warp_patch(patch, matrix) for patch, matrix in zip(patches, matrices, strict=True)])
        augmented = self._jitter_tone(augmented, random)
        for index in np.flatnonzero(random.random(len(augmented)) < self.random_erasing):
            _erase_rectangle(augmented[index], random)
        warped = {
            name: _warp_landmarks(values, self.landmark_orders[name], matrices, patches)
            if name in self.landmark_orders
            else values
            for name, values in targets.items()
        }
        return _mixup(augmented, warped, self.mixup, random) if self.mixup else (augmented, warped)

    def _random_affine(self, side: int, random: np.random.Generator) -> np.ndarray:
        """Affine map of the pixels of a patch, float64 (2, 3)."""
        degrees = random.uniform(-self.rotation_degrees, self.rotation_degrees)
        scale = random.uniform(*self.scale)
        # No draw if it is off, so that runs of other recipes stay repeatable.
        shear_degrees = random.uniform(-self.shear_degrees, self.shear_degrees) if self.shear_degrees else 0.0
        shift_px = random.uniform(-self.shift, self.shift, 2) * side
        mirrors = self.flip and random.random() < 0.5
        return affine_matrix(side, degrees, scale, shear_degrees, shift_px, mirrors)

    def _jitter_tone(self, patches: np.ndarray, random: np.random.Generator) -> np.ndarray:
        shape = (len(patches), 1, 1, 1)
        gain = 1 + random.uniform(-self.contrast, self.contrast, shape).astype(np.float32)
        offset = 255 * random.uniform(-self.brightness, self.brightness, shape).astype(np.float32)
        if self.channel_gain:  # no draw if it is off, so that runs of other recipes stay repeatable
            gains = random.uniform(-self.channel_gain, self.channel_gain, (len(patches), 1, 1, patches.shape[3]))
            gain = gain * (1 + gains.astype(np.float32))
        return adjust_tone(patches, gain, offset)


def fill_padding(
    patches: np.ndarray, padding: np.ndarray, probability: float, random: np.random.Generator
) -> np.ndarray:
    """Replace the padding of some patches by a part of another patch, enlarged and blurred.

    Data sets crop their images closely, and the repeated edge would give that away; in a camera frame there is always
    something around a face.

    Args:
        patches: uint8 (n, side, side, channels).
        padding: uint8 (n, side, side): 255 beyond the edge of the image.
        probability: For each patch.
    Returns:
        A copy of `patches`.
    """
    filled, others = patches.copy(), random.permutation(len(patches))
    for index in np.flatnonzero(random.random(len(patches)) < probability):
        content = _random_texture(patches[others[index]], random)
        alpha = cv2.GaussianBlur(padding[index], (0, 0), float(random.uniform(0.4, 2.0)))[..., None] / np.float32(255)
        filled[index] = np.rint(patches[index] * (1 - alpha) + content * alpha)
    return filled


def _random_texture(patch: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """A patch enlarged about a random point, blurred and of another brightness."""
    side = patch.shape[0]
    centre = tuple(float(one) for one in random.uniform(0, side, 2))
    matrix = cv2.getRotationMatrix2D(centre, float(random.uniform(-180, 180)), float(random.uniform(1.5, 4.0)))
    rotated = cv2.warpAffine(patch, matrix, (side, side), borderMode=cv2.BORDER_REFLECT)
    blurred = cv2.GaussianBlur(rotated, (0, 0), float(random.uniform(0.3, 5.0))).reshape(patch.shape)
    return np.clip(blurred * random.uniform(0.5, 1.5) + random.uniform(-60, 60), 0, 255)


def _warp_landmarks(
    targets: np.ndarray, mirrored: Sequence[int], matrices: Sequence[np.ndarray], patches: np.ndarray
) -> np.ndarray:
    """Normalised landmarks (n, 2 * points) after the warps of their patches."""
    warped = []
    for row, matrix, patch in zip(targets, matrices, patches, strict=True):
        pixels = denormalize_points(row.reshape(-1, 2), patch)
        points = normalize_points(transform_points(matrix, pixels), patch)
        # A map that mirrors has a negative determinant: left has become right.
        warped.append(points[list(mirrored)] if np.linalg.det(matrix[:, :2]) < 0 else points)
    return np.array(warped, targets.dtype).reshape(targets.shape)


def _erase_rectangle(patch: np.ndarray, random: np.random.Generator) -> None:
    side = patch.shape[0]
    height, width = (int(side * random.uniform(*ERASED_SIDE_RANGE)) for _ in range(2))
    top, left = random.integers(0, side - height), random.integers(0, side - width)
    patch[top : top + height, left : left + width] = random.integers(0, 256, (height, width, patch.shape[2]))


def _mixup(
    patches: np.ndarray, targets: Mapping[str, np.ndarray], probability: float, random: np.random.Generator
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Blend some of the patches, and their targets, with another one of the batch."""
    count = len(patches)
    weights = random.uniform(0, 0.5, count) * (random.random(count) < probability)
    others = random.permutation(count)

    def mix(values: np.ndarray) -> np.ndarray:
        weight = weights.astype(np.float32).reshape(-1, *[1] * (values.ndim - 1))
        return values * (1 - weight) + values[others] * weight

    return np.rint(mix(patches)).astype(np.uint8), {name: mix(values) for name, values in targets.items()}
