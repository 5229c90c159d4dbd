"""The style sheet's colours: seen by everybody, and the same as in the picture."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.vision.drawing.annotate import COLOURS

STYLES = Path(__file__).resolve().parents[3] / "static" / "css"
DARK, LIGHT = ((STYLES / name).read_text() for name in ("base.css", "light.css"))
LEAST_CONTRAST_OF_MARKS = 3.0
LEAST_CONTRAST_OF_TEXT = 4.5


def tokens(scheme: str) -> dict[str, str]:
    return dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6});", scheme))


def luminance(colour: str) -> float:
    levels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (level / 12.92 if level <= 0.04045 else ((level + 0.055) / 1.055) ** 2.4 for level in levels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", [DARK, LIGHT], ids=["dark", "light"])
def test_every_expression_stands_out_from_the_ground(scheme: str) -> None:
    colours = tokens(scheme)
    for index in range(1, 8):
        for ground in ("ground", "raised"):
            assert contrast(colours[f"series-{index}"], colours[ground]) >= LEAST_CONTRAST_OF_MARKS


@pytest.mark.parametrize("scheme", [DARK, LIGHT], ids=["dark", "light"])
@pytest.mark.parametrize("name", ["text", "muted", "danger", "accent"])
def test_text_can_be_read(scheme: str, name: str) -> None:
    colours = tokens(scheme)
    for ground in ("ground", "raised"):
        assert contrast(colours[name], colours[ground]) >= LEAST_CONTRAST_OF_TEXT


def test_cards_have_the_colours_of_the_boxes() -> None:
    colours = tokens(DARK)
    cards = [colours[f"person-{number}"] for number in range(1, len(COLOURS) + 1)]
    assert cards == [f"#{red:02x}{green:02x}{blue:02x}" for red, green, blue in COLOURS]
    assert f"person-{len(COLOURS) + 1}" not in colours
