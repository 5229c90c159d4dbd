"""`python -m training` with the small recipe of the tests, which predicts after every epoch, as the detector does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from tests.support.training import TINY
from training.engine.process_group import LocalCopy
from training.recipes import registry
from training.tasks.attributes.task import AttributeTask
from training.tasks.base import TrainingData, TrainOptions, Validation
from training.tasks.recipe import Recipe

PREDICTED = "val_predicted"  # column of the log


class PredictingTask(AttributeTask):
    """Adds the mean square of the network's predictions to the figures of an epoch."""

    def read(self, recipe: Recipe[Any], data: Path, options: TrainOptions) -> TrainingData:
        found = super().read(recipe, data, options)

        def validation() -> Validation:
            valid = found.validation()
            return replace(valid, callbacks=prediction_callbacks(valid.arrays[0]))

        return replace(found, validation=validation)


def prediction_callbacks(patches: np.ndarray) -> Sequence[Any]:
    import keras  # whose backend the command has chosen by now

    local = LocalCopy()

    class Predict(keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
            with local.of(self.model) as model:
                logs[PREDICTED] = float(np.square(model.predict(patches, verbose=0)["logits"]).mean())

    return [Predict()]


if __name__ == "__main__":
    task = PredictingTask(**{field.name: getattr(TINY.task, field.name) for field in fields(TINY.task)})
    registry.find_recipe = lambda name: replace(TINY, task=task)
    from training.__main__ import main

    main()
