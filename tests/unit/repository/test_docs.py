"""Paths and links in the documentation exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[3]
DOCUMENTS = sorted(
    [*PROJECT.glob("*.md"), *PROJECT.glob("docs/*.md"), *PROJECT.glob("models/*.md"), *PROJECT.glob("training/*.md")]
)
FOLDERS = ("app", "docs", "models", "static", "templates", "tests", "training")
PATH = re.compile(rf"`((?:{'|'.join(FOLDERS)})/[\w./-]*)`")
LINK = re.compile(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)")
TEST = re.compile(r"`((?:unit|integration|e2e|soak)/[\w./-]+\.py)`")


def test_paths_in_the_architecture_exist():
    paths = PATH.findall((PROJECT / "docs/architecture.md").read_text())
    assert len(paths) > 50
    assert [path for path in paths if not (PROJECT / path).exists()] == []


def test_tests_in_the_reliability_tables_exist():
    paths = TEST.findall((PROJECT / "docs/reliability.md").read_text())
    assert len(paths) > 40
    assert [path for path in paths if not (PROJECT / "tests" / path).is_file()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(PROJECT).as_posix())
def test_relative_links_lead_to_files(document: Path):
    links = LINK.findall(document.read_text())
    assert [link for link in links if not (document.parent / link).exists()] == []
