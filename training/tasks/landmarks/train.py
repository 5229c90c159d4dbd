"""Train the landmark network."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from training.engine.run_dir import write_run, write_split_lists
from training.engine.train import SEED, begin, fitted, left_out, run_settings
from training.tasks.landmarks.batches import CropBatches, Pair, boxed, stacked
from training.tasks.landmarks.crops import MarkedFace, boxed_crop, empty_crop, face_crop
from training.tasks.landmarks.source import SPLITS, Faces, read_faces
from training.tasks.landmarks.task import LandmarkRecipe

EMPTY_TO_VALIDATE = 300
MOST_OF_A_SET = 400  # faces to validate on, so that every set counts about alike


def train_landmarks(
    recipe: LandmarkRecipe, data: Path, out: Path, epochs: int | None = None, mixed: bool = False
) -> Path:
    """Train a landmark network and return the file of its best weights.

    Args:
        data: The folder of sets.
        out: Folder of the run: log, newest and best weights; a run found there is continued.
        epochs: Instead of the recipe's own count.
        mixed: Compute in bfloat16 where that is faster.
    Raises:
        SettingsError: `out` holds a run of another recipe.
        UnreadableMedia: a set cannot be found.
    """
    total = epochs or recipe.epochs
    write_run(recipe, data, out, run_settings(recipe, total, mixed))
    found = read_faces(data)
    write_split_lists({split: found.names(split) for split in SPLITS}, found.rejected, out)
    print(
        f"{recipe.name}: {sum(map(len, found.marked['train']))} faces to train on, "
        f"{sum(map(len, found.marked['valid']))} to validate; left out: {left_out(found.rejected)}",
        flush=True,
    )
    begin(mixed)
    batches = CropBatches(found.marked["train"], found.scenes["train"], recipe, SEED)
    return fitted(recipe, batches, out, total, validation(found, recipe))


def validation(found: Faces, recipe: LandmarkRecipe) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Crops as they are drawn in training of the validation faces and places, always the same.

    They are mixed: the figures are means over batches, and each batch should have its share of marked faces.
    """
    random = np.random.default_rng(SEED)
    pairs: list[Pair] = []
    for samples in found.marked["valid"]:
        step = -(-len(samples) // MOST_OF_A_SET)
        pairs += [face_crop(MarkedFace.of(sample), recipe, random) for sample in samples[::step]]
    scenes = found.scenes["valid"]
    faces = boxed(scenes)
    step = max(1, -(-len(faces) // MOST_OF_A_SET))
    pairs += [boxed_crop(scene, box, recipe, random) for scene, box in faces[::step]]
    pairs += [empty_crop(scenes[number % len(scenes)], recipe, random) for number in range(EMPTY_TO_VALIDATE)]
    return stacked([pairs[index] for index in random.permutation(len(pairs))])
