"""Race labels in the three classes of some publications, on the same faces."""

import numpy as np
import pytest

from training.metrics.class_scores import ClassScores
from training.metrics.race_metrics import race_figures
from training.samples.labels import RACES


def test_three_classes_are_scored_on_their_own_faces():
    probabilities = np.array([
        [0.6, 0.1, 0.1, 0.1, 0.1],
        [0.3, 0.1, 0.1, 0.1, 0.4],  # white among three, other among five
        [0.3, 0.2, 0.1, 0.2, 0.2],
        [0.1, 0.1, 0.6, 0.1, 0.1],
        [0.1, 0.1, 0.1, 0.6, 0.1],
    ])  # fmt: skip
    scores = ClassScores("race", RACES, probabilities, np.array([0, 0, 1, 2, 3]), "race_")
    figures = race_figures(scores, ())
    assert figures["n_race_3"] == 4
    assert figures["race_3_accuracy"] == 3 / 4
    assert figures["race_3_accuracy_of_all"] == 2 / 4
    assert figures["race_3_accuracy_low"] < 0.75 < figures["race_3_accuracy_high"]


def test_a_network_without_these_classes_has_no_such_figure():
    scores = ClassScores("race", ("asian", "other"), np.eye(2), np.array([0, 1]), "race_")
    assert race_figures(scores, ()) == {}
    others = ClassScores("race", RACES, np.eye(5)[[3, 4]], np.array([3, 4]), "race_")
    assert race_figures(others, ()) == pytest.approx({})
