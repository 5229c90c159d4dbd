"""Texts by key: parameters, plural forms and what is missing."""

import pytest

from app.errors import UnknownText
from app.translations.dictionary import Dictionary, is_plural, load_dictionary

AREAS = {
    "live": {"kept": {"one": "{count} day", "other": "{count} days"}, "hint": "No {what}", "state": {"lost": "Lost"}}
}
ENGLISH = Dictionary("en", AREAS)
KOREAN = Dictionary("ko", AREAS)


def test_a_text_is_found_by_area_and_nested_keys():
    assert ENGLISH.text("live.state.lost") == "Lost"
    assert ENGLISH.text("live.hint", what="face") == "No face"


@pytest.mark.parametrize(
    ("count", "english", "korean"),
    [(1, "1 day", "1 days"), (0, "0 days", "0 days"), (2000, "2,000 days", "2,000 days")],
)
def test_count_chooses_the_plural_form_of_the_language(count: int, english: str, korean: str):
    assert ENGLISH.text("live.kept", count=count) == english
    assert KOREAN.text("live.kept", count=count) == korean


@pytest.mark.parametrize(
    "key", ["live.none", "none.hint", "live", "live.state", "live.hint.more", "live.kept.one.more"]
)
def test_an_unknown_text_is_named(key: str):
    assert key not in ENGLISH
    with pytest.raises(UnknownText, match=rf"no text '{key}' in en; add it to app/translations/"):
        ENGLISH.text(key)


def test_a_missing_parameter_is_named():
    with pytest.raises(UnknownText, match=r"'live\.hint' needs the parameter 'what'"):
        ENGLISH.text("live.hint")


def test_a_section_leaves_out_areas_without_texts():
    assert ENGLISH.section(["live", "camera"]) == AREAS


def test_only_both_forms_are_a_plural():
    assert is_plural(AREAS["live"]["kept"])
    assert not is_plural(AREAS["live"])
    assert not is_plural("one")


def test_the_dictionaries_of_the_app_are_read():
    assert load_dictionary("ko").text("base.live") == "실시간"
    assert "base.live" in load_dictionary("en")
