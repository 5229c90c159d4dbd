"""The examples of docs/python.md run as they stand, with the models of the repository."""

from __future__ import annotations

import doctest

import pytest

from app.paths import PROJECT


def test_the_examples_of_the_python_page_run(monkeypatch: pytest.MonkeyPatch):
    pytest.importorskip("pandas")
    monkeypatch.chdir(PROJECT)
    for variable in ("RACE", "ENABLE", "MODELS", "FACE_DETECTOR", "FACE_DETECTOR_MODEL", "DETECT_WIDTH"):
        monkeypatch.delenv(variable, raising=False)
    failed, tried = doctest.testfile(
        str(PROJECT / "docs" / "python.md"), module_relative=False, optionflags=doctest.IGNORE_EXCEPTION_DETAIL
    )
    assert failed == 0
    assert tried > 25
