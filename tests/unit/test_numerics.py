"""The numerical functions that the app and training share."""

import numpy as np
import pytest

from app.numerics import box_iou, ema_weight, logit, sigmoid, softmax


def test_softmax_sums_to_one_over_the_last_axis_and_bears_large_logits():
    probabilities = softmax(np.array([[0, np.log(3)], [1000, 1000]], np.float32))
    np.testing.assert_allclose(probabilities, [[0.25, 0.75], [0.5, 0.5]], rtol=1e-6)
    assert probabilities.dtype == np.float64


@pytest.mark.parametrize("probability", [0.01, 0.5, 0.975])
def test_logit_inverts_sigmoid(probability):
    assert sigmoid(np.array(logit(probability))) == pytest.approx(probability)


def test_an_average_moves_by_63_percent_in_one_time_constant():
    weights = [ema_weight(elapsed_s, 2.0) for elapsed_s in (0.0, 2.0, 200.0)]
    np.testing.assert_allclose(weights, [0, 1 - np.exp(-1), 1])


def test_intersection_over_union_of_all_pairs():
    first = np.array([(0, 0, 10, 10), (5, 0, 15, 10)], float)
    second = np.array([(0, 0, 10, 10), (50, 50, 60, 60), (3, 3, 3, 3)], float)
    np.testing.assert_allclose(box_iou(first, second), [[1, 0, 0], [1 / 3, 0, 0]])
