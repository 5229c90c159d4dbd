"""UTKFace's five race labels from the frozen VGGFace trunk."""

from __future__ import annotations

from training.recipes.shared import vggface_race
from training.samples.labels import RACES

RECIPE = vggface_race.recipe("vggface-race", RACES)
