import numpy as np
import pytest

from app.attributes.emotion_pair import second_emotion
from training.evaluation.derived.compound_scores import (
    FOLDS,
    MIN_PROBABILITIES,
    LabelledFaces,
    choose_threshold,
    folds,
    score,
)

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
    assert compound.gains(0.25) == pytest.approx([1 - 2 / 3, 1 / 2 - 2 / 3])
    single = faces([(right, ("angry",), "a"), (right, ("happy",), "b"), (right, ("sad",), "c")])
    assert single.gains(0.25) == pytest.approx([2 / 3 - 1, 2 / 3, 0])
    assert single.gains(0.35).tolist() == [0, 0, 0]


def test_no_pair_is_shown_while_the_emotion_is_unsure():
    assert faces([((0.38, 0.35, 0.27), ("angry", "happy"), "a")]).shown(0.2).tolist() == [False]


def test_pairs_are_shown_as_the_app_shows_them():
    rng = np.random.default_rng(2)
    drawn = rng.dirichlet((1, 1, 1), 200)
    found = faces([(row, ("angry", "happy"), "a") for row in drawn.tolist()])
    shown = found.shown(0.2)
    for row, is_shown in zip(drawn.tolist(), shown.tolist(), strict=True):
        named = dict(zip(LABELS, row, strict=True))
        label = max(named, key=named.get)
        assert is_shown == (named[label] >= 0.4 and second_emotion(named, label, 0.2) is not None)
    assert 0 < shown.mean() < 1


def test_the_threshold_with_the_largest_gain_that_harms_no_single_emotion_is_chosen():
    compound = faces(repeated((0.5, 0.45, 0.05), ("angry", "happy")) + repeated((0.7, 0.25, 0.05), ("angry", "happy")))
    harmless = faces(repeated((0.9, 0.07, 0.03), ("angry",)))
    assert compound.gains(choose_threshold(compound, harmless)).min() > 0, "pairs on both kinds of faces"
    harmed = faces(repeated((0.7, 0.25, 0.05), ("angry",)))
    chosen = choose_threshold(compound, harmed)
    assert 0.25 < chosen <= 0.45


def test_no_threshold_is_chosen_if_pairs_are_never_right():
    compound = faces(repeated((0.6, 0.3, 0.1), ("angry", "sad")))
    assert choose_threshold(compound, faces(repeated((0.9, 0.07, 0.03), ("angry",)))) is None
    found, figures = score(compound, faces(repeated((0.9, 0.07, 0.03), ("angry",))))
    assert found is None
    assert "min_pair_probability" not in figures
    assert figures["pair_accuracy"] == 0
    assert figures["single_accuracy"] == 1


def test_the_figures_tell_chance_and_what_is_shown_of_the_other_persons():
    compound = faces(
        repeated((0.5, 0.45, 0.05), ("angry", "happy"), 60) + repeated((0.5, 0.45, 0.05), ("angry", "sad"), 20)
    )
    single = faces(repeated((0.9, 0.07, 0.03), ("angry",), 60))
    found, figures = score(compound, single)
    assert found in MIN_PROBABILITIES
    assert figures["pair_accuracy"] == pytest.approx(0.75)
    assert figures["pair_accuracy_low"] < 0.75 < figures["pair_accuracy_high"]
    assert figures["pair_chance"] == pytest.approx(1 / 3)
    assert figures["pair_chance_by_frequency"] == pytest.approx(0.75)
    assert figures["pair_chance_constant"] == pytest.approx(0.75)
    assert figures["single_chance_by_frequency"] == pytest.approx(1)
    assert figures["n_compound"] == figures["n"] == 80
    assert figures["compound_shown"] == 1
    assert figures["pair_accuracy_where_shown"] == pytest.approx(0.75)


@pytest.mark.soak
def test_each_fold_is_scored_by_the_threshold_that_the_others_chose():
    persons = [f"person {number}" for number in range(200)]
    fold_of = dict(zip(persons, folds(np.array(persons)).tolist(), strict=True))
    # Pairs are right, but harm the single expressions of everyone outside the first fold up to 0.25.
    compound = faces([((0.5, 0.45, 0.05), ("angry", "happy"), one) for one in persons])
    compound_unlikely = faces([((0.7, 0.25, 0.05), ("angry", "happy"), one) for one in persons])
    harmed = faces([((0.7, 0.25, 0.05) if fold_of[one] else (0.9, 0.07, 0.03), ("angry",), one) for one in persons])
    both = LabelledFaces(
        LABELS,
        np.concatenate([compound.probabilities, compound_unlikely.probabilities]),
        np.concatenate([compound.true, compound_unlikely.true]),
        np.concatenate([compound.persons, compound_unlikely.persons]),
    )
    chosen, figures = score(both, harmed)
    for fold in range(FOLDS):
        others = [part.select(folds(part.persons) != fold) for part in (both, harmed)]
        assert figures[f"min_pair_probability_fold_{fold + 1}"] == choose_threshold(*others)
    assert chosen == figures["min_pair_probability"] == choose_threshold(both, harmed)
    assert figures["compound_shown"] == pytest.approx(0.5)


def test_a_fold_without_a_threshold_shows_no_pair():
    persons = [f"person {number}" for number in range(100)]
    first = folds(np.array(persons)) == 0
    # Pairs are right only in the first fold, so that the others choose none for it.
    labels = [("angry", "happy") if one else ("angry", "sad") for one in first.tolist()]
    rows = [((0.55, 0.4, 0.05), label, person) for label, person in zip(labels, persons, strict=True)]
    harmless = faces(repeated((0.9, 0.07, 0.03), ("angry",)))
    _, figures = score(faces(rows), harmless)
    assert "min_pair_probability_fold_1" not in figures
    assert figures["compound_overlap_gain"] <= 0


def test_folds_are_by_person_and_of_similar_size():
    persons = np.array([f"person {number % 500}" for number in range(1000)])
    found = folds(persons)
    assert (found[:500] == found[500:]).all()
    counts = np.bincount(found[:500])
    assert len(counts) == FOLDS
    assert counts.min() > 60
