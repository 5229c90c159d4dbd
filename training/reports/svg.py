"""Convert Matplotlib figures to inline SVG whose colours are CSS variables of the report, so that both schemes work."""

from __future__ import annotations

import hashlib
import io
import itertools
import re
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, ParamSpec
from xml.etree import ElementTree  # nosec B405

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


def series_colors(names: Iterable[str]) -> tuple[dict[str, str], dict[str, str]]:
    """Return by name the CSS variable of a series, and its colour for the macro `legend`."""
    variables = dict(zip(names, itertools.cycle(SERIES)))
    return variables, {name: f"var(--{variable})" for name, variable in variables.items()}


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
    for patch in (figure.patch, *(axes.patch for axes in figure.axes)):
        patch.set_visible(False)  # the page's own background
    buffer = io.BytesIO()
    figure.savefig(buffer, format="svg", metadata=dict.fromkeys(("Creator", "Date", "Format", "Type")))
    # matplotlib has just written it: it holds no entities.
    root = ElementTree.fromstring(buffer.getvalue())  # noqa: S314  # nosec B314
    # Identifiers of clip paths and markers must differ between the figures of a page.
    prefix = "p" + hashlib.sha256(buffer.getvalue()).hexdigest()[:8]
    for element in root.iter():
        _clean(element, prefix)
    for parent in root.iter():
        parent[:] = [child for child in parent if not _is_dropped(child)]
    width, height = (inches * POINTS_PER_INCH for inches in figure.get_size_inches())
    shown = f"max-width:{width * PIXELS_PER_INCH / POINTS_PER_INCH:.0f}px"
    box = f"0 0 {width:g} {height:g}"
    root.attrib = {"role": "img", "aria-label": description, "viewBox": box, "style": shown}
    # ElementTree escapes the texts that it writes.
    return Markup(ElementTree.tostring(root, encoding="unicode"))  # noqa: S704


def _is_dropped(element: ElementTree.Element) -> bool:
    """Whether an element is an empty group, or holds a style that would apply to the whole page."""
    return (element.tag == "g" and not len(element)) or element.find("style") is not None


def _clean(element: ElementTree.Element, prefix: str) -> None:
    """Drop namespaces, fonts and white space; set tooltips, the page's colours and unique identifiers."""
    element.tag = _local_name(element.tag)
    element.text, element.tail = (element.text or "").strip(), None
    attributes = {_local_name(name): value for name, value in element.attrib.items()}
    name = attributes.pop("id", "") if element.tag == "g" else ""
    if name.startswith(TOOLTIP):
        element.insert(0, ElementTree.Element("title"))
        element[0].text = name.removeprefix(TOOLTIP)
    if attributes.get("transform", "").startswith("rotate(-0 "):
        del attributes["transform"]
    element.attrib = {name: _cleaned_value(name, value, prefix) for name, value in attributes.items()}


def _cleaned_value(name: str, value: str, prefix: str) -> str:
    if name == "id":
        return f"{prefix}-{value}"
    if name in ("href", "clip-path"):
        return value.replace("#", f"#{prefix}-")
    if name == "style":
        for variable, stand_in in _STAND_INS.items():
            value = value.replace(stand_in, f"var(--{variable})")
        return "; ".join(part for part in value.split("; ") if not part.startswith("font-family"))
    if name in ("d", "x", "y", "width", "height"):
        rounded = re.sub(r"-?\d+\.\d+", lambda match: f"{float(match[0]):.{PLACES}f}", value)
        return " ".join(rounded.split())
    return value


def _local_name(name: str) -> str:
    return name.rpartition("}")[2]
