"""The area `cards`: every text of the served models' cards has a translation, and every translation has a text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.attributes.attribute_set import load_attributes
from tests.unit.page.test_problems import strings, with_gaps

ROOT = Path(__file__).resolve().parents[3]
LINES: dict[str, str] = json.loads((ROOT / "app/translations/en/cards.json").read_text(encoding="utf-8"))
PATTERNS = {key: re.compile(re.sub(r"\\{\w+\\}", "(.+?)", re.escape(line))) for key, line in LINES.items()}
CARDS = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(ROOT.glob("models/*/card.json"))]
# Names of data sets and their splits are the same in every language.
DATA_SET = re.compile(r"[\w.]+ (train|valid|test)( corrected)?")


def texts() -> Iterator[str]:
    """Texts of the cards that the page shows."""
    for card in CARDS:
        yield from (
            card["title"],
            *card["use"]["for"],
            *card["use"]["not_for"],
            card["data"]["terms"],
            card["data"]["splits"],
        )
        for name, figures in card["figures"].items():
            yield name
            yield from (figures[key] for key in ("note", "about") if key in figures)
            yield from figures.get("failures", ())


TEXTS = sorted({text for text in texts() if not DATA_SET.fullmatch(text)})


def matches(text: str) -> list[re.Match[str]]:
    return [match for pattern in PATTERNS.values() if (match := pattern.fullmatch(text))]


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_of_a_card_has_a_translation(text: str):
    assert matches(text), "add it to app/translations/*/cards.json"


def test_every_line_occurs_in_a_card_or_is_written_by_the_training():
    parts = [part for text in TEXTS for match in matches(text) for part in match.groups()]
    landmarks = [name.replace("_", " ") for card in CARDS for name in card.get("points", ())]
    titles = [attribute.title for attribute in load_attributes(ROOT / "models")]
    written = {text for path in (ROOT / "training").rglob("*.py") for text in strings(path)}
    known = [*TEXTS, *parts, *landmarks, *titles]
    unknown = [
        key
        for key, line in LINES.items()
        if with_gaps(line) not in written and not any(PATTERNS[key].fullmatch(text) for text in known)
    ]
    assert unknown == []
