"""Rules on what is in view, as text: `nobody for 60s`, `mean happy > 0.5 for 10s` (docs/api.md, "Webhook")."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from app.attributes.attribute_set import AttributeSet
from app.attributes.estimate import ClassEstimate, Estimate, NumberEstimate
from app.attributes.kinds import NumberAttribute
from app.domain import FaceResult
from app.errors import SettingsError

PEOPLE = "people"
SEPARATOR = ";"
# Share of a value's range by which it must come back before a rule that holds stops to hold: more than smoothed
# probabilities tremble from frame to frame.
HYSTERESIS_SHARE = 0.05
UNITS_S = {"s": 1.0, "min": 60.0, "h": 3600.0}
EXAMPLES = "nobody for 60s, people > 3 for 5s, mean happy > 0.5 for 10s"
_NUMBER = r"-?(?:\d+\.?\d*|\.\d+)"
_DURATION = r"for (?P<duration>\d+\.?\d*|\.\d+) ?(?P<unit>s|min|h)"
_COMPARED = rf"(?:(?P<people>people)|mean (?P<name>\w+)) ?(?P<sign>>|<|above|below) ?(?P<threshold>{_NUMBER})"
_RULE = re.compile(rf"(?:nobody(?: in view)?|{_COMPARED}) {_DURATION}")


@dataclass(frozen=True, slots=True)
class Rule:
    """A value that has to lie above or below a threshold for some time.

    Attributes:
        text: As it was given.
        name: `PEOPLE`, a label of the main statistics, or an attribute with numbers, of which the mean counts.
        hysteresis: How far the value must come back before the rule, once it holds, stops to hold.
    """

    text: str
    name: str
    is_above: bool
    threshold: float
    hold_s: float
    hysteresis: float = 0.0

    def holds(self, value: float | None, was_holding: bool) -> bool:
        """Whether a value fulfils the rule; an unknown one does not."""
        if value is None:
            return False
        margin = self.hysteresis if was_holding else 0.0
        return value > self.threshold - margin if self.is_above else value < self.threshold + margin


def parse_rules(text: str, attributes: AttributeSet) -> list[Rule]:
    """The rules of a text, with semicolons between them.

    Raises:
        SettingsError: one of them is malformed, or names nothing that is read from faces.
    """
    return [_parse(part, attributes) for part in map(str.strip, text.split(SEPARATOR)) if part]


def value_of(rule: Rule, faces: Sequence[FaceResult], attributes: AttributeSet) -> float | None:
    """What a rule compares, in one frame; None if it is not known of anybody in view."""
    if rule.name == PEOPLE:
        return len(faces)
    headline = attributes.headline
    name = headline.name if rule.name in headline.labels else rule.name
    values = [_number(face.estimates.get(name), rule.name) for face in faces]
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def _parse(text: str, attributes: AttributeSet) -> Rule:
    match = _RULE.fullmatch(" ".join(text.split()))
    if match is None:
        raise SettingsError(f"rules: {text!r} is no rule; write it like one of these: {EXAMPLES}")
    hold_s = float(match["duration"]) * UNITS_S[match["unit"]]
    if match["sign"] is None:
        return Rule(text, PEOPLE, False, 1, hold_s)
    is_above, threshold = match["sign"] in (">", "above"), float(match["threshold"])
    if match["people"]:
        return Rule(text, PEOPLE, is_above, threshold, hold_s)
    value_range = _range(match["name"], attributes)
    return Rule(text, match["name"], is_above, threshold, hold_s, HYSTERESIS_SHARE * value_range)


def _range(name: str, attributes: AttributeSet) -> float:
    """Largest minus smallest value of what a rule names."""
    if name in attributes.headline.labels:
        return 1.0
    numbers = {one.name: one for one in attributes if isinstance(one, NumberAttribute)}
    if name not in numbers:
        known = ", ".join((*attributes.headline.labels, *numbers))
        raise SettingsError(f"rules: there is no mean of {name!r}; choose from {known}")
    low, high = numbers[name].range
    return high - low


def _number(estimate: Estimate | None, name: str) -> float | None:
    if isinstance(estimate, ClassEstimate):
        return (estimate.probabilities or {}).get(name)
    return estimate.value if isinstance(estimate, NumberEstimate) else None
