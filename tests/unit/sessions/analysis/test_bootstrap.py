"""The intervals over people cover a known difference as often as they say."""

import numpy as np
import pytest

from app.sessions.analysis.bootstrap import Sample, difference_interval, refusal

STUDIES = 1000
REPLICATES = 600


def independent(random: np.random.Generator, difference: float) -> tuple[Sample, Sample]:
    """Six people in A and eight in B, with the skewed means that probabilities of an emotion have."""
    a, b = random.beta(2, 5, 6) + difference, random.beta(2, 5, 8)
    in_a = np.r_[np.ones(6), np.zeros(8)]
    return Sample(np.r_[a, np.zeros(8)][:, None], in_a), Sample(np.r_[np.zeros(6), b][:, None], 1 - in_a)


def paired(random: np.random.Generator, difference: float) -> tuple[Sample, Sample]:
    """Twelve people who are in both groups."""
    person = random.beta(2, 5, 12)
    a, b = (person + shift + random.normal(0, 0.06, 12) for shift in (difference, 0.0))
    return Sample(a[:, None], np.ones(12)), Sample(b[:, None], np.ones(12))


@pytest.mark.parametrize("study", [independent, paired])
def test_the_coverage_of_1000_simulated_studies_is_between_93_and_97_percent(study):
    random, difference = np.random.default_rng(1), 0.15
    covered = 0
    for _ in range(STUDIES):
        low, high = difference_interval(*study(random, difference), REPLICATES)
        covered += bool(low[0] <= difference <= high[0])
    print(f"measured: {study.__name__} {covered / STUDIES:.1%}")
    assert 0.93 <= covered / STUDIES <= 0.97


def test_people_in_both_groups_make_the_interval_shorter():
    a, b = paired(np.random.default_rng(2), 0.1)
    low, high = difference_interval(a, b)
    nobody = np.zeros((12, 1))
    apart = (
        Sample(np.r_[a.sums, nobody], np.r_[np.ones(12), np.zeros(12)]),
        Sample(np.r_[nobody, b.sums], np.r_[np.zeros(12), np.ones(12)]),
    )
    low_apart, high_apart = difference_interval(*apart)
    assert (high - low)[0] < 0.6 * (high_apart - low_apart)[0]


def test_fewer_than_five_people_are_refused():
    assert refusal(5) is None
    assert refusal(4) == "an interval over people needs 5 people; there are 4"
