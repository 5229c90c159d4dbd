"""Confidence: the temperature of a softmax, "unsure", and the reliability of the served emotion network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from app.attributes.output_head import Head
from app.learn.base.face import largest_face
from app.learn.base.lesson import Answer, Lesson, Values
from app.learn.base.parameters import Range
from app.learn.base.tools import Tools
from app.model_cards import load_card
from app.numerics import softmax

ATTRIBUTE = "emotion"


def run(image: np.ndarray, values: Values, tools: Tools) -> Answer:
    """Divide the logits of the face by a temperature, and show how reliable the network's confidence is."""
    predictor = tools.predictor_of(ATTRIBUTE)
    card = predictor.card
    logits = predictor.predict(image, [largest_face(image, tools)])[0]
    head, own = next((head, part) for head, part in card.head_logits(logits) if head.attribute == ATTRIBUTE)
    probabilities = tempered(own, values["temperature"])
    threshold = tools.attributes[ATTRIBUTE].min_probability
    likeliest = int(probabilities.argmax())
    result = {
        "labels": head.labels,
        "logits": own.round(2).tolist(),
        "probabilities": _by_label(head, probabilities),
        "served": _by_label(head, head.probabilities(own)),
        "served_temperature": head.temperature,
        "likeliest": head.labels[likeliest],
        "confidence": round(float(probabilities[likeliest]), 4),
        "threshold": threshold,
        "unsure": bool(probabilities[likeliest] < threshold),
        "reliability": reliability(load_card(card.folder)),
    }
    return Answer(result)


def tempered(logits: np.ndarray, temperature: float) -> np.ndarray:
    """Softmax of logits (labels,) divided by a temperature, float64 (labels,)."""
    return softmax(logits.astype(np.float64) / temperature)


def reliability(content: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The bins that `training evaluate` has written to a card: confidence, share of right answers and number each."""
    return [
        {
            "set": name,
            "n": figures["n"],
            "error": figures["ece"],
            "bins": figures["attributes"][ATTRIBUTE]["reliability"],
            "command": figures["command"],
        }
        for name, figures in content.get("figures", {}).items()
        if "reliability" in figures.get("attributes", {}).get(ATTRIBUTE, {})
    ]


def _by_label(head: Head, probabilities: np.ndarray) -> dict[str, float]:
    return dict(zip(head.labels, probabilities.round(4).tolist(), strict=True))


LESSON = Lesson(
    name="confidence",
    parameters={"temperature": Range(0.2, 4.0, 1.0, 0.05)},
    run=run,
    see_also=("python -m training evaluate emotion --data SETS/fer2013/fer2013.tar --split test",),
)
