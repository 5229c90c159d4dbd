"""Train the face detector."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras

from training.datasets.readers.scenes import Scene
from training.datasets.scene_sets import read_scene_splits
from training.engine.run_dir import TEACHER, write_run, write_split_lists
from training.engine.train import SEED, begin, fitted, left_out, run_settings
from training.tasks.detection.batches import SceneBatches
from training.tasks.detection.task import DetectorRecipe
from training.tasks.detection.validation import SceneScore
from training.transforms.pastable_faces import read_pastable_faces


def train_detector(
    recipe: DetectorRecipe,
    data: Path,
    out: Path,
    epochs: int | None = None,
    mixed: bool = False,
    teacher: Path | None = None,
) -> Path:
    """Train a detector and return the file of its best weights.

    Args:
        data: The folder of sets.
        out: Folder of the run: log, newest and best weights; a run found there is continued.
        epochs: Instead of the recipe's own count.
        mixed: Compute in bfloat16 where that is faster.
        teacher: As in `read_scene_splits`.
    Raises:
        SettingsError: `out` holds a run of another recipe.
        UnreadableMedia: the set cannot be found.
    """
    total = epochs or recipe.epochs
    settings = run_settings(recipe, total, mixed)
    write_run(recipe, data, out, settings | {TEACHER: str(teacher.resolve()) if teacher else None})
    parts, found = read_scene_splits(data, teacher)
    write_split_lists({split: [scene.name for scene in scenes] for split, scenes in parts.items()}, found.rejected, out)
    cutouts = read_pastable_faces(data)
    print(
        f"{recipe.name}: {len(parts['train'])} scenes to train, {len(parts['valid'])} to validate, "
        f"{len(cutouts)} faces for composites; left out: {left_out(found.rejected)}",
        flush=True,
    )
    begin(mixed)
    batches = SceneBatches(parts["train"], cutouts, recipe, SEED)
    return fitted(recipe, batches, out, total, figures=[ScenePrecision(parts["valid"])])


class ScenePrecision(keras.callbacks.Callback):
    """Adds the average precision on whole scenes to the epoch's figures, as the averaged weights reach it."""

    def __init__(self, scenes: Sequence[Scene]) -> None:
        super().__init__()
        self.score = SceneScore(scenes)
        self.averages = keras.callbacks.SwapEMAWeights()

    def set_model(self, model: keras.Model) -> None:
        super().set_model(model)
        self.averages.set_model(model)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self.averages.on_test_begin()
        faces = self.score.faces(self.model)
        self.averages.on_test_end()
        if logs is not None:
            logs.update({f"val_{name}": value for name, value in self.score.figures(faces).items()})
