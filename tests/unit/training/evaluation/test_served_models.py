"""The committed models load, fit in their allowance, and their cards name a command for every figure."""

import json
from pathlib import Path

import pytest

from app.vision.attributes.predictor import load_predictors
from training.recipes.registry import find_recipe

MODELS = Path(__file__).resolve().parents[4] / "models"
CARDS = sorted(MODELS.glob("*/card.json"))
MEGABYTE = 1_000_000


def test_the_app_can_load_every_model():
    read = {head.attribute for predictor in load_predictors(MODELS) for head in predictor.card.heads}
    assert read >= {"emotion", "age", "sex", "mask"}


def test_the_models_stay_small():
    sizes = {path.name: path.stat().st_size for path in MODELS.rglob("*") if path.is_file()}
    assert sum(sizes.values()) < 40 * MEGABYTE
    assert max(sizes.values()) < 12 * MEGABYTE
    assert sum(path.stat().st_size for path in MODELS.glob("*/model.tflite")) < 12 * MEGABYTE


@pytest.mark.parametrize("path", CARDS, ids=lambda path: path.parent.name)
def test_a_card_belongs_to_its_recipe_and_has_figures_with_commands(path):
    card = json.loads(path.read_text())
    recipe = find_recipe(card["recipe"])
    assert card["name"] == path.parent.name == recipe.network
    assert [(head["attribute"], tuple(head["labels"])) for head in card.get("heads", ())] == [
        (head.attribute, tuple(head.labels)) for head in getattr(recipe.task, "heads", ())
    ]
    assert "non-commercial" in card["data"]["terms"]
    assert card["figures"], "a model is committed with its figures"
    for figures in card["figures"].values():
        assert figures["n"] > 0
        assert figures["command"].startswith("python -m training evaluate")


def test_the_promised_scores_are_met():
    figures = {path.parent.name: json.loads(path.read_text())["figures"] for path in CARDS}
    emotion = figures["emotion"]["fer2013.tar test"]
    assert emotion["accuracy"] >= 0.70
    assert emotion["balanced_accuracy"] >= 0.66
    assert emotion["ece"] <= 0.035
    other_sources = figures["emotion"]["expressions.tar test"]
    assert other_sources["accuracy"] >= 0.58
    assert other_sources["balanced_accuracy"] >= 0.6
    assert figures["mask"]["masks test"]["mask_vs_none"] >= 0.98
    people = figures["demographics"]["utkface_112.tar test"]
    assert people["mae_years"] <= 5.4
    assert people["sex_accuracy"] >= 0.935
    assert people["race_accuracy"] >= 0.8
    assert 0.78 <= people["interval_coverage"] <= 0.82
    assert max(people["sex_ece"], people["race_ece"]) <= 0.03
    assert figures["landmarks"]["ytf68 test"]["rmse_px96"] <= 2.2
    assert max(figures["landmarks"][name]["nme"] for name in ("ytf68 test", "aaf test")) <= 0.055
    pasted = {
        name: figures[name][f"{data} test, whole pipeline with Own network"]
        for name, data in (("emotion", "fer2013.tar"), ("demographics", "utkface_112.tar"))
    }
    assert min(one["found"] for one in pasted.values()) >= 0.97
    assert pasted["emotion"]["accuracy_lost"] <= 0.015
    assert pasted["demographics"]["mae_years_lost"] <= 0.4
