"""Cut varied training crops: around marked faces, around faces known by their box alone, and where there is none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from app.domain import Box
from app.vision.inference.face_crop import PatchSpec, crop_face, patch_matrix, transform_points
from app.vision.inference.face_pose import FacePose
from training.datasets.readers.scenes import Scene
from training.samples.framing import normalize_points
from training.samples.landmark_points import FIVE_POINT_INDEXES, LANDMARK_NAMES, MIRRORED_ORDER
from training.samples.sample import Sample
from training.transforms.mask_overlay import add_masks
from training.transforms.photometric import jitter_photometric
from training.transforms.scene_crops import Crop

# Columns of the targets: the points, the distance by which their errors count, whether there is a face, and whether
# its points are known.
POINTS, UNIT, FACE, MARKED = (
    slice(0, 2 * len(LANDMARK_NAMES)),
    2 * len(LANDMARK_NAMES),
    2 * len(LANDMARK_NAMES) + 1,
    2 * len(LANDMARK_NAMES) + 2,
)
COLUMNS = MARKED + 1
# Profiles show their eyes close together; their errors count no more than so many units.
LEAST_EYES = 0.6
MASKED = 0.12
COARSE, COARSE_SIDE = 0.3, (24, 64)  # how often a crop is as coarse as a small face, and how coarse
EMPTY_SIDE = 14.0, 160.0  # of the places without a face, in pixels
CLEAR = 0.3  # of the place that faces may cover
TRIES = 20


@dataclass(frozen=True, slots=True)
class Jitter:
    """How far crops are moved away from the face's frame; every amount is drawn uniformly.

    Attributes:
        turn: Largest turn in degrees, either way.
        scale: Smallest and largest side of the crop over the usual one.
        shift: Largest move in sides of the face, either way.
    """

    turn: float
    scale: tuple[float, float]
    shift: float


@dataclass(frozen=True, slots=True)
class CropSettings:
    """What the network sees, and how its training crops are drawn.

    Attributes:
        patch: How a face is cut out.
        far, near: Jitter of crops as detectors' boxes call for them, and as points that are already known do.
        near_share: Share of the crops with the near jitter.
        empty_share: Share of the crops that show no face.
        boxed_share: Share of the crops that show a face of a scene, of which only the box is known.
    """

    patch: PatchSpec
    far: Jitter = Jitter(turn=35, scale=(0.75, 1.35), shift=0.16)
    near: Jitter = Jitter(turn=6, scale=(0.92, 1.08), shift=0.04)
    near_share: float = 0.4
    empty_share: float = 0.15
    boxed_share: float = 0.2


@dataclass(frozen=True, slots=True)
class MarkedFace:
    """A face picture, its frame and its fifteen points in pixels, float (15, 2)."""

    image: np.ndarray
    frame: FacePose
    points: np.ndarray

    @classmethod
    def of(cls, sample: Sample) -> MarkedFace:
        assert sample.points is not None
        points = np.asarray(sample.points, float)
        return cls(sample.image, FacePose.from_points(points[FIVE_POINT_INDEXES]), points)


def face_crop(face: MarkedFace, settings: CropSettings, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """A varied patch of a face, uint8 of the settings' patch, and its targets, float32 (COLUMNS,)."""
    jitter = settings.near if random.random() < settings.near_share else settings.far
    frame = strayed(face.frame, jitter, random)
    patch = _coloured(settings.patch)
    image = crop_face(face.image, frame, patch)
    points = transform_points(patch_matrix(frame, patch), face.points)
    if random.random() < 0.5:
        image = np.ascontiguousarray(image[:, ::-1])
        points = (points * (-1, 1) + (settings.patch.size - 1, 0))[list(MIRRORED_ORDER)]
    return _varied(_masked(image, points, random), settings.patch, random), targets(points, image)


