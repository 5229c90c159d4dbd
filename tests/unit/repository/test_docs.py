"""What the documents point at exists: files in links and in backticks."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
DOCUMENTS = ("README.md", "CONTRIBUTING.md", "docs/architecture.md", "docs/install.md", "docs/reliability.md")
FOLDERS = "app|docs|models|static|templates|tests|training"
NAMED = re.compile(rf"`((?:{FOLDERS})/[\w./-]*)`")
LINKED = re.compile(r"\]\((?!https?:)([^)#]+)")
EXAMPLES = {"models/NAME/", "app/bundle/"}  # of a network to come, and of the wheel


@pytest.mark.parametrize("document", DOCUMENTS)
def test_what_a_document_names_is_there(document):
    text = (ROOT / document).read_text()
    named = {ROOT / name for name in set(NAMED.findall(text)) - EXAMPLES}
    linked = {(ROOT / document).parent / name for name in LINKED.findall(text)}
    assert named | linked
    assert sorted(str(path) for path in named | linked if not path.exists()) == []
