"""The first three of UTKFace's race labels from the frozen VGGFace trunk; pictures of the others are left out."""

from __future__ import annotations

from training.datasets.labels import RACES
from training.recipes.shared import vggface_race

RECIPE = vggface_race.recipe("vggface-race-3", RACES[:3])
