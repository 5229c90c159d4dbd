"""Perceived sex from the frozen VGGFace trunk."""

from __future__ import annotations

from pathlib import Path

import keras

from training.recipes.shared import classic, vggface


def build(trunk_weights: Path | None = None) -> keras.Model:
    """Output `p_female`, shape (n, 1); its layer `logits` over SEXES is what can be served.

    Args:
        trunk_weights: As `vggface.frozen_trunk` takes it.
    """
    return classic.sex_model(*vggface.dense_features(trunk_weights))


RECIPE = classic.sex_recipe(
    "vggface-sex",
    "Perceived sex (frozen VGGFace)",
    vggface.PATCH,
    build,
    epochs=20,
    batch=32,
    random_start_notice=vggface.RANDOM_START,
)
