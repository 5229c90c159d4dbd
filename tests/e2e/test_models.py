"""The page about the models: what each is for, how good it is, and for whom it is not."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import OpenPage, start_server
from tests.e2e.server import PROJECT, Server

HASH = "5f" * 32
EVIL = "<img src=x onerror=alert(1)>"


def group(sex: str, age: str, n: int, figure: float) -> dict[str, Any]:
    return {"race": "all", "sex": sex, "age": age, "n": n, "figure": figure}


FULL: dict[str, Any] = {
    "title": "Mood and age",
    "patch": {"size": 48, "colour": "gray"},
    "heads": [{"attribute": "emotion", "labels": ["happy", "sad"]}, {"attribute": "age", "labels": ["0", "1"]}],
    "files": {"model.tflite": HASH},
    "data": {"sets": ["Own pictures"], "terms": "free for all", "splits": "by person"},
    "use": {"for": ["naming an expression"], "not_for": ["any decision about a person"]},
    "figures": {
        "own test": {
            "n": 200,
            "accuracy": 0.75,
            "accuracy_low": 0.69,
            "accuracy_high": 0.81,
            "mae_years": 4.25,
            "ms_a_face": 0.71,
            "command": "python -m training evaluate emotion --data own --split test",
            "failures": ["Of 50 faces labelled sad only 40% are named so."],
            "attributes": {
                "emotion": {
                    "classes": {"happy": {"recall": 0.9, "n": 150}, "sad": {"recall": 0.4, "n": 50}},
                    "confusion": [[135, 15], [30, 20]],
                    "reliability": [
                        {"confidence": 0.6, "accuracy": 0.5, "n": 80},
                        {"confidence": 0.9, "accuracy": 0.91, "n": 120},
                    ],
                },
                "age": {
                    "decades": [{"from": 20, "bias_years": 1.5, "mae_years": 4, "n": 100}],
                    "coverage": [{"from": 30, "share": 0.81, "low": 0.75, "high": 0.86, "n": 240}],
                    "groups": [group("female", "0-9", 60, 6.5), group("male", "20-29", 140, 3.2)],
                },
            },
        },
        "own valid": {"n": 100, "accuracy": 0.8, "note": "valid is the split for choosing"},
        "another test": {"n": 50, "accuracy": 0.6, "attributes": {}},
    },
}


FACES: dict[str, Any] = {
    "title": "Race and masks",
    "heads": [{"attribute": "race", "labels": ["asian", "other"]}, {"attribute": "mask", "labels": ["none", "mask"]}],
    "figures": {
        "own test": {
            "n": 100,
            "race_accuracy": 0.82,
            "race_accuracy_low": 0.74,
            "race_accuracy_high": 0.88,
            "race_accuracy_worst_group": 0.61,
            "mask_vs_none": 0.99,
            "balanced_accuracy_street": 0.93,
            "attributes": {"race": {"confusion": [[40, 10], [8, 42]]}},
        }
    },
}


TURNED: dict[str, Any] = {
    "title": "Faces under conditions",
    "figures": {
        "own test, conditions": {
            "n": 100,
            "mae_years": 5.0,
            "mae_years_turned": 5.2,
            "mae_years_lost_turned": 0.2,
            "sex_accuracy": 0.93,
            "sex_accuracy_hair_hidden": 0.9,
            "sex_accuracy_lost_hair_hidden": 0.03,
            "sex_accuracy_lost_hair_hidden_low": -0.012,
            "sex_accuracy_lost_hair_hidden_high": 0.061,
            "about": "each face is compared with itself",
        }
    },
}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose models are described in full, hardly at all, not at all, and maliciously."""
    folder = tmp_path_factory.mktemp("models")
    for name, text in {
        "full": json.dumps(FULL),
        "faces": json.dumps(FACES),
        "turned": json.dumps(TURNED),
        "scant": json.dumps({"kind": "detector"}),
        "torn": "{",
        "wicked": json.dumps({"title": EVIL, "figures": {EVIL: {"odd_figure": 0.5, "command": EVIL}}}),
    }.items():
        (folder / name).mkdir()
        (folder / name / "card.json").write_text(text)
    (folder / "full" / "model.tflite").write_bytes(b"x" * 2_100_000)
    yield from start_server("demo:still", tmp_path_factory.mktemp("told"), 2, ["--models", str(folder)])


@pytest.fixture
def page(told: Server, open_page: OpenPage) -> Page:
    return open_page(f"{told.url}/models")


def test_a_model_is_told_in_plain_words_and_figures(page: Page) -> None:
    model = page.locator("#model-full")
    expect(model.locator("h2")).to_have_text("Mood and age")
    expect(model.locator(".short")).to_have_text(
        "It is right for 75 of 100 faces, and ages are off by 4.3 years on average."
    )
    for text in (
        "Ages within the interval that is told",
        "30 to 3981.0",
        "Naming an expression.",
        "Any decision about a person.",
        "only 40% are named so",
        "Terms: free for all.",
    ):
        expect(model).to_contain_text(text)
    expect(model.locator(".figures").first).to_contain_text("75.0")
    expect(model.locator(".interval").first).to_have_text("69.0\u202f% to 81.0\u202f%")
    expect(model).to_contain_text("0.71 ms")
    expect(model).to_contain_text("2.1 MB")
    expect(model).to_contain_text(HASH)
    expect(model.locator(".command").first).to_have_text(FULL["figures"]["own test"]["command"])


