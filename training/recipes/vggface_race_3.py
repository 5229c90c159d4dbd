"""The first three of UTKFace's race labels from the frozen VGGFace trunk; pictures of the others are left out."""

from __future__ import annotations

from training import vggface_race
from training.data.utkface import RACES

RECIPE = vggface_race.recipe("vggface-race-3", RACES[:3])
