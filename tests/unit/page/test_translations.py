"""Every text that a visitor sees is in the dictionaries of both languages, and no page contains other text."""

from __future__ import annotations

import json
import re
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from app.attributes.attribute_set import load_attributes
from app.attributes.estimate import UNSURE
from app.attributes.localization import PAIR_SEPARATOR, TEXT_FIELDS
from app.translations.dictionary import LANGUAGES, PARAMETER
from tests.unit.page.page_texts import flatten, module_texts, template_texts, used_keys

ROOT = Path(__file__).resolve().parents[3]
TRANSLATIONS = ROOT / "app" / "translations"
AREAS = tuple(sorted({path.stem for path in TRANSLATIONS.glob("*/*.json")}))
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
MODULES = sorted((ROOT / "static" / "js").rglob("*.js"))
TEXT_CALL = re.compile(r"\.text\(|\bt\(\"")
PYTHON = [path for path in sorted((ROOT / "app").rglob("*.py")) if TEXT_CALL.search(path.read_text())]
# Areas that are looked up by names from elsewhere, such as labels of attributes and lines of the server or of cards.
COMPUTED_KEYS = ("attributes.*", "cards.*", "problems.*", "learn.chapters.*", "learn.photos.*", "learn_*.text")
# Pattern -> what to write instead.
AVOIDED_IN_KOREAN = {
    r"(?<!니)다(\.|$)": "sentences end in -습니다 or -세요",
    r"하십시오|해 ?주세요": "-하세요",
    r"[가-힣}] \(": "no space before a bracket",
    r"라이브": "실시간",
    r"재개": "다시 시작",
    r"일시정지": "일시 정지",
    r"인물": "사람",
    r"스냅샷": "스냅숏",
    r"신뢰도": "확신도 (confidence of a network), 신뢰 구간 (confidence interval)",
    r"클릭": "누르기, 선택",
    r"당신|귀하": "no word for the reader",
}
HANGUL = re.compile(r"[가-힣]")


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def entries(language: str) -> dict[str, object]:
    files = sorted((TRANSLATIONS / language).glob("*.json"))
    return {
        f"{file.stem}.{key}": entry
        for file in files
        for key, entry in flatten(json.loads(file.read_text(encoding="utf-8"))).items()
    }


def english_attribute_entries() -> dict[str, object]:
    """The texts in the descriptions of the attributes, which stand for their entries in English."""
    found: dict[str, object] = {}
    for attribute in load_attributes(ROOT / "models"):
        key = f"attributes.{attribute.name}"
        labels = [label for label in (*attribute.labels, UNSURE) if PAIR_SEPARATOR not in label]
        found |= {f"{key}.labels.{label}": attribute.label_text(label) for label in labels}
        texts = {name: getattr(attribute, name) for name in TEXT_FIELDS}
        found |= {f"{key}.{name}": text for name, text in texts.items() if PARAMETER.sub("", text).strip()}
    return found


def forms(entry: object) -> list[str]:
    return list(entry.values()) if isinstance(entry, dict) else [str(entry)]


def parameters(entry: object) -> set[str]:
    return {name for form in forms(entry) for name in PARAMETER.findall(form)}


ENTRIES = {language: entries(language) for language in LANGUAGES}
ENTRIES["en"] |= english_attribute_entries()


def used() -> set[str]:
    return {key for path in (*TEMPLATES, *MODULES, *PYTHON) for key in used_keys(path, AREAS)}


def test_both_languages_have_the_same_keys():
    assert len(ENTRIES["en"]) > 5
    for language in LANGUAGES:
        assert sorted(set(ENTRIES["en"]) ^ set(ENTRIES[language])) == []


def test_texts_have_the_same_parameters_in_both_languages():
    for language in LANGUAGES:
        differing = [
            key for key in ENTRIES["en"] if parameters(ENTRIES["en"][key]) != parameters(ENTRIES[language][key])
        ]
        assert differing == []


def test_no_text_is_empty_or_left_in_english():
    assert [key for all_ in ENTRIES.values() for key, entry in all_.items() if not all(forms(entry))] == []
    english = [
        key
        for key, entry in ENTRIES["ko"].items()
        for form in forms(entry)
        if not HANGUL.search(form) and form == str(ENTRIES["en"][key]) and re.search(r"[a-z]{3,} [a-z]{3,}", form)
    ]
    assert english == []


@pytest.mark.parametrize(("avoided", "instead"), AVOIDED_IN_KOREAN.items())
def test_korean_texts_have_one_style_and_one_word_for_a_thing(avoided: str, instead: str):
    texts = [(key, form) for key, entry in ENTRIES["ko"].items() for form in forms(entry)]
    assert [f"{key}: {form}" for key, form in texts if re.search(avoided, form)] == [], instead


def test_every_text_that_is_used_exists():
    plain = {key for key in used() if "*" not in key}
    assert sorted(plain - set(ENTRIES["en"])) == []


def test_every_text_is_used():
    patterns = [*used(), *COMPUTED_KEYS]
    assert [key for key in ENTRIES["en"] if not any(fnmatchcase(key, pattern) for pattern in patterns)] == []


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_a_template_contains_no_text(path: Path):
    assert list(template_texts(path.read_text())) == []


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_contains_no_text(path: Path):
    assert list(module_texts(path.read_text())) == []


def test_the_scan_finds_text():
    assert list(template_texts('<p title="Close it">{{ t("a.b") }}</p><p>CSV</p>')) == ["Close it"]
    assert list(template_texts("<p>Hello {{ name }}</p>")) == ["Hello"]
    assert list(
        module_texts('// A note\nconst a = "No face in view"; x("data-show", `person ${id} seen`, "Happy")')
    ) == [
        "No face in view",
        "person ${id} seen",
        "Happy",
    ]
    assert list(module_texts('element("p", { class: "quiet of" }); on("pointerdown"); a["p-x"]; key === "Enter"')) == []
