"""The optimizers that recipes choose from; each is a maker that gets the length of the training."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

WARM_UP_EPOCHS = 2
WEIGHT_DECAY_EXCLUDED = ["bias", "gamma", "beta"]


@dataclass(frozen=True, slots=True)
class OptimizerFactory:
    """Makes an optimizer for a training.

    Attributes:
        learning_rate: The constant or highest one.
        make: Called with the learning rate and the steps of the whole training and of one epoch, since schedules need
            both.
    """

    learning_rate: float
    make: Callable[[float, int, int], Any]

    def __call__(self, steps: int, steps_per_epoch: int) -> Any:
        """The optimizer of a training of so many steps."""
        return self.make(self.learning_rate, steps, steps_per_epoch)


def nesterov(
    learning_rate: float, weight_decay: float = 5e-4, average: float | None = 0.998, clip: float | None = 5.0
) -> OptimizerFactory:
    """Nesterov SGD, warmed up and then falling as a cosine.

    Args:
        average: Decay of the running mean of the weights, which is what gets validated and kept; None has none.
        clip: Largest norm of a gradient.
    """
    return _averaged("SGD", learning_rate, weight_decay, average, clip, momentum=0.9, nesterov=True)


def adamw(learning_rate: float, weight_decay: float, average: float, clip: float = 10.0) -> OptimizerFactory:
    """Adam with decoupled weight decay, warmed up and then falling as a cosine; arguments as in `nesterov`."""
    return _averaged("AdamW", learning_rate, weight_decay, average, clip)


def _averaged(
    kind: str, learning_rate: float, weight_decay: float, average: float | None, clip: float | None, **further: Any
) -> OptimizerFactory:
    def make(learning_rate: float, steps: int, steps_per_epoch: int) -> Any:
        import keras

        rate = keras.optimizers.schedules.CosineDecay(
            learning_rate / 50,
            decay_steps=steps,
            alpha=0.002,
            warmup_target=learning_rate,
            warmup_steps=min(WARM_UP_EPOCHS * steps_per_epoch, steps // 2),
        )
        averaging = {"use_ema": average is not None, "ema_momentum": average or 0.99}
        settings = {"weight_decay": weight_decay, "clipnorm": clip, **averaging, **further}
        optimizer = getattr(keras.optimizers, kind)(rate, **settings)
        optimizer.exclude_from_weight_decay(var_names=WEIGHT_DECAY_EXCLUDED)
        return optimizer

    return OptimizerFactory(learning_rate, make)


def adam(learning_rate: float = 1e-3) -> OptimizerFactory:
    """Adam at a constant rate, as the classic tutorials use it."""

    def make(learning_rate: float, steps: int, steps_per_epoch: int) -> Any:
        import keras

        return keras.optimizers.Adam(learning_rate)

    return OptimizerFactory(learning_rate, make)