def boxed_crop(
    scene: Scene, box: np.ndarray, settings: CropSettings, random: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """A varied patch of a face of a scene, and its targets: nothing but that it is a face."""
    jitter = settings.near if random.random() < settings.near_share else settings.far
    image = crop_face(
        scene.image, strayed(FacePose.from_box(Box(*box.tolist())), jitter, random), _coloured(settings.patch)
    )
    if random.random() < 0.5:
        image = np.ascontiguousarray(image[:, ::-1])
    wanted = np.zeros(COLUMNS, np.float32)
    wanted[FACE] = 1.0
    return _varied(image, settings.patch, random), wanted


def empty_crop(scene: Scene, settings: CropSettings, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """A patch of a scene where there is no face, and its targets."""
    image = crop_face(scene.image, _empty_place(scene, random), _coloured(settings.patch))
    return _varied(image, settings.patch, random), np.zeros(COLUMNS, np.float32)


def targets(points: np.ndarray, image: np.ndarray) -> np.ndarray:
    """What the network should say of a patch with a face.

    Args:
        points: (15, 2) in pixels of the patch.
    """
    places = normalize_points(points, image)
    five = places[FIVE_POINT_INDEXES]
    eyes, mouth = five[:2].mean(0), five[3:].mean(0)
    apart = float(np.linalg.norm(five[1] - five[0]))
    unit = (apart + float(np.linalg.norm(mouth - eyes))) / 2
    return np.array([*places.ravel(), max(apart, LEAST_EYES * unit), 1.0, 1.0], np.float32)


def strayed(frame: FacePose, jitter: Jitter, random: np.random.Generator) -> FacePose:
    """A frame as one might take it to be."""
    shift = random.uniform(-jitter.shift, jitter.shift, 2) * frame.side
    turn = np.deg2rad(random.uniform(-jitter.turn, jitter.turn))
    scale = float(np.exp(random.uniform(*np.log(jitter.scale))))
    return FacePose(frame.x + shift[0], frame.y + shift[1], frame.side * scale, frame.roll_rad + turn)


def _coloured(patch: PatchSpec) -> PatchSpec:
    return replace(patch, colour="rgb")


def _masked(image: np.ndarray, points: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """The patch, now and then with a mask drawn over the face."""
    box = FacePose.from_points(points[FIVE_POINT_INDEXES]).box
    corners = np.array([[box.x1, box.y1, box.x2, box.y2]], np.float32)
    unknown = np.full((1, 5, 2), np.nan, np.float32)
    return add_masks(Crop(image, corners, np.array([False]), unknown), MASKED, random).image


def _varied(image: np.ndarray, patch: PatchSpec, random: np.random.Generator) -> np.ndarray:
    if random.random() < COARSE:
        side = int(random.integers(*COARSE_SIDE))
        small = cv2.resize(image, (side, side), interpolation=cv2.INTER_AREA)
        image = cv2.resize(small, (patch.size, patch.size), interpolation=cv2.INTER_LINEAR)
    image = jitter_photometric(image, random)
    return cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)[..., None] if patch.colour == "gray" else image


def _empty_place(scene: Scene, random: np.random.Generator) -> FacePose:
    """A place in the scene that no face covers more than a little; the last one tried where every one is taken."""
    height, width = scene.image.shape[:2]
    for _ in range(TRIES):
        side = float(np.exp(random.uniform(*np.log(EMPTY_SIDE))))
        frame = FacePose(random.uniform(0, width), random.uniform(0, height), side, float(random.normal(0, 0.2)))
        if _covered(frame, scene.boxes) < CLEAR:
            break
    return frame


def _covered(frame: FacePose, boxes: Sequence[np.ndarray] | np.ndarray) -> float:
    """The largest share that one box and the frame's own have in common, of the smaller of both."""
    own = frame.box
    shares = [0.0]
    for x1, y1, x2, y2 in np.asarray(boxes, float):
        width, height = min(own.x2, x2) - max(own.x1, x1), min(own.y2, y2) - max(own.y1, y1)
        if width > 0 and height > 0:
            shares.append(width * height / min(own.area, (x2 - x1) * (y2 - y1)))
    return max(shares)
