"""Counts and errors in words."""

import logging

import pytest

from training.__main__ import show_only_errors_of_tensorflow
from training.errors import MAX_CHARACTERS, first_line
from training.wording import counted


@pytest.mark.parametrize(("count", "text"), [(0, "0 groups"), (1, "1 group"), (2, "2 groups"), (1200, "1,200 groups")])
def test_one_is_singular(count, text):
    assert counted(count, "group") == text
    assert counted(1, "file or row", "files and rows") == "1 file or row"
    assert counted(2, "file or row", "files and rows") == "2 files and rows"


def test_a_long_message_is_cut_visibly():
    assert first_line(ValueError("x" * 300 + "\nmore")) == "x" * 300
    cut = first_line(ValueError("x" * 1000))
    assert len(cut) == MAX_CHARACTERS
    assert cut.endswith("…")
    assert first_line(ValueError()) == "ValueError"


def test_warnings_of_tensorflow_are_not_shown(monkeypatch):
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "3")
    logger = logging.getLogger("tensorflow")
    before = logger.level
    try:
        show_only_errors_of_tensorflow()
        assert not logger.isEnabledFor(logging.WARNING), "that a function is traced again is a warning"
        assert logger.isEnabledFor(logging.ERROR)
    finally:
        logger.setLevel(before)
