"""The served cards hold the intended uses that the export writes."""

from __future__ import annotations

import json

import pytest

from app.paths import PROJECT
from training.export.intended_use import use_of

CARDS = sorted((PROJECT / "models").glob("*/card.json"))


@pytest.mark.parametrize("path", CARDS, ids=lambda path: path.parent.name)
def test_a_served_card_has_the_uses_of_its_network(path):
    card = json.loads(path.read_text())
    assert card["use"] == use_of(card)