def test_figures_of_race_and_masks_have_plain_names(page: Page) -> None:
    model = page.locator("#model-faces")
    expect(model.locator(".facts").first).to_contain_text("perceived race, mask")
    expect(model.locator(".short")).to_have_text(
        "Perceived race is right for 82 of 100 faces, and a mask is told from none for 99 of 100 faces."
    )
    figures = model.locator(".figures")
    expect(figures).to_contain_text("Perceived race right82.0\u202f%74.0\u202f% to 88.0\u202f%")
    expect(figures).to_contain_text("Perceived race right, in the worst group of people61.0\u202f%")
    expect(figures).to_contain_text("Mask told from no mask99.0\u202f%")
    expect(model.locator("details .plain")).to_contain_text("on pictures of street")
    expect(model.locator("h3", has_text="Perceived race")).to_have_count(1)
    expect(model.get_by_role("table", name="What is taken for what")).to_be_visible()


def test_the_same_faces_under_several_conditions_are_a_table(page: Page) -> None:
    model = page.locator("#model-turned")
    rows = model.get_by_role("region", name="The same faces under several conditions").get_by_role("row")
    expect(rows).to_have_text([
        "The same facesAge off by, on averagePerceived sex right",
        "As they are5.0 years93.0\u202f%",
        "Turned by 20 degrees5.2 yearsworse by 0.2 years",
        "With the hair hidden90.0\u202f%worse by 3.0 points (\u22121.2 to 6.1)",
    ])  # fmt: skip
    expect(model).to_contain_text("Each face is compared with itself.")
    expect(model.locator("details .plain")).to_contain_text(
        "Perceived sex right, with the hair hidden, worse by at most+6.1 points"
    )
    expect(page.locator("#model-full .scrolls .plain:not(.files)")).to_have_count(0)


def test_what_flatters_stands_aside(page: Page) -> None:
    aside = page.locator("#model-full details", has_text="Also scored on own valid")
    assert aside.get_attribute("open") is None
    aside.locator("summary").first.focus()
    page.keyboard.press("Enter")
    expect(aside.locator(".note")).to_have_text("Valid is the split for choosing.")


def test_charts_can_be_read_out(page: Page) -> None:
    model = page.locator("#model-full")
    confusion = model.get_by_role("table", name="What is taken for what")
    expect(confusion.get_by_role("row").nth(2)).to_have_text(re.compile(r"Sad60\s%40\s%"))
    expect(model.get_by_role("img")).to_have_attribute(
        "aria-label", re.compile("surer than it is right, by 3.4 points")
    )
    worst = model.get_by_role("table", name="Worst of the groups")
    expect(worst.get_by_role("row").nth(1)).to_contain_text("Female")
    expect(worst.get_by_role("row").nth(1)).to_contain_text("(the worst)")
    expect(worst.get_by_role("row").nth(1)).to_contain_text("6.5 years")
    model.locator("summary", has_text="As a table").click()
    expect(model.locator(".calibration tbody tr")).to_have_count(2)


def test_what_a_card_lacks_is_left_out(page: Page) -> None:
    expect(page.locator("#model-scant h2")).to_have_text("scant")
    expect(page.locator("#model-scant .part")).to_have_count(0)
    expect(page.locator("#model-torn")).to_contain_text("export the model again")


def test_a_card_cannot_put_anything_but_text_on_the_page(page: Page) -> None:
    expect(page.locator("#model-wicked h2")).to_have_text(EVIL)
    expect(page.locator("#model-wicked .command")).to_have_text(EVIL)
    expect(page.locator("#models img")).to_have_count(0)


def test_the_page_is_found_from_every_page(page: Page, told: Server) -> None:
    page.goto(f"{told.url}/sessions")
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Models").click()
    expect(page.locator("h1")).to_have_text("Models")
    page.get_by_role("navigation", name="Models").get_by_role("link", name="Mood and age").click()
    expect(page.locator("#model-full h2")).to_be_in_viewport()


def test_a_print_unfolds_the_tables(page: Page) -> None:
    expect(page.locator("#model-full")).to_be_visible()
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.evaluate("document.querySelectorAll('details:not([open])').length") == 0
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.evaluate("document.querySelectorAll('details[open]').length") == 0


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (390, 844)])
def test_the_served_models_fit_every_width(
    tmp_path: Path, still_server: Server, open_page: OpenPage, width: int, height: int
) -> None:
    page = open_page(f"{still_server.url}/models", width=width, height=height)
    folders = sorted(card.parent.name for card in (PROJECT / "models").glob("*/card.json"))
    expect(page.locator("#models > article")).to_have_count(len(folders))
    assert page.evaluate("document.documentElement.scrollWidth") <= width
