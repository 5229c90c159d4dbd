"""Figures against small cases worked out by hand."""

import numpy as np
import pytest

from training import calibrate, metrics

PROBABILITIES = np.array([[0.9, 0.1], [0.6, 0.4], [0.3, 0.7], [0.8, 0.2]])


def test_accuracy_and_balanced_accuracy():
    indexes = np.array([0, 0, 0, 1])
    assert metrics.accuracy(PROBABILITIES, indexes) == 0.5
    assert metrics.balanced_accuracy(PROBABILITIES, indexes) == pytest.approx((2 / 3 + 0) / 2)


def test_calibration_error_is_the_gap_between_confidence_and_accuracy():
    sure = np.tile([1.0, 0.0], (10, 1))
    assert metrics.expected_calibration_error(sure, np.zeros(10, int)) == 0
    assert metrics.expected_calibration_error(sure, np.array([0] * 7 + [1] * 3)) == pytest.approx(0.3)


def test_calibration_error_weighs_its_bins_by_their_rows():
    probabilities = np.array([[0.9, 0.1]] * 3 + [[0.6, 0.4]])
    error = metrics.expected_calibration_error(probabilities, np.array([0, 0, 0, 1]))
    assert error == pytest.approx(0.75 * 0.1 + 0.25 * 0.6)


def test_errors_in_years():
    predicted, true = np.array([20.0, 33.0]), np.array([23.0, 29.0])
    assert metrics.mean_absolute_error(predicted, true) == 3.5
    assert metrics.root_mean_square_error(predicted, true) == pytest.approx(np.sqrt(12.5))


@pytest.mark.parametrize("scale", [0.5, 1.0, 3.0])
def test_the_temperature_undoes_a_scale(scale):
    random = np.random.default_rng(0)
    logits = random.normal(0, 2, (4000, 4))
    labels = np.array([random.choice(4, p=row) for row in calibrate.softmax(logits)])
    assert calibrate.temperature(logits * scale, labels) == pytest.approx(scale, rel=0.08)


def test_the_temperature_never_worsens_the_likelihood():
    random = np.random.default_rng(1)
    logits, labels = random.normal(0, 5, (300, 3)), random.integers(0, 3, 300)
    found = calibrate.temperature(logits, labels)
    assert calibrate.negative_log_likelihood(logits / found, labels) <= calibrate.negative_log_likelihood(
        logits, labels
    )
