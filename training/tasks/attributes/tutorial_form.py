"""A trained network as tutorials load it: whole, with the softmax, sigmoid or plain value at its end."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import keras
from keras import layers

from training.engine.weights import load_trained
from training.tasks.base import Answer
from training.tasks.recipe import Recipe

if TYPE_CHECKING:
    from training.tasks.attributes.task import AttributeTask

WHOLE_FORMATS = ("json", "h5")


def tutorial_network(recipe: Recipe[AttributeTask], network: Any, weights: Path) -> tuple[keras.Model, Answer]:
    """The network with the output that it was trained with, and what this output means.

    Args:
        network: As `serving.serving_model` gives it: up to its logits.
        weights: File of the run.
    Raises:
        ModelError: the weights are missing or do not fit.
    """
    heads = recipe.task.heads
    if len(heads) == 1 and heads[0].kind == "value":
        return network, Answer("landmarks" if heads[0].attribute == "landmarks" else "number", heads[0].labels)
    trained = load_trained(recipe, weights)
    if "logits" not in trained.output_names:
        name, output = next(iter(trained.output.items()))
        if output.shape[-1] > 1:
            return keras.Model(trained.input, output, name=name), Answer("classes", heads[0].labels)
        _, logit = trained.get_layer("logits").input  # what `classic.sex_model` makes two logits of
        output = layers.Activation("sigmoid", dtype="float32", name=f"{name}_of_logit")(logit)
        return keras.Model(trained.input, output, name=name), Answer("binary", heads[0].labels)
    if len(heads) == 1:
        output = layers.Softmax(dtype="float32", name="probabilities")(network.output)
        return keras.Model(network.input, output, name="probabilities"), Answer("classes", heads[0].labels)
    columns = [f"{head.attribute} {label}" for head in heads for label in head.labels]
    return network, Answer("logits", columns)
