"""FER2013 together with the expressions of other sources, if they lie beside it."""

from __future__ import annotations

from training.datasets.catalog import EXPRESSIONS
from training.datasets.fer2013 import FER2013
from training.datasets.joined_sets import join_sets

FER2013_AND_EXPRESSIONS = join_sets((FER2013, "fer2013"), (EXPRESSIONS, "expressions"))
