import numpy as np
import pytest

from app.vision.attributes.neutral_face import log_probabilities
from training.evaluation.derived.neutral_forms import FORMS, NeutralFace, NeutralPrior
from training.evaluation.derived.neutral_scores import (
    Choice,
    Halves,
    PosedFaces,
    chooses,
    pair,
    score,
    usual_neutral_face,
)

LABELS = ("happy", "neutral", "sad")
HAPPY, NEUTRAL, SAD = range(3)


def faces(rows):
    """Faces from (probabilities, label, person)."""
    probabilities, true, persons = zip(*rows, strict=True)
    sources = np.full(len(rows), "kdef")
    return PosedFaces(np.array(probabilities), np.array(true), np.array(persons), sources, LABELS)


def people(count=60, sad_share=0.5):
    """People of whom a share looks sad when neutral; their sad faces look sadder still, and two are neutral."""
    rows = []
    for number in range(count):
        looks_sad = number < sad_share * count
        neutral = (0.05, 0.4, 0.55) if looks_sad else (0.05, 0.85, 0.1)
        sad = (0.02, 0.08, 0.9) if looks_sad else (0.05, 0.3, 0.65)
        pictures = [(neutral, NEUTRAL), (neutral, NEUTRAL), (sad, SAD), ((0.9, 0.08, 0.02), HAPPY)]
        rows += [(one, label, f"person {number}") for one, label in pictures]
    return faces(rows)


def one_face(probabilities, neutral_face):
    return np.array([probabilities]), NeutralFace(np.array([neutral_face]), log_probabilities(np.array([neutral_face])))


PRIOR = NeutralPrior(np.array([0.05, 0.8, 0.15]), np.log([0.05, 0.8, 0.15]), NEUTRAL)
STRONG = {"raise_neutral": 0.5, "mix_by_distance": 0.3}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_reads_a_sad_looking_neutral_face_as_neutral(form):
    reading, face = one_face((0.05, 0.4, 0.55), (0.05, 0.4, 0.55))
    corrected = FORMS[form][0](reading, face, PRIOR, STRONG.get(form, 1.0))
    assert corrected.argmax() == NEUTRAL
    assert corrected.sum() == pytest.approx(1)


@pytest.mark.parametrize("form", [name for name in FORMS if name not in STRONG])
def test_a_usual_neutral_face_changes_nothing(form):
    reading, _ = one_face((0.6, 0.3, 0.1), PRIOR.probabilities)
    face = NeutralFace(PRIOR.probabilities[None], PRIOR.logits[None])
    assert FORMS[form][0](reading, face, PRIOR, 1.0) == pytest.approx(reading)


def test_lowering_an_excess_raises_nothing_that_the_neutral_face_lacks():
    reading, face = one_face((0.3, 0.3, 0.4), (0.01, 0.4, 0.59))
    corrected = FORMS["lower_excess"][0](reading, face, PRIOR, 1.0)
    assert corrected[0, HAPPY] == pytest.approx(corrected[0, NEUTRAL])
    assert corrected[0, SAD] < reading[0, SAD]


def test_no_picture_is_corrected_by_itself():
    found = faces([((0.1, 0.8, 0.1), NEUTRAL, "a"), ((0.2, 0.6, 0.2), NEUTRAL, "a"), ((0.1, 0.1, 0.8), SAD, "a")])
    each = pair(found, "one")
    assert each.faces.true.tolist() == [NEUTRAL, NEUTRAL, SAD, SAD]
    assert each.neutral_face.probabilities[:, NEUTRAL].tolist() == [0.6, 0.8, 0.8, 0.6]
    assert each.weights.tolist() == [1, 1, 0.5, 0.5]
    mean = pair(found, "several")
    assert mean.neutral_face.probabilities[:, NEUTRAL].tolist() == pytest.approx([0.6, 0.8, 0.7])
    assert mean.weights.tolist() == [1, 1, 1]


def test_the_only_neutral_picture_of_a_person_is_not_scored():
    found = faces([((0.1, 0.8, 0.1), NEUTRAL, "a"), ((0.1, 0.1, 0.8), SAD, "a"), ((0.1, 0.1, 0.8), SAD, "b")])
    for protocol in ("one", "several"):
        assert pair(found.with_neutral(), protocol).faces.true.tolist() == [SAD]


def test_halves_share_no_person_and_other_halvings_differ():
    persons = np.array([f"person {number % 100}" for number in range(300)])
    halves = [chooses(persons, halving) for halving in range(3)]
    for half in halves:
        assert (half[:100] == half[100:200]).all()
        assert 30 < half[:100].sum() < 70
    assert (halves[0] != halves[1]).any()


def test_a_correction_of_people_who_look_sad_is_chosen_on_one_half_and_helps_the_other():
    chosen, figures = score(people())
    assert figures["one_gain"] > 0.1
    assert figures["one_gain_low"] > 0
    assert figures["one_recall_neutral_without"] < 0.7 < figures["one_recall_neutral_with"]
    assert figures["one_recall_sad_with"] == 1
    assert figures["one_other_halvings_with_gain"] == figures["one_other_halvings"]
    assert figures["n_choosing_persons"] + figures["n_scored_persons"] == 60
    for protocol, choice in chosen.items():
        assert figures[f"{protocol}_{choice.form}_parameter"] == choice.parameter


def test_what_does_not_help_is_told_as_no_gain():
    _, figures = score(people(sad_share=0))
    assert figures["one_gain"] == 0
    assert figures["one_gain_low"] == 0


def test_the_choice_does_not_depend_on_the_scored_half():
    found = people()
    is_choosing = chooses(found.persons)
    spoilt = found.probabilities.copy()
    spoilt[~is_choosing] = np.random.default_rng(1).dirichlet((1, 1, 1), int((~is_choosing).sum()))
    other = PosedFaces(spoilt, found.true, found.persons, found.sources, LABELS)
    assert Halves.of(pair(other, "one"), 0).choose() == Halves.of(pair(found, "one"), 0).choose()


def test_every_person_counts_once_in_the_usual_neutral_face():
    rows = [((0.0, 0.8, 0.2), NEUTRAL, "a")] * 4 + [((0.2, 0.6, 0.2), NEUTRAL, "b")] * 2
    usual = usual_neutral_face(pair(faces(rows), "several"))
    assert usual.probabilities == pytest.approx([0.1, 0.7, 0.2])
    assert Choice("lower_excess", 0.5).correct(pair(faces(rows), "several"), usual).shape == (6, 3)
