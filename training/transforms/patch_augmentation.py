"""Vary training patches: one affine warp and one tone curve each; some with a rectangle erased, or laid over others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np

from training.samples.framing import denormalize_points, normalize_points


@dataclass(frozen=True, slots=True)
class Augmentation:
    """How far a patch is varied; every amount is drawn uniformly.

    Attributes:
        rotation: Largest turn in degrees, either way.
        scale: Smallest and largest magnification.
        shift: Largest move as a share of the side, either way.
        shear: Largest angle in degrees by which level lines tilt while upright ones stay, either way: the
            `shear_range` of Keras' ImageDataGenerator, so that its usual .2 or .3 is hardly to be seen.
        flip: Whether to mirror half of the patches.
        contrast, brightness: Largest relative gain and offset (share of 255), either way.
        tint: Largest relative gain of each colour on its own, either way.
        erase: Probability of filling a random rectangle with noise.
        surround: Probability of showing something else where a picture had ended, instead of its repeated edge.
        mix: Probability of laying another patch of the batch over one, by up to half, and their targets alike (mixup,
            Zhang et al. 2018): only for targets that are shares or probabilities.
        points: By target that holds points of the patch (as `framing.normalize_points` gives them, x and y of each),
            the order in which a mirrored patch names them. They move with the picture.
    """

    rotation: float = 0.0
    scale: tuple[float, float] = (1.0, 1.0)
    shift: float = 0.0
    shear: float = 0.0
    flip: bool = False
    contrast: float = 0.0
    brightness: float = 0.0
    tint: float = 0.0
    erase: float = 0.0
    surround: float = 0.0
    mix: float = 0.0
    points: Mapping[str, Sequence[int]] = field(default_factory=dict)

    def apply(self, patches: np.ndarray, random: np.random.Generator) -> np.ndarray:
        """Varied copies of uint8 patches (n, side, side, channels)."""
        return self.vary(patches, {}, random)[0]

    def vary(
        self, patches: np.ndarray, targets: Mapping[str, np.ndarray], random: np.random.Generator
    ) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """Varied copies of uint8 patches (n, side, side, channels), and their targets: moved along, or mixed."""
        warps = [self._warp(patches.shape[1], random) for _ in patches]
        varied = np.stack([_warped(patch, warp) for patch, warp in zip(patches, warps, strict=True)])
        varied = self._tone(varied, random)
        for index in np.flatnonzero(random.random(len(varied)) < self.erase):
            _erase(varied[index], random)
        moved = {
            name: _moved(values, self.points[name], warps, patches) if name in self.points else values
            for name, values in targets.items()
        }
        return _mixed(varied, moved, self.mix, random) if self.mix else (varied, moved)

    def _warp(self, side: int, random: np.random.Generator) -> np.ndarray:
        """Where a patch's pixels go, (2, 3)."""
        center = (side - 1) / 2
        angle = random.uniform(-self.rotation, self.rotation)
        matrix: np.ndarray = cv2.getRotationMatrix2D((center, center), angle, random.uniform(*self.scale))
        if self.shear:  # no draw without it: the other recipes' runs stay repeatable
            matrix = _sheared(matrix, center, random.uniform(-self.shear, self.shear))
        matrix[:, 2] += random.uniform(-self.shift, self.shift, 2) * side
        if self.flip and random.random() < 0.5:
            matrix[0] = -matrix[0]
            matrix[0, 2] += side - 1
        return matrix

    def _tone(self, patches: np.ndarray, random: np.random.Generator) -> np.ndarray:
        shape = (len(patches), 1, 1, 1)
        gain = 1 + random.uniform(-self.contrast, self.contrast, shape).astype(np.float32)
        offset = 255 * random.uniform(-self.brightness, self.brightness, shape).astype(np.float32)
        if self.tint:  # no draw without it: the other recipes' runs stay repeatable
            tints = random.uniform(-self.tint, self.tint, (len(patches), 1, 1, patches.shape[3]))
            gain = gain * (1 + tints.astype(np.float32))
        mean = patches.mean((1, 2, 3), keepdims=True, dtype=np.float32)
        return np.clip((patches - mean) * gain + mean + offset, 0, 255).astype(np.uint8)


