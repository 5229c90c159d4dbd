"""Convert Matplotlib figures to inline SVG whose colours are CSS variables of the report, so that both schemes work."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Callable, Iterable, Iterator
from functools import wraps
from typing import Any, ParamSpec
from xml.etree import ElementTree

import matplotlib
from markupsafe import Markup
from matplotlib.figure import Figure

Parameters = ParamSpec("Parameters")

# CSS variables of templates/report.css.
MUTED, LINE, TEXT, GROUND, BEFORE, AFTER = "muted", "line", "text", "ground", "before", "after"
SERIES = tuple(f"series-{number}" for number in range(1, 9))
# Matplotlib draws in fixed colours: each variable has a stand-in, which is replaced in the SVG's styles.
_STAND_INS = {name: f"#0101{number:02x}" for number, name in enumerate((MUTED, LINE, TEXT, GROUND, BEFORE, AFTER))}
_STAND_INS |= {name: f"#0102{number:02x}" for number, name in enumerate(SERIES)}

TOOLTIP = "tooltip: "  # prefix of the gid of an artist that has a tooltip
POINTS_PER_INCH = 72  # of the SVG's view box
PIXELS_PER_INCH = 96  # of CSS
PLACES = 2  # decimals of coordinates, in points

STYLE: Any = {
    "svg.fonttype": "none",  # text stays text: small files, and the reader's own font
    "svg.hashsalt": "report",  # the same figure gives the same SVG
    "text.parse_math": False,  # a dollar sign in a run's name is no formula
    "font.size": 9,  # points: 12 CSS pixels
    "axes.titlesize": 9,
    "axes.edgecolor": _STAND_INS[LINE],
    "axes.axisbelow": True,
    "axes.grid": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "grid.color": _STAND_INS[LINE],
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "figure.constrained_layout.use": True,
}


def color(variable: str) -> str:
    """Return the colour to draw with for a CSS variable, such as `AFTER`."""
    return _STAND_INS[variable]


def tooltip(text: str) -> str:
    """Return the `gid` of an artist that shows `text` under the pointer."""
    return f"{TOOLTIP}{text}"


def inline_svg(draw: Callable[Parameters, tuple[Figure, str]]) -> Callable[Parameters, Markup]:
    """Decorate a function that returns a figure and its text alternative; the result is SVG for a template."""

    @wraps(draw)
    def rendered(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Markup:
        with matplotlib.rc_context(STYLE):
            return _to_svg(*draw(*args, **kwargs))

    return rendered


def _to_svg(figure: Figure, description: str) -> Markup:
    width, height = (inches * POINTS_PER_INCH for inches in figure.get_size_inches())
    root = ElementTree.Element("svg", {"role": "img", "aria-label": description})
    root.set("viewBox", f"0 0 {width:g} {height:g}")
    root.set("style", f"max-width:{width * PIXELS_PER_INCH / POINTS_PER_INCH:.0f}px")
    content = _content(figure)
    # Identifiers of clip paths and markers must differ between the figures of a page.
    prefix = "p" + hashlib.sha256(b"".join(map(ElementTree.tostring, content))).hexdigest()[:8]
    root.extend(_all_cleaned(content, prefix))
    return Markup(ElementTree.tostring(root, encoding="unicode"))


def _content(figure: Figure) -> list[ElementTree.Element]:
    """Draw the figure without backgrounds; returns the SVG's elements, without those that style the whole page."""
    for patch in (figure.patch, *(axes.patch for axes in figure.axes)):
        patch.set_visible(False)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="svg", metadata=dict.fromkeys(("Creator", "Date", "Format", "Type")))
    elements = list(ElementTree.fromstring(buffer.getvalue()))
    return [element for element in elements if element.find("{*}style") is None]


def _all_cleaned(elements: Iterable[ElementTree.Element], prefix: str) -> Iterator[ElementTree.Element]:
    """Yield a copy of each element that is no empty group."""
    for element in elements:
        copy = _cleaned(element, prefix)
        if copy.tag != "g" or len(copy):
            yield copy


def _cleaned(element: ElementTree.Element, prefix: str) -> ElementTree.Element:
    """Copy an element without namespaces and fonts, with its tooltip and the page's colours."""
    tag, attributes = _local(element.tag), {_local(name): value for name, value in element.attrib.items()}
    copy = ElementTree.Element(tag, dict(_attributes(tag, attributes, prefix)))
    name = attributes.get("id", "")
    if name.startswith(TOOLTIP):
        ElementTree.SubElement(copy, "title").text = name.removeprefix(TOOLTIP)
    copy.extend(_all_cleaned(element, prefix))
    copy.text = (element.text or "").strip() or None
    return copy


def _attributes(tag: str, attributes: dict[str, str], prefix: str) -> Iterator[tuple[str, str]]:
    for name, value in attributes.items():
        if name == "id" and tag != "g":
            yield name, f"{prefix}-{value}"
        elif name == "style":
            yield name, _style(value)
        elif name in ("href", "clip-path"):
            yield name, value.replace("#", f"#{prefix}-")
        elif name != "id" and not (name == "transform" and value.startswith("rotate(-0 ")):
            yield name, _rounded(value) if name in ("d", "x", "y", "width", "height") else value


def _style(value: str) -> str:
    for name, stand_in in _STAND_INS.items():
        value = value.replace(stand_in, f"var(--{name})")
    return "; ".join(part for part in value.split("; ") if not part.startswith("font-family"))


def _rounded(value: str) -> str:
    numbers = re.sub(r"-?\d+\.\d+", lambda match: f"{float(match[0]):.{PLACES}f}", value)
    return " ".join(numbers.split())


def _local(name: str) -> str:
    return name.rpartition("}")[2]
