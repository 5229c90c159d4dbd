import numpy as np
import pytest

from app.attributes.emotion_pair import second_emotion
from training.evaluation.derived.compound_scores import LabelledFaces, score

LABELS = ("angry", "happy", "sad")


def faces(rows):
    """Faces from (probabilities, labels, person)."""
    probabilities, labels, persons = zip(*rows, strict=True)
    true = np.array([[label in named for label in LABELS] for named in labels])
    return LabelledFaces(LABELS, np.array(probabilities), true, np.array(persons))


def repeated(probabilities, labels, count=40):
    return [(probabilities, labels, f"person {number}") for number in range(count)]


def test_hits_are_those_of_the_two_likeliest_emotions():
    found = faces([((0.5, 0.3, 0.2), ("angry", "happy"), "a"), ((0.1, 0.3, 0.6), ("angry", "sad"), "b")])
    assert found.likeliest.tolist() == [[0, 1], [2, 1]]
    assert found.hits.tolist() == [[True, True], [True, False]]
    assert found.are_both_hits.tolist() == [True, False]


def test_the_gain_is_the_difference_of_overlaps_where_a_pair_is_shown():
    right, wrong = (0.5, 0.3, 0.2), (0.5, 0.2, 0.3)
    compound = faces([(right, ("angry", "happy"), "a"), (wrong, ("angry", "happy"), "b")])
    assert compound.gains == pytest.approx([1 - 2 / 3, 1 / 2 - 2 / 3])
    single = faces([(right, ("angry",), "a"), (right, ("happy",), "b"), (right, ("sad",), "c")])
    assert single.gains == pytest.approx([2 / 3 - 1, 2 / 3, 0])
    assert faces([((0.8, 0.15, 0.05), ("happy",), "a")]).gains.tolist() == [0]


def test_no_pair_is_shown_while_the_emotion_is_unsure():
    assert faces([((0.38, 0.35, 0.27), ("angry", "happy"), "a")]).shown.tolist() == [False]


def test_pairs_are_shown_as_the_app_shows_them():
    rng = np.random.default_rng(2)
    drawn = rng.dirichlet((1, 1, 1), 200)
    found = faces([(row, ("angry", "happy"), "a") for row in drawn.tolist()])
    shown = found.shown
    for row, is_shown in zip(drawn.tolist(), shown.tolist(), strict=True):
        named = dict(zip(LABELS, row, strict=True))
        label = max(named, key=named.get)
        assert is_shown == (named[label] >= 0.4 and second_emotion(named, label) is not None)
    assert 0 < shown.mean() < 1


def test_pairs_that_are_never_right_lose():
    compound = faces(repeated((0.6, 0.3, 0.1), ("angry", "sad")))
    figures = score(compound, faces(repeated((0.9, 0.07, 0.03), ("angry",))))
    assert figures["pair_accuracy"] == 0
    assert figures["single_accuracy"] == 1
    assert figures["compound_overlap_gain"] < 0
    assert figures["single_shown"] == figures["single_overlap_gain"] == 0


def test_the_figures_tell_chance_and_what_is_shown():
    compound = faces(
        repeated((0.5, 0.45, 0.05), ("angry", "happy"), 60) + repeated((0.5, 0.45, 0.05), ("angry", "sad"), 20)
    )
    single = faces(repeated((0.9, 0.07, 0.03), ("angry",), 60))
    figures = score(compound, single)
    assert figures["pair_accuracy"] == pytest.approx(0.75)
    assert figures["pair_accuracy_low"] < 0.75 < figures["pair_accuracy_high"]
    assert figures["pair_chance"] == pytest.approx(1 / 3)
    assert figures["pair_chance_by_frequency"] == pytest.approx(0.75)
    assert figures["pair_chance_constant"] == pytest.approx(0.75)
    assert figures["single_chance_by_frequency"] == pytest.approx(1)
    assert figures["n_compound"] == figures["n"] == 80
    assert figures["compound_shown"] == 1
    assert figures["pair_accuracy_where_shown"] == pytest.approx(0.75)
