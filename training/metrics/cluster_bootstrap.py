"""Confidence intervals of means over samples that come in clusters, such as several pictures of one person."""

from __future__ import annotations

import numpy as np

DRAWS = 2000
TAILS_95 = (2.5, 97.5)  # percentiles


def mean_interval(values: np.ndarray, clusters: np.ndarray, seed: int = 0) -> tuple[float, float]:
    """95 % percentile interval of the mean of values (n,), drawing whole clusters (n,) with replacement.

    NaN values are left out.
    """
    known = np.isfinite(values)
    _, cluster_of = np.unique(clusters[known], return_inverse=True)
    if not len(cluster_of):
        return float("nan"), float("nan")
    sums, counts = np.bincount(cluster_of, values[known].astype(float)), np.bincount(cluster_of)
    drawn = np.random.default_rng(seed).multinomial(len(sums), np.full(len(sums), 1 / len(sums)), DRAWS)
    low, high = np.percentile(drawn @ sums / np.maximum(1, drawn @ counts), TAILS_95)
    return float(low), float(high)
