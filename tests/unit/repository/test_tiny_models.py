"""The tiny models in tests/models are those that tests/support/tiny_models writes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import MODELS, ROOT
from tests.support.tiny_models.documented_card import documented_card


def files(folder: Path) -> dict[Path, bytes]:
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.soak
def test_they_are_what_the_script_writes(tmp_path):
    subprocess.run([sys.executable, "-m", "tests.support.tiny_models", tmp_path], cwd=ROOT, check=True)
    assert files(tmp_path) == files(MODELS)


def test_the_card_of_glasses_is_the_documented_one():
    card = json.loads((MODELS / "further" / "glasses" / "card.json").read_text(encoding="utf-8"))
    assert {**documented_card(), "files": card["files"], "parameters": card["parameters"]} == card
