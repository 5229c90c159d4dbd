"""The assignment is as good as SciPy's, which the app does without."""

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from app.vision.tracking.assignment import best_assignment

SIDES = st.integers(0, 8)
# Few different values make ties, zeros are pairs that cannot be.
GAINS = st.one_of(st.sampled_from([0.0, 1.0, 2.5, 4.0]), st.floats(-1e3, 1e3))


def total(gains, pairs):
    return sum(gains[row, column] for row, column in pairs)


@pytest.fixture(scope="module")
def linear_sum_assignment():
    """SciPy's. Its import takes a second, which each process that collects tests would spend."""
    from scipy import optimize

    return optimize.linear_sum_assignment


@given(gains=st.tuples(SIDES, SIDES).flatmap(lambda shape: arrays(np.float64, shape, elements=GAINS)))
def test_the_sum_is_the_largest_possible(linear_sum_assignment, gains):
    pairs = best_assignment(gains)
    assert pairs == sorted(pairs)
    assert len(pairs) == min(gains.shape)
    assert len({row for row, _ in pairs}) == len({column for _, column in pairs}) == len(pairs)
    best = gains[linear_sum_assignment(gains, maximize=True)].sum()
    assert total(gains, pairs) == pytest.approx(best, abs=1e-6)


@pytest.mark.parametrize("shape", [(1, 1), (9, 9), (30, 30), (5, 30), (30, 5)])
def test_distinct_gains_give_scipys_pairs(linear_sum_assignment, shape):
    gains = np.random.default_rng(7).uniform(0, 4, shape)
    assert best_assignment(gains) == list(zip(*map(np.ndarray.tolist, linear_sum_assignment(gains, True)), strict=True))


def test_a_row_gives_way_where_both_gain_from_it():
    assert best_assignment(np.array([[4.0, 3.0], [3.0, 0.0]])) == [(0, 1), (1, 0)]


def test_nine_faces_cost_a_fraction_of_a_frame():
    gains = np.random.default_rng(7).uniform(0, 4, (9, 9))
    took_s = []
    for _ in range(20):
        started = time.thread_time()
        best_assignment(gains)
        took_s.append(time.thread_time() - started)
    assert min(took_s) < 0.001
