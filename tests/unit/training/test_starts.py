"""A recipe's network starts from the weights that were asked for, or says that it cannot."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from app.errors import SettingsError
from tests.training_support import TINY
from training.starts import started_from


def test_the_choice_reaches_the_network() -> None:
    recipe = replace(TINY, build=lambda init="random", trunk_weights=None: (init, trunk_weights))
    assert started_from(recipe).build() == ("random", None)
    assert started_from(recipe, "imagenet").build() == ("imagenet", None)
    assert started_from(recipe, trunk_weights=Path("vgg.h5")).build() == ("random", Path("vgg.h5"))


@pytest.mark.parametrize(
    ("choice", "flag"), [({"init": "imagenet"}, "--init"), ({"trunk_weights": Path("a")}, "--trunk")]
)
def test_a_network_of_our_own_takes_neither(choice: dict, flag: str) -> None:
    with pytest.raises(SettingsError, match=f"tiny takes no {flag}"):
        started_from(TINY, **choice)
