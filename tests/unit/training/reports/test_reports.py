"""What holds for every report: it needs no other file, can be read in both colour schemes and cannot be injected."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support import reports
from tests.support.report_page import ReportPage
from training.reports.comparison import comparison_context
from training.reports.detectors import detectors_context
from training.reports.explore import explore_context
from training.reports.faces import faces_context
from training.reports.geometry import geometry_context
from training.reports.pipeline import pipeline_context
from training.reports.render import render
from training.reports.svg import SERIES

CSS = (Path(render.__code__.co_filename).parent / "templates" / "report.css").read_text()
MIN_CONTRAST_OF_TEXT, MIN_CONTRAST_OF_MARKS = 4.5, 3.0  # WCAG 2.2, AA
CONTEXTS: dict[str, Callable[[], dict[str, Any]]] = {
    "comparison": lambda: comparison_context(reports.run_summaries()),
    "detectors": lambda: detectors_context(reports.detector_comparison(), reports.HOSTILE),
    "explore": lambda: explore_context(reports.findings()),
    "faces": lambda: faces_context(reports.faces_report("valid was used to choose the epoch"), reports.HOSTILE),
    "geometry": lambda: geometry_context(reports.geometry()),
    "pipeline": lambda: pipeline_context(reports.pipeline_report(), reports.HOSTILE),
}


@pytest.fixture(scope="module", params=CONTEXTS)
def html(request: pytest.FixtureRequest) -> str:
    return render(request.param, CONTEXTS[request.param]())


def colors(scheme: str) -> dict[str, str]:
    """The CSS variables of a colour scheme."""
    light, dark = (dict(re.findall(r"--([\w-]+): (#\w+);", part)) for part in CSS.split("@media")[:2])
    for short, value in {**light, **dark}.items():
        assert len(value) in (4, 7), short
    return dark if scheme == "dark" else light


def luminance(color: str) -> float:
    digits = color[1:] if len(color) == 7 else "".join(2 * digit for digit in color[1:])
    levels = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (level / 12.92 if level <= 0.04045 else ((level + 0.055) / 1.055) ** 2.4 for level in levels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_a_report_needs_no_other_file(html: str) -> None:
    page = ReportPage(html)
    assert all(reference.startswith(("data:image/jpeg;base64,", "#")) for reference in page.references)
    assert not re.search(r"@import|url\((?!#)|<script|<link|<iframe", html)
    without_text = html.replace("http://example.com", "")
    assert not re.search(r"https?://", without_text), "the hostile name is the only address"


def test_names_are_text(html: str) -> None:
    assert "<script" not in html
    assert "&lt;script" in html


def test_ids_are_unique_and_known(html: str) -> None:
    page = ReportPage(html)
    assert len(page.ids) == len(set(page.ids))
    used = set(re.findall(r'(?:href="#|url\(#)([\w-]+)', html))
    assert used <= set(page.ids)


def test_colors_are_variables_of_both_schemes(html: str) -> None:
    used = set(re.findall(r"var\(--([\w-]+)\)", html)) - {"strength"}
    assert used <= set(colors("light")) & set(colors("dark"))
    styles = [style for style in ReportPage(html).styles if not style.startswith("background:rgb")]  # on images
    assert not [style for style in styles if re.search(r"#[0-9a-f]{3}|rgb|black|white", style)]


def test_every_plot_has_a_text_alternative(html: str) -> None:
    page = ReportPage(html)
    assert all(len(text) > 20 for text in page.plots)
    assert all(page.images)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_and_marks_stand_out(scheme: str) -> None:
    known = colors(scheme)
    for name in ("text", "muted", "bad"):
        assert contrast(known[name], known["ground"]) >= MIN_CONTRAST_OF_TEXT, name
    for name in ("after", *SERIES):
        assert contrast(known[name], known["ground"]) >= MIN_CONTRAST_OF_MARKS, name


def test_a_report_is_the_same_every_time() -> None:
    assert render("geometry", CONTEXTS["geometry"]()) == render("geometry", CONTEXTS["geometry"]())
