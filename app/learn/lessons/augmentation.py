"""Augmentation: a sheet of random variations of a face, and what the served network reads from each."""

from __future__ import annotations

import numpy as np

from app.learn.base.face import largest_face
from app.learn.base.lesson import Answer, Lesson, Values
from app.learn.base.parameters import Flag, Range
from app.learn.base.tools import Tools
from app.vision.inference.face_crop import crop_face
from app.vision.inference.face_pose import FacePose
from app.vision.inference.patch_variation import adjust_tone, affine_matrix, warp_patch

ATTRIBUTE = "emotion"
VARIATIONS = 16
# Sides of an erased rectangle, in sides of the patch, as in training/transforms/patch_augmentation.py.
ERASED_SIDE_RANGE = 0.15, 0.45


def run(image: np.ndarray, values: Values, tools: Tools) -> Answer:
    """Vary the face of a picture at random within the chosen ranges."""
    predictor = tools.predictor_of(ATTRIBUTE)
    card = predictor.card
    patch = crop_face(image, FacePose.from_face(largest_face(image, tools)), card.patch)
    varied = vary(patch, values, np.random.default_rng(values["seed"]))
    patches = np.concatenate([patch[None], varied])
    head, logits = next(
        (head, part)
        for head, part in card.head_logits(predictor.predict_patches(patches))
        if head.attribute == ATTRIBUTE
    )
    read = np.array([head.probabilities(row) for row in logits])
    likeliest = read.argmax(1)
    result = {
        "label": head.labels[likeliest[0]],
        "probability": round(float(read[0].max()), 4),
        "labels": [head.labels[index] for index in likeliest[1:]],
        "probabilities": read[1:].max(1).round(4).tolist(),
        "same": int((likeliest[1:] == likeliest[0]).sum()),
        "variations": VARIATIONS,
    }
    shown = [one[..., 0] if one.shape[-1] == 1 else one for one in patches]
    names = ["original", *(f"variation_{number}" for number in range(1, VARIATIONS + 1))]
    return Answer(result, dict(zip(names, shown, strict=True)))


def vary(patch: np.ndarray, values: Values, random: np.random.Generator) -> np.ndarray:
    """Random variations of a patch, uint8 (`VARIATIONS`, side, side, channels); each amount is drawn uniformly."""
    side = len(patch)
    warped = []
    for _ in range(VARIATIONS):
        degrees = random.uniform(-values["rotation"], values["rotation"])
        scale = random.uniform(1 - values["zoom"], 1 + values["zoom"])
        shift_px = random.uniform(-values["shift"], values["shift"], 2) * side
        mirrors = values["flip"] and random.random() < 0.5
        warped.append(warp_patch(patch, affine_matrix(side, degrees, scale, 0.0, shift_px, mirrors)))
    shape = (VARIATIONS, 1, 1, 1)
    gain = 1 + random.uniform(-values["contrast"], values["contrast"], shape).astype(np.float32)
    offset = 255 * random.uniform(-values["brightness"], values["brightness"], shape).astype(np.float32)
    varied = adjust_tone(np.stack(warped), gain, offset)
    for index in np.flatnonzero(random.random(VARIATIONS) < values["erasing"]):
        _erase(varied[index], random)
    return varied


def _erase(patch: np.ndarray, random: np.random.Generator) -> None:
    """Fill a random rectangle with noise (Zhong et al. 2020)."""
    side = len(patch)
    height, width = (int(side * random.uniform(*ERASED_SIDE_RANGE)) for _ in range(2))
    top, left = random.integers(0, side - height), random.integers(0, side - width)
    patch[top : top + height, left : left + width] = random.integers(0, 256, (height, width, patch.shape[2]))


# The defaults are the ranges of the recipe emotion-compact, which trained the served network.
LESSON = Lesson(
    name="augmentation",
    parameters={
        "rotation": Range(0, 45, 15),
        "zoom": Range(0.0, 0.4, 0.12, 0.01),
        "shift": Range(0.0, 0.3, 0.06, 0.01),
        "flip": Flag(default=True),
        "contrast": Range(0.0, 0.8, 0.25, 0.05),
        "brightness": Range(0.0, 0.5, 0.12, 0.01),
        "erasing": Range(0.0, 1.0, 0.4, 0.1),
        "seed": Range(1, 50, 1),
    },
    run=run,
    see_also=("python -m training augment emotion-compact photo.jpg --out sheet.png",),
)
