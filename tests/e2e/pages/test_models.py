"""Models page: cards with intended use, metrics, subgroups and failures."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import OpenPage, start_server
from tests.e2e.server import PROJECT, Server

HASH = "5f" * 32
MAX_WIDTH_OF_PHONES = 640
SCREENS = [(1440, 900), (1366, 768), (390, 844)]
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
            "failures": ["Label sad: recall 40% of 50 faces."],
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
        "own valid": {"n": 100, "accuracy": 0.8, "note": "valid was used to choose the epoch"},
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
            "none_or_mask_accuracy": 0.95,
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
            "sex_accuracy_turned": 0.933,
            "sex_accuracy_lost_turned": -0.003,
            "sex_accuracy_lost_turned_low": -0.011,
            "sex_accuracy_lost_turned_high": 0.005,
            "sex_accuracy_hair_hidden": 0.9,
            "sex_accuracy_lost_hair_hidden": 0.03,
            "sex_accuracy_lost_hair_hidden_low": -0.012,
            "sex_accuracy_lost_hair_hidden_high": 0.061,
            "about": "each face is compared with itself",
        }
    },
}


@pytest.fixture(scope="module")
def card_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with complete, minimal, unreadable and malicious model cards."""
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
    yield from start_server("demo:still", tmp_path_factory.mktemp("card_server"), 2, ["--models", str(folder)])


@pytest.fixture(scope="module")
def page(card_server: Server, browser: Browser) -> Iterator[Page]:
    """The page with all cards unfolded, shared by tests that read it."""
    page = browser.new_page()
    page.goto(f"{card_server.url}/models")
    expect(page.locator("#models > details")).to_have_count(6)
    page.evaluate("for (const card of document.querySelectorAll('#models > details')) card.open = true")
    yield page
    page.close()


def test_a_model_card_shows_summary_and_metrics(page: Page) -> None:
    model = page.locator("#model-full")
    expect(model.locator("h3")).to_have_text("Mood and age")
    expect(model.locator(".short")).to_have_text("Correct for 75 of 100 faces. The mean age error is 4.3 years.")
    for text in (
        "Age interval coverage",
        "30 to 3981.0",
        "Naming an expression.",
        "Any decision about a person.",
        "recall 40% of 50 faces",
        "Terms: free for all.",
    ):
        expect(model).to_contain_text(text)
    expect(model.locator(".figures").first).to_contain_text("75.0")
    expect(model.locator(".interval").first).to_have_text("69.0% to 81.0%")
    expect(model).to_contain_text("0.71 ms")
    expect(model).to_contain_text("2.1 MB")
    expect(model).to_contain_text(HASH)
    expect(model.locator(".command").first).to_have_text(FULL["figures"]["own test"]["command"])


def test_race_and_mask_metrics_have_display_names(page: Page) -> None:
    model = page.locator("#model-faces")
    expect(model.locator(".facts").first).to_contain_text("perceived race, mask")
    expect(model.locator(".short")).to_have_text(
        "Perceived race is correct for 82 of 100 faces. Of 100 faces with or without a mask, 95 get the right label."
    )
    figures = model.locator(".figures")
    expect(figures).to_contain_text("Perceived race accuracy82.0%74.0% to 88.0%")
    expect(figures).to_contain_text("Perceived race accuracy, worst subgroup61.0%")
    expect(figures).to_contain_text("Mask or no mask, the likelier of both labels99.0%")
    expect(model.locator("details .plain")).to_contain_text("images of street")
    expect(model.locator("h4", has_text="Perceived race")).to_have_count(1)
    expect(model.get_by_role("table", name="Confusion matrix")).to_be_visible()


def test_metrics_under_conditions_are_a_table_of_losses_and_gains(page: Page) -> None:
    model = page.locator("#model-turned")
    rows = model.get_by_role("region", name="Robustness").get_by_role("row")
    expect(rows).to_have_text([
        "ConditionMean age errorPerceived sex accuracy",
        "Unmodified5.0 years93.0%",
        "Rotated by 20 degrees5.2 yearsworse by 0.2 years93.3%better by 0.3 points (\u22120.5 to 1.1)",
        "With the hair covered90.0%worse by 3.0 points (\u22121.2 to 6.1)",
    ])  # fmt: skip
    expect(model).to_contain_text("Each face is compared with itself.")
    expect(model.locator("details .plain")).to_contain_text(
        "Perceived sex accuracy, with the hair covered, loss (upper bound)+6.1 points"
    )
    expect(page.locator("#model-full .scrolls .plain:not(.files)")).to_have_count(0)


