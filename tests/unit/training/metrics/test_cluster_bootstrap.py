import numpy as np
import pytest

from training.metrics.cluster_bootstrap import class_mean, class_mean_interval, mean_interval


def test_the_interval_of_single_values_is_that_of_their_mean():
    values = np.random.default_rng(1).normal(5, 2, 400)
    low, high = mean_interval(values, np.arange(400))
    assert low < values.mean() < high
    assert 0.8 < (high - low) / (2 * 1.96 * values.std() / 20) < 1.2


def test_values_of_one_person_count_as_one():
    values = np.repeat(np.random.default_rng(1).normal(5, 2, 40), 10)
    low, high = mean_interval(values, np.repeat(np.arange(40), 10))
    narrow_low, narrow_high = mean_interval(values, np.arange(400))
    assert high - low > 2.5 * (narrow_high - narrow_low)


def test_unknown_values_are_left_out():
    values = np.array([1.0, 1.0, np.nan])
    assert mean_interval(values, np.array(["a", "b", "c"])) == (1.0, 1.0)
    assert np.isnan(mean_interval(np.array([np.nan]), np.array(["a"]))).all()


def test_the_class_mean_of_right_answers_is_the_balanced_accuracy():
    right, classes = np.array([1, 1, 0, 1]), np.array([0, 0, 0, 1])
    assert class_mean(right, classes, np.ones(4)) == pytest.approx((2 / 3 + 1) / 2)
    assert class_mean(right, classes, np.array([1, 1, 2, 1])) == pytest.approx((1 / 2 + 1) / 2)
    assert np.isnan(class_mean(np.zeros(0), np.zeros(0), np.zeros(0)))


def test_the_interval_of_a_class_mean_contains_it_and_widens_with_fewer_persons():
    rng = np.random.default_rng(1)
    right, classes = (rng.random(600) < 0.7).astype(float), rng.integers(0, 4, 600)
    low, high = class_mean_interval(right, classes, np.arange(600), np.ones(600))
    assert low < class_mean(right, classes, np.ones(600)) < high
    assert 0.8 < (high - low) / (2 * 1.96 * (0.21 / 600) ** 0.5) < 1.2
    alike = np.tile(right[:60], 10), np.tile(classes[:60], 10), np.tile(np.arange(60), 10)
    wide_low, wide_high = class_mean_interval(*alike, np.ones(600))
    assert wide_high - wide_low > 2.5 * (high - low)
