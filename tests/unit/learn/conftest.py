"""The served models for the lessons."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.learn.base.tools import Tools
from app.settings import Settings

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="package")
def tools() -> Tools:
    return Tools(Settings(models=str(ROOT / "models")))
