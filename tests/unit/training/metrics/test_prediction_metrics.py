"""Figures against small cases worked out by hand."""

import numpy as np
import pytest

from app.numerics import softmax
from training.metrics import calibration, predictions
from training.metrics.age_scores import AgeScores

PROBABILITIES = np.array([[0.9, 0.1], [0.6, 0.4], [0.3, 0.7], [0.8, 0.2]])


def test_accuracy_and_balanced_accuracy():
    indexes = np.array([0, 0, 0, 1])
    assert predictions.accuracy(PROBABILITIES, indexes) == 0.5
    assert predictions.balanced_accuracy(PROBABILITIES, indexes) == pytest.approx((2 / 3 + 0) / 2)


def test_calibration_error_is_the_gap_between_confidence_and_accuracy():
    sure = np.tile([1.0, 0.0], (10, 1))
    assert predictions.expected_calibration_error(sure, np.zeros(10, int)) == 0
    assert predictions.expected_calibration_error(sure, np.array([0] * 7 + [1] * 3)) == pytest.approx(0.3)


def test_even_exact_probabilities_leave_a_calibration_error_which_more_rows_make_smaller():
    random = np.random.default_rng(1)

    def by_chance(rows):
        return predictions.chance_calibration_error(random.dirichlet([1, 1, 1], rows))

    few, many = by_chance(100), by_chance(10_000)
    assert 0.04 < few < 0.15
    assert many < few / 5
    assert predictions.chance_calibration_error(np.tile([1.0, 0.0], (10, 1))) == 0


def test_calibration_error_weighs_its_bins_by_their_rows():
    probabilities = np.array([[0.9, 0.1]] * 3 + [[0.6, 0.4]])
    error = predictions.expected_calibration_error(probabilities, np.array([0, 0, 0, 1]))
    assert error == pytest.approx(0.75 * 0.1 + 0.25 * 0.6)


def test_errors_in_years():
    predicted, true = np.array([20.0, 33.0]), np.array([23.0, 29.0])
    figures = AgeScores(predicted, true).figures
    assert figures["mae_years"] == 3.5
    # The standard error of two errors is half of their distance.
    assert (figures["mae_years_low"], figures["mae_years_high"]) == pytest.approx(
        (3.5 - 1.96 * 0.5, 3.5 + 1.96 * 0.5), abs=1e-3
    )
    assert figures["rmse_years"] == pytest.approx(np.sqrt(12.5))
    assert "mae_years_low" not in AgeScores(predicted[:1], true[:1]).figures


@pytest.mark.parametrize("scale", [0.5, 1.0, 3.0])
def test_the_temperature_undoes_a_scale(scale):
    random = np.random.default_rng(0)
    logits = random.normal(0, 2, (4000, 4))
    labels = np.array([random.choice(4, p=row) for row in softmax(logits)])
    assert calibration.fit_temperature(logits * scale, labels) == pytest.approx(scale, rel=0.08)


def _nll(logits, labels):
    return predictions.negative_log_likelihood(softmax(logits), labels)


def test_the_temperature_never_worsens_the_likelihood():
    random = np.random.default_rng(1)
    logits, labels = random.normal(0, 5, (300, 3)), random.integers(0, 3, 300)
    found = calibration.fit_temperature(logits, labels)
    assert _nll(logits / found, labels) <= _nll(logits, labels)


def test_the_interval_of_a_share_is_wilsons():
    assert predictions.wilson_interval(8, 10) == pytest.approx((0.4902, 0.9433), abs=1e-4)
    assert predictions.wilson_interval(0, 10) == pytest.approx((0.0, 0.2775), abs=1e-4)
    assert predictions.wilson_interval(0, 0) == (0.0, 1.0)


def test_brier_and_likelihood_of_certain_answers():
    certain = np.array([[1.0, 0.0]])
    assert predictions.brier_score(certain, np.array([0])) == 0
    assert predictions.brier_score(certain, np.array([1])) == 2
    assert predictions.brier_score(PROBABILITIES[:1], np.array([0])) == pytest.approx(0.02)
    assert predictions.negative_log_likelihood(PROBABILITIES[:2], np.array([0, 1])) == pytest.approx(
        -(np.log(0.9) + np.log(0.4)) / 2
    )


def test_precision_recall_and_f1_come_out_of_the_confusion_matrix():
    confusion = predictions.confusion_matrix(PROBABILITIES, np.array([0, 0, 0, 1]))
    np.testing.assert_array_equal(confusion, [[2, 1], [1, 0]])
    first, second = predictions.class_figures(confusion)
    assert (first.precision, first.recall, first.f1, first.n) == pytest.approx((2 / 3, 2 / 3, 2 / 3, 3))
    assert (second.precision, second.recall, second.f1, second.n) == (0, 0, 0, 1)


def test_a_class_that_never_occurs_divides_by_nothing():
    (_, missing) = predictions.class_figures(np.array([[5, 0], [0, 0]]))
    assert (missing.precision, missing.recall, missing.f1, missing.n) == (0, 0, 0, 0)


def test_bias_has_a_sign_and_closeness_a_limit():
    predicted, true = np.array([20.0, 33.0, 50.0]), np.array([25.0, 34.0, 30.0])
    figures = AgeScores(predicted, true).figures
    assert figures["bias_years"] == pytest.approx(14 / 3)
    assert figures["share_within_5_years"] == pytest.approx(2 / 3)


def test_landmark_errors_are_measured_in_distances_of_the_eyes():
    true = np.array([[[0.0, 0.0], [10.0, 0.0], [5.0, 5.0]]])
    moved = true + [[[0, 0], [0, 0], [3, 4]]]
    errors = predictions.normalized_landmark_errors(moved, true, (0, 1))
    np.testing.assert_allclose(errors, [[0, 0, 0.5]])
    np.testing.assert_allclose(predictions.normalized_landmark_errors(moved * 7, true * 7, (0, 1)), errors)
