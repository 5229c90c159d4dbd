"""What the recipe of a face detector is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from training.datasets.scene_sets import SCENES, SceneSet
from training.networks.optimizers import OptimizerFactory


@dataclass(frozen=True)
class DetectorRecipe:
    """A named, repeatable training of a network that finds faces in whole pictures.

    Attributes:
        network: Folder under `models/` that the weights are served from.
        build: Makes the training model, whose output `cells` is served as it is.
        start: Where the first weights come from, if not from chance.
        monitor: Logged figure that the best epoch is chosen by, with `min` or `max`.
        size: Side of the training crops in pixels.
        steps: Batches in what is called an epoch: crops are drawn, not dealt.
        masked: Share of faces that a mask is drawn over.
    """

    name: str
    title: str
    network: str
    build: Callable[[], Any]
    losses: Callable[[], Mapping[str, Any]]
    optimizer: OptimizerFactory
    start: Mapping[str, str] = field(default_factory=dict)
    source: SceneSet = SCENES
    monitor: tuple[str, str] = ("val_ap40", "max")
    metrics: Callable[[], Mapping[str, Any]] = dict
    loss_weights: Mapping[str, float] = field(default_factory=dict)
    epochs: int = 60
    steps: int = 300
    batch: int = 24
    size: int = 256
    masked: float = 0.18
