"""A report as a browser reads it: headings, tables, images, plots, and what it refers to."""

from __future__ import annotations

from html.parser import HTMLParser

VOID_TAGS = ("meta", "img", "br")


class ReportPage(HTMLParser):
    """Parses a report; a tag that is closed in the wrong place fails.

    Attributes:
        text: All text that is shown.
        headings: Of every level.
        tables: Of each table, its rows of cells.
        images, plots: Their text alternatives.
        tooltips: Of the parts of plots.
        references: What would be loaded or linked.
        styles: Of single elements.
        ids: Of elements.
    """

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text = ""
        self.headings: list[str] = []
        self.tables: list[list[list[str]]] = []
        self.images: list[str] = []
        self.plots: list[str] = []
        self.tooltips: list[str] = []
        self.references: list[str] = []
        self.styles: list[str] = []
        self.ids: list[str] = []
        self._open: list[str] = []
        self.feed(html)
        assert not self._open, "every tag is closed"

    def row(self, name: str) -> list[str]:
        """Return the first row of a table that begins with a name, without the name."""
        return next(row[1:] for table in self.tables for row in table if row and row[0] == name)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        self.references += [named[name] for name in ("src", "href", "xlink:href") if name in named]
        self.styles += [named["style"]] if "style" in named else []
        self.ids += [named["id"]] if "id" in named else []
        if tag == "img":
            self.images.append(named.get("alt", ""))
        if tag == "svg":
            assert named["role"] == "img"
            self.plots.append(named["aria-label"])
        if tag == "table":
            self.tables.append([])
        if tag == "tr":
            self.tables[-1].append([])
        if tag in ("td", "th"):
            self.tables[-1][-1].append("")
        if tag in ("h1", "h2", "h3"):
            self.headings.append("")
        if tag not in VOID_TAGS:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID_TAGS:
            assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        inside = self._open[-1] if self._open else ""
        if inside == "title" and "svg" in self._open:
            self.tooltips.append(data)
        if inside in ("title", "style"):
            return
        self.text += data
        if inside in ("h1", "h2", "h3"):
            self.headings[-1] += data
        if "td" in self._open or "th" in self._open:
            self.tables[-1][-1][-1] = (self.tables[-1][-1][-1] + " " + data.strip()).strip()
