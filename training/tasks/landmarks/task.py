"""What the recipe of a landmark network is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.vision.inference.face_crop import PatchSpec
from training.networks.optimizers import OptimizerFactory
from training.tasks.landmarks.source import FACES_AND_SCENES, LandmarkSet


@dataclass(frozen=True, slots=True)
class Jitter:
    """How far crops stray from the face's frame; every amount is drawn uniformly.

    Attributes:
        turn: Largest turn in degrees, either way.
        scale: Smallest and largest side of the crop over the usual one.
        shift: Largest move in sides of the face, either way.
    """

    turn: float
    scale: tuple[float, float]
    shift: float


@dataclass(frozen=True)
class LandmarkRecipe:
    """A named, repeatable training of a network that tells the landmarks of a face and whether there is one.

    Attributes:
        network: Folder under `models/` that the weights are served from.
        patch: What the network sees of a face's frame.
        build: Makes the training model, whose output `answer` is served as it is.
        start: Where the first weights come from, if not from chance.
        monitor: Logged figure that the best epoch is chosen by, with `min` or `max`.
        far, near: Jitter of crops as detectors' boxes call for them, and as points that are already known do.
        near_share: Share of the crops with the near jitter.
        empty_share: Share of the crops that show no face.
        boxed_share: Share of the crops that show a face of a scene, of which only the box is known.
        steps: Batches in what is called an epoch: crops are drawn, not dealt.
    """

    name: str
    title: str
    network: str
    patch: PatchSpec
    build: Callable[[], Any]
    losses: Callable[[], Mapping[str, Any]]
    metrics: Callable[[], Mapping[str, Any]]
    optimizer: OptimizerFactory
    start: Mapping[str, str] = field(default_factory=dict)
    source: LandmarkSet = FACES_AND_SCENES
    monitor: tuple[str, str] = ("val_nme", "min")
    loss_weights: Mapping[str, float] = field(default_factory=dict)
    far: Jitter = Jitter(turn=35, scale=(0.75, 1.35), shift=0.16)
    near: Jitter = Jitter(turn=6, scale=(0.92, 1.08), shift=0.04)
    near_share: float = 0.4
    empty_share: float = 0.15
    boxed_share: float = 0.2
    epochs: int = 60
    steps: int = 200
    batch: int = 64
