"""UTKFace's five race labels from the frozen VGGFace trunk."""

from __future__ import annotations

from training.recipes.shared import vggface
from training.samples.labels import RACES

RECIPE = vggface.race_recipe("vggface-race", RACES)
