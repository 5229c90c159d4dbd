"""The area `problems`: its English lines are those that the server writes, so that the page finds their translation."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
LINES: dict[str, str] = json.loads((ROOT / "app/translations/en/problems.json").read_text(encoding="utf-8"))
# Lines of the page itself.
OWN_LINES = ("server_silent", "server_status", "not_connected", "no_acknowledgement")
# Lines that are put together from two texts; both must occur.
JOINED_LINES = ("check_cable", "check_disk")


@pytest.fixture(scope="module")
def source_lines() -> set[str]:
    """Every string of the app's modules, with `{}` for what is filled in."""
    return {text for path in (ROOT / "app").rglob("*.py") for text in strings(path)}


def strings(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def with_gaps(line: str) -> str:
    return re.sub(r"\{\w+\}", "{}", line)


@pytest.mark.parametrize("key", [key for key in LINES if key not in (*OWN_LINES, *JOINED_LINES)])
def test_a_line_is_one_that_the_server_writes(key: str, source_lines: set[str]):
    assert with_gaps(LINES[key]) in source_lines, f"no module writes it; change {key!r} in problems.json as in app/"


@pytest.mark.parametrize("key", JOINED_LINES)
def test_both_parts_of_a_joined_line_are_written(key: str, source_lines: set[str]):
    first, _, second = with_gaps(LINES[key]).partition("; ")
    assert {f"{first}; {{}}", second} <= source_lines