def test_results_on_the_selection_split_are_collapsed(page: Page) -> None:
    aside = page.locator("#model-full details", has_text="Also evaluated on own valid")
    assert aside.get_attribute("open") is None
    aside.locator("summary").first.focus()
    page.keyboard.press("Enter")
    expect(aside.locator(".note")).to_have_text("Valid was used to choose the epoch.")


def test_charts_have_text_for_screen_readers(page: Page) -> None:
    model = page.locator("#model-full")
    confusion = model.get_by_role("table", name="Confusion matrix")
    expect(confusion.get_by_role("row").nth(2)).to_have_text(re.compile(r"Sad60%40%"))
    expect(model.get_by_role("img")).to_have_attribute("aria-label", re.compile("overconfident by 3.4 points"))
    worst = model.get_by_role("table", name="Worst subgroups")
    expect(worst.get_by_role("row").nth(1)).to_contain_text("Female")
    expect(worst.get_by_role("row").nth(1)).to_contain_text("(the worst)")
    expect(worst.get_by_role("row").nth(1)).to_contain_text("6.5 years")
    model.locator("summary", has_text="As a table").click()
    expect(model.locator(".calibration tbody tr")).to_have_count(2)


def test_missing_card_sections_are_omitted(page: Page) -> None:
    expect(page.locator("#model-scant h3")).to_have_text("scant")
    expect(page.locator("#model-scant .part")).to_have_count(0)
    expect(page.locator("#model-torn")).to_contain_text("export the model again")


def test_markup_in_a_card_is_shown_as_text(page: Page) -> None:
    expect(page.locator("#model-wicked h3")).to_have_text(EVIL)
    expect(page.locator("#model-wicked .command")).to_have_text(EVIL)
    expect(page.locator("#models img")).to_have_count(0)


def test_the_summary_leads_to_the_cards(card_server: Server, open_page: OpenPage) -> None:
    page = open_page(f"{card_server.url}/sessions")
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Models").click()
    expect(page.locator("h1")).to_have_text("Models")
    row = page.get_by_role("table", name="Summary").get_by_role("row").filter(has_text="Mood and age")
    expect(row.get_by_role("cell")).to_have_text([
        "75.0% of faces are right4.3 years mean age erroron own test",
        "Any decision about a person.",
        "Label sad: recall 40% of 50 faces.",
    ])  # fmt: skip
    expect(page.locator("#model-full .short")).to_be_hidden()
    row.get_by_role("link").press("Enter")
    expect(page.locator("#model-full .short")).to_be_visible()
    expect(page.locator("#model-full > summary")).to_be_focused()


def test_printing_expands_the_tables(page: Page) -> None:
    expect(page.locator("#model-full")).to_be_visible()
    before = page.evaluate("document.querySelectorAll('details[open]').length")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.evaluate("document.querySelectorAll('details:not([open])').length") == 0
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.evaluate("document.querySelectorAll('details[open]').length") == before


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_served_models_fit_the_screen(still_server: Server, open_page: OpenPage, language: str) -> None:
    page = open_page(f"{still_server.url}/models?lang={language}")
    folders = sorted(card.parent.name for card in (PROJECT / "models").glob("*/card.json"))
    expect(page.locator("#models > details")).to_have_count(len(folders))
    for is_open in (False, True):
        page.evaluate(
            "(open) => document.querySelectorAll('#models > details').forEach((card) => { card.open = open; })", is_open
        )
        for width, height in SCREENS:
            page.set_viewport_size({"width": width, "height": height})
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            if width > MAX_WIDTH_OF_PHONES and not is_open:
                summary = page.locator("#summary").bounding_box()
                assert summary is not None
                assert summary["y"] + summary["height"] <= height
