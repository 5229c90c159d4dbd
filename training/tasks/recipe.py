"""A recipe: a network with its losses and schedule, and the task that it is trained for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from training.networks.optimizers import OptimizerFactory, nesterov
from training.tasks.base import Task

TaskT = TypeVar("TaskT", bound=Task, covariant=True)


@dataclass(frozen=True)
class Recipe(Generic[TaskT]):
    """A named, repeatable training.

    Attributes:
        network: Folder under `models/` that the network is served from.
        task: What the network reads, learns and is scored by.
        build: Make the training model.
        losses, metrics: By output of the training model.
        monitor: Logged figure that the best epoch is chosen by, with `min` or `max`.
        batch: Images a batch.
        start: Initial weights, by the option that chooses them; empty if there is no choice.
        random_start_notice: What somebody should know who trains it from random weights; None if they are usual.
    """

    name: str
    title: str
    network: str
    task: TaskT
    build: Callable[[], Any]
    losses: Callable[[], Mapping[str, Any]]
    metrics: Callable[[], Mapping[str, Any]]
    monitor: tuple[str, str]
    loss_weights: Mapping[str, float] = field(default_factory=dict)
    optimizer: OptimizerFactory = nesterov(0.05)
    epochs: int = 20
    batch: int = 128
    start: Mapping[str, str] = field(default_factory=dict)
    random_start_notice: str | None = None
