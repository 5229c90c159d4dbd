"""UTKFace together with All-Age-Faces, if it lies beside it: ages, sexes and, as far as known, races."""

from __future__ import annotations

from training.datasets.catalog import AAF, UTKFACE
from training.datasets.joined_sets import join_sets

UTKFACE_AND_AAF = join_sets((UTKFACE, "utkface"), (AAF, "aaf"))