def fill_padding(patches: np.ndarray, outside: np.ndarray, chance: float, random: np.random.Generator) -> np.ndarray:
    """Copies of patches of which some show a part of another one, enlarged and blurred, where their picture had ended.

    Sets cut their pictures close, and edges that are repeated tell where; around a face in a camera's picture there is
    always something.

    Args:
        patches: Uint8 (n, side, side, channels).
        outside: Uint8 (n, side, side), 255 where the picture had ended.
        chance: For each patch.
    """
    varied, others = patches.copy(), random.permutation(len(patches))
    for index in np.flatnonzero(random.random(len(patches)) < chance):
        around = _surroundings(patches[others[index]], random)
        share = cv2.GaussianBlur(outside[index], (0, 0), float(random.uniform(0.4, 2.0)))[..., None] / np.float32(255)
        varied[index] = np.rint(patches[index] * (1 - share) + around * share)
    return varied


def _surroundings(patch: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """A patch enlarged about some point of it, blurred and of another brightness."""
    side = patch.shape[0]
    place = tuple(float(one) for one in random.uniform(0, side, 2))
    matrix = cv2.getRotationMatrix2D(place, float(random.uniform(-180, 180)), float(random.uniform(1.5, 4.0)))
    turned = cv2.warpAffine(patch, matrix, (side, side), borderMode=cv2.BORDER_REFLECT)
    blurred = cv2.GaussianBlur(turned, (0, 0), float(random.uniform(0.3, 5.0))).reshape(patch.shape)
    return np.clip(blurred * random.uniform(0.5, 1.5) + random.uniform(-60, 60), 0, 255)


def _sheared(matrix: np.ndarray, center: float, degrees: float) -> np.ndarray:
    """A warp that leaves the centre where it is, followed by a shear that does so too."""
    angle = np.deg2rad(degrees)
    linear = np.array([[1 / np.cos(angle), 0], [np.tan(angle), 1]]) @ matrix[:, :2]
    return np.column_stack([linear, center - linear.sum(1) * center])


def _warped(patch: np.ndarray, warp: np.ndarray) -> np.ndarray:
    size = patch.shape[1::-1]
    warped = cv2.warpAffine(patch, warp, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return warped.reshape(patch.shape)


def _moved(
    targets: np.ndarray, mirrored: Sequence[int], warps: Sequence[np.ndarray], patches: np.ndarray
) -> np.ndarray:
    """Points (n, 2 * points) after the warps of their patches."""
    moved = [
        _warped_points(row.reshape(-1, 2), mirrored, warp, patch)
        for row, warp, patch in zip(targets, warps, patches, strict=True)
    ]
    return np.array(moved, targets.dtype).reshape(targets.shape)


def _warped_points(points: np.ndarray, mirrored: Sequence[int], warp: np.ndarray, patch: np.ndarray) -> np.ndarray:
    moved = normalize_points(denormalize_points(points, patch) @ warp[:, :2].T + warp[:, 2], patch)
    # A warp that mirrors has a negative determinant: left has become right.
    return moved[list(mirrored)] if np.linalg.det(warp[:, :2]) < 0 else moved


def _erase(patch: np.ndarray, random: np.random.Generator) -> None:
    side = patch.shape[0]
    height, width = (int(side * random.uniform(0.15, 0.45)) for _ in range(2))
    top, left = random.integers(0, side - height), random.integers(0, side - width)
    patch[top : top + height, left : left + width] = random.integers(0, 256, (height, width, patch.shape[2]))


def _mixed(
    patches: np.ndarray, targets: Mapping[str, np.ndarray], chance: float, random: np.random.Generator
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Some of the patches with a part of another one, and their targets likewise."""
    count = len(patches)
    shares = random.uniform(0, 0.5, count) * (random.random(count) < chance)
    others = random.permutation(count)

    def mixed(values: np.ndarray) -> np.ndarray:
        part = shares.astype(np.float32).reshape(-1, *[1] * (values.ndim - 1))
        return values * (1 - part) + values[others] * part

    return np.rint(mixed(patches)).astype(np.uint8), {name: mixed(values) for name, values in targets.items()}
