"""Pieces of a report page: one HTML file that needs nothing else, light or dark as the reader's system is."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path

import cv2
import numpy as np

from training.samples.sample import Rejection, count_reasons


def document(title: str, body: Iterable[str]) -> str:
    """A whole page."""
    style = (Path(__file__).with_name("templates") / "report.css").read_text(encoding="utf-8")
    return (
        f'<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>{escape(title)}</title>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<style>{style}</style>\n<main>\n" + "\n".join(body) + "\n</main>\n</html>\n"
    )


def section(title: str, *body: str) -> str:
    """A heading and what follows, or nothing where nothing follows."""
    content = "\n".join(filter(None, body))
    return f"<h2>{escape(title)}</h2>\n{content}" if content else ""


def paragraph(text: str, muted: bool = False) -> str:
    return f'<p class="muted">{escape(text)}</p>' if muted else f"<p>{escape(text)}</p>"


def facts(named: Mapping[str, str], bad: Sequence[str] = ()) -> str:
    """The few large figures at the top; those named in `bad` stand out."""
    cells = (
        f"<div{' class=bad' if name in bad else ''}><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>"
        for name, value in named.items()
    )
    return f'<dl class="facts">{"".join(cells)}</dl>'


def number(value: float) -> str:
    """Whole numbers with thousands apart, others with two places."""
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.2f}"


def legend(before: str, after: str) -> str:
    return (
        f'<p class="legend"><span><i></i>{escape(before)}</span><span><i class="after"></i>{escape(after)}</span></p>'
    )


def bars(before: Mapping[str, int], after: Mapping[str, int] | None = None) -> str:
    """Counts as bars, a second bar below each where there is an `after`."""
    largest, total = max(before.values(), default=1), max(1, sum(before.values()))
    rows = []
    for name, count in before.items():
        kept = None if after is None else after.get(name, 0)
        second = "" if kept is None else f'<i class="after" style="width:{kept / largest:.2%}"></i>'
        text = f"<b>{count:,}</b> {count / total:.1%}" if kept is None else f"{count:,} → <b>{kept:,}</b>"
        rows.append(
            f'<span>{escape(name)}</span><span class="track"><i style="width:{count / largest:.2%}"></i>{second}</span>'
            f'<span class="count">{text}</span>'
        )
    return f'<div class="bars">{"".join(rows)}</div>'


def histogram(before: Mapping[int, int], after: Mapping[int, int] | None = None, step: int = 10) -> str:
    """Counts of whole numbers as columns, `after` in front; a tick every `step`."""
    first, last = min(before), max(before)
    width, largest = 1000 / (last - first + 1), max(before.values())
    shapes = [
        f'<rect class="{kind}" x="{(value - first) * width:.1f}" y="{200 - 190 * count / largest:.1f}" '
        f'width="{width * 0.86:.1f}" height="{190 * count / largest:.1f}"><title>{value}: {count:,}</title></rect>'
        for kind, counts in (("before", before), ("after", after or {}))
        for value, count in counts.items()
    ]
    ticks = [
        f'<text x="{(value - first + 0.43) * width:.1f}" y="218" text-anchor="middle">{value}</text>'
        for value in range(-(-first // step) * step, last + 1, step)
    ]
    peak = f"{largest:,} at {max(before, key=lambda value: before[value])}"
    top = f'<line x1="0" x2="1000" y1="10" y2="10"/><text x="1000" y="4" text-anchor="end">{peak}</text>'
    floor = '<line x1="0" x2="1000" y1="200" y2="200"/>'
    return f'<svg viewBox="0 -10 1000 234" role="img">{top}{"".join(shapes)}{floor}{"".join(ticks)}</svg>'


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """The first column is text, the others are numbers."""
    names = "".join(f"<th>{escape(name)}</th>" for name in head)
    body = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return f'<div class="scroll"><table><tr>{names}</tr>{body}</table></div>'


def folded(summary: str, content: str) -> str:
    """Content that a click opens."""
    return f"<details><summary>{escape(summary)}</summary>{content}</details>"


def left_out(rejected: Sequence[Rejection], nothing: str, most: int = 200) -> str:
    """How often each reason occurs and, behind a click, at most `most` names; `nothing` where there are none."""
    if not rejected:
        return paragraph(nothing)
    shown = [[one.name, one.reason] for one in rejected[:most]]
    listed = folded(f"The {len(shown):,} files and rows", table(["file or row", "reason"], shown))
    return f'<div class="scroll">{bars(count_reasons(rejected))}</div>{listed}'


def picture(image: np.ndarray, text: str) -> str:
    """An RGB uint8 picture as part of the page, with `text` for those who do not see it."""
    sound, data = cv2.imencode(".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 85])
    assert sound
    return f'<img alt="{escape(text)}" src="data:image/jpeg;base64,{base64.b64encode(data.tobytes()).decode()}">'
