"""Cards tell what a network is for, how it treats whom, and where it fails, from what was measured."""

import json
import shutil

import numpy as np
import pytest
from click.testing import CliRunner

from app.model_cards import CARD_FILE, load_card
from app.vision.inference.model_card import read_card
from tests.support.training import emotion_tree, samples_of, utkface_files, write_folder
from training.cli.main import main
from training.evaluation.details import attribute_details, known_failures, rounded
from training.export.intended_use import use_of
from training.export.model_card import add_figures
from training.metrics.age_scores import AgeScores
from training.metrics.class_scores import ClassScores
from training.metrics.subgroups import Grouping

PICTURE = np.zeros((4, 4, 3), np.uint8)


def sure_of(said, labels=3):
    """Certain answers."""
    return np.eye(labels)[said]


def test_a_class_that_is_missed_and_what_it_is_taken_for_is_named():
    true, said = np.array([0] * 40 + [1] * 60), np.array([0] * 10 + [2] * 24 + [1] * 66)
    scores = ClassScores("emotion", ("angry", "happy", "sad"), sure_of(said), true)
    assert list(known_failures([scores], samples_of([PICTURE] * 100))) == [
        "Label angry: recall 25% of 40 faces; most often predicted as sad (60%)."
    ]


def test_few_faces_prove_no_failure():
    scores = ClassScores("emotion", ("angry", "happy", "sad"), sure_of(np.ones(9, int)), np.zeros(9, int))
    assert list(known_failures([scores], samples_of([PICTURE] * 9))) == []


def test_ages_far_off_and_the_worst_group_are_named():
    true = np.array([70.0] * 30 + [30.0] * 40)
    samples = samples_of([PICTURE] * 70, age=list(true), sex=["female"] * 30 + ["male"] * 40)
    old, worst = known_failures([AgeScores(true - np.array([9.0] * 30 + [1.0] * 40), true)], samples)
    assert old == "Ages 70 to 79: on average 9.0 years too young (30 faces)."
    assert worst == (
        "Age, worst subgroup with at least 30 faces: female, 60+ (30 faces), mean error 9.0 years; "
        "best subgroup: mean error 1.0 years."
    )


def dark_and_light(wrong_in_the_dark):
    """Four hundred answers about faces, the first forty in the dark."""
    pictures = [np.full((4, 4, 3), 10 if row < 40 else 120, np.uint8) for row in range(400)]
    said = np.array([1] * wrong_in_the_dark + [0] * (400 - wrong_in_the_dark))
    scores = ClassScores("sex", ("male", "female"), sure_of(said, 2), np.zeros(400, int))
    return list(known_failures([scores], samples_of(pictures)))


def test_darkness_is_named_where_it_is_more_than_chance():
    assert dark_and_light(10) == [
        "Perceived sex, darkest tenth of the images (40): accuracy 75%; others: accuracy 100%."
    ]
    assert dark_and_light(1) == []


def test_groups_add_up():
    true = np.array([0, 1] * 20)
    samples = samples_of([PICTURE] * 40, age=[25.0] * 40, sex=["male", "female"] * 20)
    found = attribute_details(ClassScores("sex", ("male", "female"), sure_of(true, 2), true), Grouping.of(samples))
    assert [(one["sex"], one["n"], one["figure"]) for one in found["groups"]] == [("female", 20, 1), ("male", 20, 1)]
    assert found["confusion"] == [[20, 0], [0, 20]]


def test_fractions_are_rounded_at_every_depth():
    assert rounded({"a": [1 / 3, {"b": 2 / 3}], "n": 7}) == {"a": [0.3333, {"b": 0.6667}], "n": 7}


@pytest.mark.parametrize(
    ("card", "word"),
    [({"heads": [{"attribute": "sex"}]}, "gender"), ({"kind": "detector"}, "watching"), ({"name": "new"}, "decision")],
)
def test_every_card_says_what_it_must_not_be_used_for(card, word):
    assert any(word in text for text in use_of(card)["not_for"])


def test_short_rows_of_numbers_stand_on_one_line(tmp_path):
    (tmp_path / CARD_FILE).write_text('{"heads": []}')
    add_figures(tmp_path, "x test", {"n": 2, "confusion": [[1, 0], [-2, 3.5]], "words": ["1", "2"]})
    text = (tmp_path / CARD_FILE).read_text()
    assert "[1, 0]" in text
    assert "[-2, 3.5]" in text
    assert json.loads(text)["figures"]["x test"]["confusion"] == [[1, 0], [-2, 3.5]]


@pytest.fixture
def own_models(models_dir, tmp_path):
    return shutil.copytree(models_dir, tmp_path / "models")


def evaluated(*words):
    done = CliRunner().invoke(main, ["evaluate", *map(str, words)])
    assert done.exit_code == 0, done.output


def test_a_scoring_writes_all_of_it_into_the_card(own_models, tmp_path):
    data = write_folder(tmp_path / "fer2013", emotion_tree(train=0, test=2))
    evaluated("emotion", "--data", data, "--models", own_models, "--time", "--write-card")
    card = load_card(own_models / "emotion")
    (figures,) = card["figures"].values()
    assert figures["command"].endswith("--data fer2013 --time")
    assert figures["ms_a_face"] > 0
    assert sum(map(sum, figures["attributes"]["emotion"]["confusion"])) == figures["n"] == 14
    assert sum(one["n"] for one in figures["attributes"]["emotion"]["reliability"]) == 14
    assert card["use"]["for"]
    assert read_card(own_models / "emotion"), "the app still serves it"


def test_groups_of_people_stand_in_the_card(own_models, tmp_path):
    data = write_folder(tmp_path / "utkface", utkface_files(12))
    evaluated("demographics", "--data", data, "--models", own_models, "--write-card")
    (figures,) = load_card(own_models / "demographics")["figures"].values()
    assert sum(one["n"] for one in figures["attributes"]["age"]["groups"]) == 12
    assert sum(one["n"] for one in figures["attributes"]["age"]["decades"]) == 12
