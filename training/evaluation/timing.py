"""How long one prediction takes."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from training.tasks.face_model import FaceModel

WARM_UP_FACES = 20
TIMED_FACES = 200


def milliseconds_per_face(model: FaceModel, clock: Callable[[], float] = time.perf_counter) -> float:
    """Median time of one prediction, on single patches of noise."""
    shape = WARM_UP_FACES + TIMED_FACES, 1, *model.patch.shape
    noise = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    return median_ms(model.predict, noise, WARM_UP_FACES, clock)


def median_ms(
    predict: Callable[[np.ndarray], Any],
    inputs: Iterable[np.ndarray],
    warm_up: int,
    clock: Callable[[], float] = time.perf_counter,
) -> float:
    """Median time of calls in milliseconds, without the first `warm_up`."""
    took_s = []
    for one in inputs:
        started_s = clock()
        predict(one)
        took_s.append(clock() - started_s)
    return 1000 * statistics.median(took_s[warm_up:])
