"""The examples of docs/attributes.md: a card, its errors and a derived attribute in one module."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.attributes import derived
from app.attributes.attribute import DerivedInputs, Dynamics, Kind
from app.attributes.attribute_set import AttributeSet, card_attributes, load_attributes, own_attributes
from app.attributes.estimate import ClassEstimate, NumberEstimate
from app.errors import ModelError
from app.paths import PROJECT

DOCUMENT = (PROJECT / "docs/attributes.md").read_text()


def example(kind: str) -> str:
    (text,) = re.findall(rf"```{kind}\n(.*?)```", DOCUMENT, re.DOTALL)
    return text


def write_card(models: Path, card: dict[str, Any]) -> Path:
    folder = models / card["name"]
    folder.mkdir(exist_ok=True)
    (folder / "card.json").write_text(json.dumps(card))
    return folder


@pytest.fixture
def card() -> dict[str, Any]:
    return json.loads(example("json card"))


@pytest.fixture
def with_smile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The module of the document, in a folder that belongs to the package of derived attributes."""
    (tmp_path / "smile.py").write_text(example("python derived"))
    monkeypatch.setattr(derived, "__path__", [*derived.__path__, str(tmp_path)])
    own_attributes.cache_clear()
    yield
    own_attributes.cache_clear()
    sys.modules.pop("app.attributes.derived.smile", None)


def test_the_card_of_the_document_is_an_attribute(tmp_path: Path, card: dict[str, Any]):
    write_card(tmp_path, card)
    attributes = load_attributes(tmp_path)
    glasses = attributes["glasses"]
    assert attributes.served == {"glasses"}
    assert (glasses.kind, glasses.labels) == (Kind.CLASSES, ("none", "glasses", "sunglasses"))
    assert (glasses.min_probability, glasses.dynamics) == (0.6, Dynamics.STATE)
    assert [glasses.label_text(label) for label in glasses.labels] == ["no glasses", "glasses", "sunglasses"]
    assert [column.name for column in glasses.columns] == ["glasses"]
    assert glasses.chip_text(ClassEstimate(label="none")) == "no glasses"


def test_the_errors_of_the_document_are_those_of_the_card(tmp_path: Path, card: dict[str, Any]):
    changes = ({"kind": "class"}, {"texts": {"shades": "dark"}}, {"min_probability": 60})
    for change, expected in zip(changes, example("text errors").splitlines(), strict=True):
        folder = write_card(tmp_path, card | {"heads": [card["heads"][0] | change]})
        with pytest.raises(ModelError) as caught:
            card_attributes(folder)
        assert str(caught.value).removeprefix(f"{folder}/") == expected.removeprefix("models/glasses/")


def test_every_field_of_a_head_is_documented():
    for name in ("attribute", "kind", "labels", "title", "texts", "note", "temperature", "stretch", "min_probability"):
        assert f"| `{name}` |" in DOCUMENT
    for name in ("dynamics", "shown_by_default", "needs_operator"):
        assert f"| `{name}` |" in DOCUMENT
    assert "| `unit`, `range` |" in DOCUMENT


def test_a_derived_attribute_is_one_module(with_smile: None):
    attributes = AttributeSet(served=frozenset({"emotion", "smile"}))
    assert "smile" in attributes.showable
    (described,) = [one for one in attributes.describe() if one["name"] == "smile"]
    assert (described["derived"], described["served"], described["column"]) == (True, True, "smile")
    emotion = ClassEstimate({"happy": 0.83, "sad": 0.17}, "happy")
    inputs = DerivedInputs({"emotion": emotion}, None, (640, 480), lambda *_: np.eye(3))
    smile = attributes.derive(inputs)["smile"]
    assert smile == NumberEstimate(0.83)
    assert attributes["smile"].to_json(smile) == {"value": 0.83}
    assert attributes["smile"].chip_text(smile) == "smile 0.8"


def test_a_derived_attribute_is_served_with_its_inputs(with_smile: None):
    assert "smile" in load_attributes(PROJECT / "models").served
    assert "smile" not in load_attributes(PROJECT / "models" / "mask").served
    assert AttributeSet().derive(DerivedInputs({}, None, (640, 480), lambda *_: None)) == {}
