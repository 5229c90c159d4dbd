"""The first three of UTKFace's race labels from the frozen VGGFace trunk; pictures of the others are left out."""

from __future__ import annotations

from training.recipes.shared import vggface_race
from training.samples.labels import RACES

RECIPE = vggface_race.recipe("vggface-race-3", RACES[:3])
