"""Bootstrap intervals over people: the seconds of one person are not independent, so people are drawn, not seconds.

The interval is the studentised one ("bootstrap-t": Efron and Tibshirani, "An introduction to the bootstrap", 1993,
chapter 12.5): each drawn sample is measured in its own standard error. With few people it covers the true value about
as often as it says, which the simpler percentile interval does not.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

# Below this a resample often shows one person alone, and no interval can be trusted.
MIN_PEOPLE = 5
# Enough for the 2.5 % and 97.5 % points to vary by a few hundredths of a standard error.
REPLICATES = 2000
COVERAGE = 0.95
# The same figures for the same data.
SEED = 20260131
METHOD = (
    f"95 % intervals by bootstrap over people ({REPLICATES} draws, studentised); seconds of one person are not "
    f"independent, so people are drawn; none below {MIN_PEOPLE} people"
)


@dataclass(frozen=True, slots=True)
class Sample:
    """Values of people in one group.

    Attributes:
        sums: Sum of each value by person, float64 (people, values).
        weights: What the sums are divided by, float64 (people,); 0 for people who are not in the group.
    """

    sums: np.ndarray
    weights: np.ndarray

    @property
    def people(self) -> int:
        """Number of people in the group."""
        return int((self.weights > 0).sum())


def refusal(people: int) -> str | None:
    """Why there is no interval; None if there is one."""
    return None if people >= MIN_PEOPLE else f"an interval over people needs {MIN_PEOPLE} people; there are {people}"


def mean_interval(sample: Sample, replicates: int = REPLICATES) -> tuple[np.ndarray, np.ndarray]:
    """The interval of the mean of each value: lower and upper limits, float64 (values,)."""
    nobody = Sample(np.zeros_like(sample.sums), np.zeros_like(sample.weights))
    return difference_interval(sample, nobody, replicates)


def difference_interval(a: Sample, b: Sample, replicates: int = REPLICATES) -> tuple[np.ndarray, np.ndarray]:
    """The interval of the difference of two means, A minus B: lower and upper limits, float64 (values,).

    Args:
        a: Values of all people of both groups.
        b: Values of the same people, in the same order. People in both groups are drawn together, so that the
            difference within a person counts (paired).
    """
    draws = _draw(_strata(a, b), replicates)
    difference, error = _statistics(np.ones((1, len(a.weights))), a, b)
    drawn, drawn_error = _statistics(draws, a, b)
    with np.errstate(divide="ignore", invalid="ignore"):
        deviations = (drawn - difference) / drawn_error
    deviations[~np.isfinite(deviations)] = np.nan  # the same person in every place
    tail = (1 - COVERAGE) / 2
    with np.errstate(invalid="ignore"):
        low, high = np.nan_to_num(np.nanquantile(deviations, (tail, 1 - tail), axis=0)) if draws.size else (0, 0)
    return (difference - high * error)[0], (difference - low * error)[0]


def _strata(a: Sample, b: Sample) -> np.ndarray:
    """Number of the stratum of each person, int (people,): in A, in B or in both; people are drawn within it."""
    strata = (a.weights > 0) + 2 * (b.weights > 0)
    sizes = np.bincount(strata, minlength=4)[1:]
    return strata if sizes[sizes > 0].min() > 1 else np.ones_like(strata)


def _draw(strata: np.ndarray, replicates: int) -> np.ndarray:
    """How often each person is drawn, float64 (replicates, people)."""
    random = np.random.default_rng(SEED)
    draws = np.zeros((replicates, len(strata)))
    for stratum in np.unique(strata):
        members = np.flatnonzero(strata == stratum)
        draws[:, members] = random.multinomial(len(members), np.full(len(members), 1 / len(members)), replicates)
    return draws


def _statistics(draws: np.ndarray, a: Sample, b: Sample) -> tuple[np.ndarray, np.ndarray]:
    """Difference of the means and its standard error by linearisation, both float64 (replicates, values).

    The error lacks the factor for the number of people, which cancels out in the interval.
    """
    means, influences = [], np.zeros((len(draws), *a.sums.shape))
    for sample, sign in ((a, 1.0), (b, -1.0)):
        weights = np.maximum(draws @ sample.weights, 1e-300)[:, None]
        mean = draws @ sample.sums / weights
        means.append(sign * mean)
        residuals = sample.sums[None] - mean[:, None] * sample.weights[None, :, None]
        influences += sign * residuals / weights[:, :, None]
    return sum(means), np.sqrt(np.einsum("rp,rpv->rv", draws, influences**2))
