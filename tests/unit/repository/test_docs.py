"""Files that the documents name exist: in links, as paths in backticks, and as tests in the reliability tables."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
DOCUMENTS = sorted(path for folder in (".", "docs", "models", "training") for path in (ROOT / folder).glob("*.md"))
FOLDERS = "app|docs|models|static|templates|tests|training"
PATH = re.compile(rf"`((?:{FOLDERS})/[\w./-]*)`")
LINK = re.compile(r"\]\((?!https?:)([^)#]+)")
TEST = re.compile(r"`((?:unit|integration|e2e|soak)/[\w./-]+\.py)`")
EXAMPLES = {"models/NAME/", "app/bundle/"}  # of a network to come, and of the wheel


def missing(paths: set[Path]) -> list[str]:
    return sorted(str(path.relative_to(ROOT)) for path in paths if not path.exists())


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_paths_and_links_of_a_document_exist(document: Path):
    text = document.read_text()
    paths = {ROOT / name for name in set(PATH.findall(text)) - EXAMPLES}
    links = {document.parent / name for name in LINK.findall(text)}
    assert missing(paths | links) == []


def test_the_architecture_names_paths():
    assert len(PATH.findall((ROOT / "docs/architecture.md").read_text())) > 50


def test_tests_in_the_reliability_tables_exist():
    names = TEST.findall((ROOT / "docs/reliability.md").read_text())
    assert len(names) > 40
    assert missing({ROOT / "tests" / name for name in names}) == []
