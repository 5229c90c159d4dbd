"""Compare the outputs of a converted network with those of Keras."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from app.attributes.output_head import Head
from app.errors import ModelError
from app.numerics import softmax

# Tolerances on validation images.
MIN_LABEL_AGREEMENT = 0.98
MAX_PROBABILITY_DIFFERENCE = 0.02  # mean over images and labels
TIE_PROBABILITY = 0.005  # labels whose probabilities differ by less may change places
MAX_ROUNDING = 1e-4  # of a network that was written whole, as a share of its largest output
MAX_SHIFT = 0.01  # of expected and plain values, as a share of their range


def agreement(heads: Sequence[Head], written: np.ndarray, reference: np.ndarray) -> str:
    """Say in words how close outputs of a converted network are to those of Keras.

    Args:
        written: Outputs of the converted network, float (n, columns).
        reference: Outputs of Keras, float (n, columns).
    Raises:
        ModelError: they differ by more than the tolerance.
    """
    ends = np.cumsum([max(1, len(head.labels)) for head in heads])[:-1]  # a number has no labels
    pairs = zip(heads, np.split(written, ends, axis=-1), np.split(reference, ends, axis=-1), strict=True)
    return "; ".join(COMPARISONS[head.kind](head, ours, theirs) for head, ours, theirs in pairs)


def same_outputs(written: np.ndarray, reference: np.ndarray) -> str:
    """Say in words how close outputs of a network that was written and loaded whole are, float (n, columns).

    Raises:
        ModelError: they are not the same.
    """
    difference, extent = float(np.abs(written - reference).max()), float(np.abs(reference).max())
    text = f"outputs differ by at most {difference:.2g}"
    if difference > MAX_ROUNDING * max(1.0, extent):
        raise ModelError(f"the written network strays from the trained one ({text}); export it with --format float32")
    return text


def _compare_values(head: Head, written: np.ndarray, reference: np.ndarray) -> str:
    shift, extent = float(np.abs(written - reference).mean()), float(np.ptp(reference))
    text = f"{head.attribute}: mean shift {shift:.4g} in a range of {extent:.4g}"
    return _checked(text, shift <= MAX_SHIFT * extent)


def _compare_bins(head: Head, written: np.ndarray, reference: np.ndarray) -> str:
    ours, theirs, difference = _probabilities(head, written, reference)
    values = np.array(head.labels, float)
    shift = float(np.abs(ours @ values - theirs @ values).mean())
    agrees = shift <= MAX_SHIFT * np.ptp(values) and difference <= MAX_PROBABILITY_DIFFERENCE
    return _checked(f"{head.attribute}: mean shift {shift:.3f}", agrees)


def _compare_classes(head: Head, written: np.ndarray, reference: np.ndarray) -> str:
    ours, theirs, difference = _probabilities(head, written, reference)
    chosen = theirs[np.arange(len(theirs)), ours.argmax(-1)]
    same = float((chosen >= theirs.max(-1) - TIE_PROBABILITY).mean())
    text = f"{head.attribute}: labels agree on {same:.2%}, mean difference of probabilities {difference:.4f}"
    return _checked(text, same >= MIN_LABEL_AGREEMENT and difference <= MAX_PROBABILITY_DIFFERENCE)


def _probabilities(head: Head, written: np.ndarray, reference: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Calibrated probabilities (n, labels) of both, and their mean absolute difference."""
    ours, theirs = softmax(written / head.temperature), softmax(reference / head.temperature)
    return ours, theirs, float(np.abs(ours - theirs).mean())


def _checked(text: str, agrees: bool) -> str:
    if not agrees:
        raise ModelError(f"the converted model strays from Keras ({text}); export it with --format float32")
    return text


COMPARISONS = {"value": _compare_values, "number": _compare_values, "bins": _compare_bins, "classes": _compare_classes}
