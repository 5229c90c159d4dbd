"""Files that the app carries: as their sources say, with their licences, and enough for what is drawn."""

import re
from hashlib import sha256
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from app.attributes.attribute_set import load_attributes
from app.attributes.estimate import UNSURE
from app.attributes.localization import localize_attributes
from app.paths import ASSETS, resource
from app.translations.dictionary import LANGUAGES, load_dictionary
from app.vision.drawing.label_chips import BOLD_FONT, MEDIUM_FONT

SOURCES = sorted(ASSETS.rglob("SOURCES.md"))
LARGEST_BYTES = 3_000_000
# What labels have besides the texts of attributes: numbers, shares, ids and pairs.
COMPOSED = "0123456789%#+-., "


def carried() -> list[Path]:
    return [path for path in ASSETS.rglob("*") if path.is_file() and path.suffix not in (".md", ".txt")]


@pytest.mark.parametrize("path", carried(), ids=lambda path: path.name)
def test_every_asset_is_the_one_that_its_source_names(path):
    sums = dict(re.findall(r"^\| `([^`]+)` .*`([0-9a-f]{64})` \|$", (path.parent / "SOURCES.md").read_text(), re.M))
    assert sums[path.name] == sha256(path.read_bytes()).hexdigest()


def test_assets_stay_small():
    assert sum(path.stat().st_size for path in carried()) < LARGEST_BYTES


@pytest.mark.parametrize("file", [BOLD_FONT, MEDIUM_FONT])
def test_the_label_font_has_latin_and_korean_letters_under_its_licence(file):
    letters = TTFont(ASSETS / "fonts" / file).getBestCmap()
    assert {ord(letter) for letter in "Happiness 87% #3 + äöüßé±–행복놀람중립마스크"} <= letters.keys()
    assert "SIL OPEN FONT LICENSE Version 1.1" in (ASSETS / "fonts" / "OFL.txt").read_text()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("file", [BOLD_FONT, MEDIUM_FONT])
def test_every_label_of_every_attribute_can_be_drawn(language, file):
    letters = set(map(chr, TTFont(ASSETS / "fonts" / file).getBestCmap()))
    served = load_attributes(resource("models"), ["race"])
    attributes = [*localize_attributes(served, load_dictionary(language))]
    texts = [attribute.label_text(label) for attribute in attributes for label in (*attribute.labels, UNSURE)]
    texts += [attribute.chip for attribute in attributes]
    assert len(texts) > 60
    assert [text for text in texts if not {*text, *text.capitalize()} - {*"{}"} <= letters] == []
    assert set(COMPOSED) <= letters
