"""The first three of UTKFace's race labels from the frozen VGGFace trunk; pictures of the others are left out."""

from __future__ import annotations

from training.recipes.shared import vggface
from training.samples.labels import RACES

RECIPE = vggface.race_recipe("vggface-race-3", RACES[:3])
