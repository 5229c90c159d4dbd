import numpy as np

from training.metrics.cluster_bootstrap import mean_interval


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
