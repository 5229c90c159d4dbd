"""What every emotion recipe shares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from training.samples.labels import EMOTIONS
from training.samples.sample import Sample


def one_hot(samples: Sequence[Sample], output: str) -> Mapping[str, np.ndarray]:
    """Targets of a softmax over `EMOTIONS`, float32 (n, 7)."""
    labels = [EMOTIONS.index(str(sample.labels["emotion"])) for sample in samples]
    return {output: np.eye(len(EMOTIONS), dtype=np.float32)[np.array(labels, np.int64)]}
