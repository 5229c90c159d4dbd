"""UTKFace's five race labels from the frozen VGGFace trunk."""

from __future__ import annotations

from training import vggface_race
from training.data.utkface import RACES

RECIPE = vggface_race.recipe("vggface-race", RACES)
