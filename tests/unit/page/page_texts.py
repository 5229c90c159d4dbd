"""Read which texts the templates and modules of the pages use, and which they contain themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from pathlib import Path

# The class of the body, which a template gives outside of any tag.
PAGE_BLOCK = re.compile(r"\{% block page %\}.*?\{% endblock %\}")
JINJA = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
JS_TOKEN = re.compile(r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|`(?:\\.|[^`\\])*`|//[^\n]*|/\*.*?\*/', re.DOTALL)
PYTHON_LITERAL = re.compile(r"""["']([\w.]+)["']""")
DOUBLE_QUOTED = re.compile(r'"([\w.]+)"')
INTERPOLATION = re.compile(r"\$\{(?:[^{}]|\{[^{}]*\})*\}")
WORD = re.compile(r"[A-Za-z]{2,}")
VISIBLE_ATTRIBUTES = ("aria-label", "title", "placeholder", "alt", "content")
# Names that are the same in every language.
NAMES = {"CSV", "JSON", "PNG", "SHA", "SVG"}
# Before a string that is no text: a class, a selector, an error for developers.
NOT_SHOWN = re.compile(
    r'(?:\bclass: |"class", |querySelector(?:All)?\(|closest\(|matchMedia\(|setProperty\(|console\.\w+\(|\bkey === |'
    r"\bkey !== |\bcase |addEventListener\(|\bd: |\bviewBox: |headers: \{ )\s*$"
)
TAGS = {"a", "button", "input", "select", "textarea", "summary", "details", "dialog", "video"}  # in selectors
KEY_NAMES = {"Enter", "Escape", "Home", "End", "Delete", "Tab", "ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"}
SENTENCE = re.compile(r"[A-Za-z][\w'-]*[,;:.]? [A-Za-z]")
CAPITALISED = re.compile(r"^\W*[A-Z][a-z]+\b")


def flatten(entries: Mapping[str, object], prefix: str = "") -> dict[str, object]:
    """Nested entries of an area as `key.key` -> text or plural forms."""
    flat: dict[str, object] = {}
    for name, entry in entries.items():
        if isinstance(entry, Mapping) and set(entry) != {"one", "other"}:
            flat |= flatten(entry, f"{prefix}{name}.")
        else:
            flat[prefix + name] = entry
    return flat


def template_texts(source: str) -> Iterator[str]:
    """Text nodes and visible attributes of a template that are not expressions."""
    parser = _TextParser()
    parser.feed(JINJA.sub("", PAGE_BLOCK.sub("", source)))
    parser.close()
    return (text for text in parser.texts if set(WORD.findall(text)) - NAMES)


def module_texts(source: str) -> Iterator[str]:
    """String literals of a module that look like text for people."""
    for before, literal in string_literals(source):
        text = " ".join(INTERPOLATION.sub("", literal).split())
        is_text = SENTENCE.search(text) or (CAPITALISED.match(text) and text not in KEY_NAMES)
        is_selector = set(WORD.findall(text)) <= TAGS
        if (
            is_text
            and not is_selector
            and not NOT_SHOWN.search(before)
            and "--" not in text
            and "/" not in text.replace(" / ", "")
        ):
            yield literal


def string_literals(source: str) -> Iterator[tuple[str, str]]:
    """`(source before it, content)` of each string and template literal of a module, without its comments."""
    for match in JS_TOKEN.finditer(source):
        if match[0][0] in "\"'`":
            yield source[max(0, match.start() - 40) : match.start()], match[0][1:-1]


class _TextParser(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        visible = [value for name, value in attrs if name in VISIBLE_ATTRIBUTES and tag != "meta"]
        self.texts += [value for value in visible if value]

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.texts.append(data.strip())


def used_keys(path: Path, areas: tuple[str, ...]) -> set[str]:
    """Keys of texts that a file names; `*` stands for parts that are computed."""
    pattern = re.compile(rf"^(?:{'|'.join(areas)})(?:\.[\w*-]+)+$")
    literals = [INTERPOLATION.sub("*", literal) for literal in _literals(path.suffix, path.read_text(encoding="utf-8"))]
    ends = (".html", ".css", ".js", ".json", ".csv")
    return {literal for literal in literals if pattern.match(literal) and not literal.endswith(ends)}


def _literals(suffix: str, source: str) -> list[str]:
    if suffix == ".py":
        return [match[1] for match in PYTHON_LITERAL.finditer(source)]
    parts = JINJA.findall(source) if suffix == ".html" else [source]
    nested = DOUBLE_QUOTED.findall(source) if suffix == ".js" else []  # inside of `${...}`
    return [*nested, *(literal for part in parts for _, literal in string_literals(part))]
