"""UTKFace's five race labels from the frozen VGGFace trunk."""

from __future__ import annotations

from training.datasets.labels import RACES
from training.recipes.shared import vggface_race

RECIPE = vggface_race.recipe("vggface-race", RACES)
