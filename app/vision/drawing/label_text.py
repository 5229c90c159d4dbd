"""Texts of a face's label in each of its forms."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping

from app.attributes.attribute_set import AttributeSet
from app.attributes.estimate import ClassEstimate
from app.domain import Track, ViewOptions
from app.vision.drawing.label_layout import Form

Lines = tuple[str, ...]
# Widest line of the other attributes, in Latin letters; Korean ones count as two. Longer ones are broken.
MAX_LINE_WIDTH = 26
SEPARATOR = ", "


def label_texts(track: Track, view: ViewOptions, attributes: AttributeSet) -> Mapping[Form, Lines]:
    """Lines of text by form, from the id and the estimates that the view shows; empty if there is nothing to say.

    Attributes with an overlay are drawn instead.

    Args:
        attributes: In the language of the view.
    """
    full = lines_of(track, view, attributes)
    if not full:
        return {}
    short = (_short_line(track, view, attributes) or full[0],)
    forms = {Form.FULL: full, Form.SHORT: short, Form.DOT: (str(track.id),)}
    return {form: lines for form, lines in forms.items() if form is not Form.SHORT or lines != full}


def lines_of(track: Track, view: ViewOptions, attributes: AttributeSet) -> Lines:
    """The id and the headline in one line, then the other attributes."""
    first = [_id_text(track)] if "ids" in view.show else []
    others: list[str] = []
    for name in _written_names(track, view, attributes):
        text = attributes[name].chip_text(track.estimates[name])
        (first if attributes[name].is_headline else others).append(text)
    return tuple(filter(None, ("  ".join(first), *_broken_lines(others))))


def _short_line(track: Track, view: ViewOptions, attributes: AttributeSet) -> str:
    """The id and the headline without its probability; without a headline the first other attribute."""
    parts = [_id_text(track)] if "ids" in view.show else []
    names = sorted(_written_names(track, view, attributes), key=lambda name: not attributes[name].is_headline)
    for name in names[:1]:
        estimate = track.estimates[name]
        if isinstance(estimate, ClassEstimate):
            estimate = ClassEstimate(label=estimate.label)
        parts.append(attributes[name].chip_text(estimate))
    return "  ".join(parts)


def _id_text(track: Track) -> str:
    return f"#{track.id}"


def _written_names(track: Track, view: ViewOptions, attributes: AttributeSet) -> list[str]:
    return [name for name in view.show if name in track.estimates and attributes[name].overlay is None]


def _broken_lines(texts: Iterable[str]) -> list[str]:
    """The texts joined to lines that are not wider than `MAX_LINE_WIDTH`, unless one text alone is."""
    lines: list[str] = []
    for text in texts:
        if lines and _width(lines[-1] + SEPARATOR + text) <= MAX_LINE_WIDTH:
            lines[-1] += SEPARATOR + text
        else:
            lines.append(text)
    return lines


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
