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


def class_mean(values: np.ndarray, classes: np.ndarray, weights: np.ndarray) -> float:
    """Mean over the classes (n,) that occur of the weighted mean of their values (n,); NaN without values.

    Of values that are 1 where a prediction is right, this is the balanced accuracy.
    """
    _, class_of = np.unique(classes, return_inverse=True)
    if not len(class_of):
        return float("nan")
    return float((np.bincount(class_of, weights * values) / np.bincount(class_of, weights)).mean())


def class_mean_interval(
    values: np.ndarray, classes: np.ndarray, clusters: np.ndarray, weights: np.ndarray, seed: int = 0
) -> tuple[float, float]:
    """95 % percentile interval of `class_mean`, drawing whole clusters (n,) with replacement.

    A class that a draw lacks is left out of its mean.
    """
    _, class_of = np.unique(classes, return_inverse=True)
    _, cluster_of = np.unique(clusters, return_inverse=True)
    if not len(class_of):
        return float("nan"), float("nan")
    shape = cluster_of.max() + 1, class_of.max() + 1
    sums, totals = np.zeros(shape), np.zeros(shape)
    np.add.at(sums, (cluster_of, class_of), weights * values)
    np.add.at(totals, (cluster_of, class_of), weights)
    drawn = np.random.default_rng(seed).multinomial(shape[0], np.full(shape[0], 1 / shape[0]), DRAWS)
    drawn_totals = drawn @ totals
    means = np.divide(drawn @ sums, drawn_totals, out=np.full(drawn_totals.shape, np.nan), where=drawn_totals > 0)
    low, high = np.percentile(np.nanmean(means, 1), TAILS_95)
    return float(low), float(high)
