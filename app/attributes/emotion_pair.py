"""When two emotions are shown instead of one: on faces with compound expressions, such as happily surprised."""

from __future__ import annotations

from collections.abc import Mapping

# Probability that the second emotion needs. It was chosen for a network that knew FER2013 alone, on 230 people of CFEE,
# KDEF and CK+, who are too few where a network was trained on most of them. Two names agree better with the labels of
# compound expressions than one, and no worse with the label of single ones: `python -m training evaluate compound`.
MIN_PAIR_PROBABILITY = 0.2


def second_emotion(
    probabilities: Mapping[str, float], label: str, min_probability: float = MIN_PAIR_PROBABILITY
) -> str | None:
    """The likeliest emotion besides `label`, one of at least two; None if it is not likely enough."""
    second = max((other for other in probabilities if other != label), key=probabilities.__getitem__)
    return second if probabilities[second] >= min_probability else None
