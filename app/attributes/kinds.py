"""The kinds of attributes: classes, binary, number and vector."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from app.attributes.attribute import Attribute, ColumnType, Kind, SessionColumn, SessionForm
from app.attributes.estimate import (
    UNSURE,
    ClassEstimate,
    Estimate,
    NumberEstimate,
    VectorEstimate,
    label_or_unsure,
)

# Digits after the decimal point of probabilities in JSON and sessions.
PROBABILITY_DIGITS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassAttribute(Attribute):
    """An attribute with one of several labels.

    Attributes:
        reports_second: Whether the JSON of a face names a second label.
        csv_prefix: Prefix of the probability columns in the CSV of `analyze`; None stands for `p_NAME_`.
        csv_labels: Labels with a probability column there; None stands for all.
    """

    kind: ClassVar[Kind] = Kind.CLASSES

    reports_second: bool = False
    csv_prefix: str | None = None
    csv_labels: tuple[str, ...] | None = None

    @property
    def columns(self) -> Sequence[SessionColumn]:
        """The dominant label and the mean probability of each, or the most frequent label."""
        if self.session is not SessionForm.DISTRIBUTION:
            return (SessionColumn(self.name, ColumnType.TEXT),)
        label = "dominant" if self.is_headline else self.name
        names = (f"{self.name}_{one}" for one in self.labels)
        return (SessionColumn(label, ColumnType.TEXT), *(_decimal(name, PROBABILITY_DIGITS) for name in names))

    def resolve(self, estimate: ClassEstimate, estimates: Mapping[str, Estimate]) -> ClassEstimate:
        """Apply the probability threshold to an unsmoothed estimate, and `min_number` to any."""
        if self._is_below_min_number(estimates):
            return replace(estimate, label=UNSURE)
        if estimate.label is not None or not estimate.probabilities:
            return estimate
        return replace(estimate, label=label_or_unsure(estimate.probabilities, self.min_probability))

    def hidden(self, estimate: ClassEstimate) -> ClassEstimate:
        """Unsure, without probabilities."""
        return ClassEstimate(label=UNSURE)

    def rounded(self, estimate: ClassEstimate) -> ClassEstimate:
        """Probabilities with four digits."""
        probabilities = estimate.probabilities
        if probabilities is None:
            return estimate
        return replace(
            estimate, probabilities={name: round(p, PROBABILITY_DIGITS) for name, p in probabilities.items()}
        )

    def to_json(self, estimate: ClassEstimate) -> dict[str, Any]:
        """`label`, `second` where reported, and `probabilities`."""
        second = {"second": estimate.second} if self.reports_second else {}
        return {"label": estimate.label, **second, "probabilities": estimate.probabilities}

    def csv_values(self, value: Mapping[str, Any]) -> dict[str, Any]:
        """The label, the second label where reported, and one column per probability."""
        row: dict[str, Any] = {self.name: value["label"]}
        if self.reports_second:
            row[f"second_{self.name}"] = value["second"]
        prefix = f"p_{self.name}_" if self.csv_prefix is None else self.csv_prefix
        probabilities = value["probabilities"] or {}
        names = probabilities if self.csv_labels is None else self.csv_labels
        return row | {f"{prefix}{name}": probabilities[name] for name in names if name in probabilities}

    def chip_text(self, estimate: ClassEstimate) -> str:
        """The label, with its probability or the second label where it is the headline."""
        label = str(estimate.label)
        if self.is_headline:
            return self._headline_text(estimate, label)
        text = self.label_text(label)
        return text if label == UNSURE else self.chip.format(label=text)

    def _headline_text(self, estimate: ClassEstimate, label: str) -> str:
        """Label with its probability, or two labels if they are close."""
        text = self.label_texts.get(label, label).capitalize()
        if estimate.second and label != UNSURE:
            return f"{text} + {self.label_text(estimate.second)}"
        probability = (estimate.probabilities or {}).get(label)
        return text if probability is None else f"{text} {probability:.0%}"

    def _is_below_min_number(self, estimates: Mapping[str, Estimate]) -> bool:
        if self.min_number is None:
            return False
        name, minimum = self.min_number
        number = estimates.get(name)
        return isinstance(number, NumberEstimate) and number.value is not None and number.value < minimum


@dataclass(frozen=True, slots=True, kw_only=True)
class BinaryAttribute(ClassAttribute):
    """An attribute that is present or not: two labels, of which `positive` names the probability that is reported."""

    kind: ClassVar[Kind] = Kind.BINARY

    positive: str = ""
    session: SessionForm = SessionForm.MEAN

    @property
    def probability_key(self) -> str:
        """Name of the reported probability, such as `p_female`."""
        return f"p_{self.positive}"

    @property
    def columns(self) -> Sequence[SessionColumn]:
        """The mean probability of the positive label, or the most frequent label."""
        if self.session is SessionForm.LABEL:
            return (SessionColumn(self.name, ColumnType.TEXT),)
        return (_decimal(self.probability_key, PROBABILITY_DIGITS),)

    def positive_probability(self, estimate: ClassEstimate) -> float | None:
        """Probability of the positive label; None if it is hidden."""
        return estimate.probabilities[self.positive] if estimate.probabilities else None

    def from_positive(self, probability: float | None) -> ClassEstimate:
        """The estimate with this probability of the positive label."""
        if probability is None:
            return ClassEstimate()
        values = {name: probability if name == self.positive else 1 - probability for name in self.labels}
        return ClassEstimate(values)

    def to_json(self, estimate: ClassEstimate) -> dict[str, Any]:
        """`label` and the probability of the positive label."""
        return {"label": estimate.label, self.probability_key: self.positive_probability(estimate)}

    def csv_values(self, value: Mapping[str, Any]) -> dict[str, Any]:
        """The label and the probability of the positive label."""
        return {self.name: value["label"], self.probability_key: value[self.probability_key]}

    def describe(self) -> dict[str, Any]:
        """The description as JSON."""
        return Attribute.describe(self) | {"positive": self.positive}


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberAttribute(Attribute):
    """An attribute with one number.

    Attributes:
        unit: Such as `years`; also the key of the value in JSON. Without a unit the key is `value`.
        range: Smallest and largest value, for axes.
        digits: Digits after the decimal point in JSON and sessions.
        plane: Name of the plane on which the page shows this number with another one, such as "circumplex", and its
            axis there, `x` or `y`.
    """

    kind: ClassVar[Kind] = Kind.NUMBER

    unit: str = ""
    range: tuple[float, float] = (0.0, 1.0)
    digits: int = 1
    plane: tuple[str, str] | None = None
    session: SessionForm = SessionForm.MEAN
    chip: str = "{value}"
    card: str = "{value}"

    @property
    def value_key(self) -> str:
        """Key of the value in the JSON of a face."""
        return self.unit or "value"

    @property
    def column_name(self) -> str:
        """Name of the value in sessions and tables, such as `age_years`."""
        return f"{self.name}_{self.unit}" if self.unit else self.name

    @property
    def columns(self) -> Sequence[SessionColumn]:
        """The mean, and the limits of its interval, which derived numbers lack."""
        limits = () if self.derive else (f"{self.name}_low", f"{self.name}_high")
        return tuple(_decimal(name, self.digits) for name in (self.column_name, *limits))

    def hidden(self, estimate: NumberEstimate) -> NumberEstimate:
        """No value."""
        return NumberEstimate()

    def rounded(self, estimate: NumberEstimate) -> NumberEstimate:
        """Value and interval with the attribute's digits."""
        value, interval = estimate.value, estimate.interval
        return NumberEstimate(
            None if value is None else round(value, self.digits),
            interval and (round(interval[0], self.digits), round(interval[1], self.digits)),
        )

    def to_json(self, estimate: NumberEstimate) -> dict[str, Any]:
        """The value and `interval`; derived numbers have no interval."""
        interval = {} if self.derive else {"interval": estimate.interval and list(estimate.interval)}
        return {self.value_key: estimate.value, **interval}

    def csv_values(self, value: Mapping[str, Any]) -> dict[str, Any]:
        """The value, and the limits of the interval."""
        low, high = value.get("interval") or (None, None)
        limits = {} if self.derive else {f"{self.name}_low": low, f"{self.name}_high": high}
        return {self.column_name: value[self.value_key], **limits}

    def chip_text(self, estimate: NumberEstimate) -> str:
        """The value, or that it is unsure."""
        if estimate.value is None:
            return self.label_text(UNSURE)
        return self.chip.format(value=f"{estimate.value:.{max(0, self.digits - 1)}f}")

    def describe(self) -> dict[str, Any]:
        """The description as JSON."""
        number = {"unit": self.unit, "range": list(self.range), "digits": self.digits, "value_key": self.value_key}
        plane = self.plane and {"name": self.plane[0], "axis": self.plane[1]}
        return Attribute.describe(self) | number | {"column": self.column_name, "plane": plane}


@dataclass(frozen=True, slots=True, kw_only=True)
class VectorAttribute(Attribute):
    """An attribute with several numbers in one unit; `labels` are its components.

    Attributes:
        unit: Such as `degrees`.
        range: Smallest and largest value of a component, for axes.
        digits: Digits after the decimal point in JSON and sessions.
    """

    kind: ClassVar[Kind] = Kind.VECTOR

    unit: str = ""
    range: tuple[float, float] = (-1.0, 1.0)
    digits: int = 1
    session: SessionForm = SessionForm.MEAN

    @property
    def columns(self) -> Sequence[SessionColumn]:
        """The mean of each component, such as `head_pose_yaw`."""
        return tuple(_decimal(f"{self.name}_{name}", self.digits) for name in self.labels)

    def hidden(self, estimate: VectorEstimate) -> VectorEstimate:
        """No values."""
        return VectorEstimate()

    def rounded(self, estimate: VectorEstimate) -> VectorEstimate:
        """Components with the attribute's digits."""
        if estimate.values is None:
            return estimate
        return VectorEstimate({name: round(value, self.digits) for name, value in estimate.values.items()})

    def to_json(self, estimate: VectorEstimate) -> dict[str, Any]:
        """The value of each component; null if hidden."""
        return {name: (estimate.values or {}).get(name) for name in self.labels}

    def csv_values(self, value: Mapping[str, Any]) -> dict[str, Any]:
        """One column per component."""
        return {f"{self.name}_{name}": value[name] for name in self.labels}

    def chip_text(self, estimate: VectorEstimate) -> str:
        """The rounded components, or that they are unsure."""
        if estimate.values is None:
            return self.label_text(UNSURE)
        return self.chip.format(**{name: f"{value:.0f}" for name, value in estimate.values.items()})

    def describe(self) -> dict[str, Any]:
        """The description as JSON."""
        return Attribute.describe(self) | {"unit": self.unit, "range": list(self.range), "digits": self.digits}


def _decimal(name: str, digits: int) -> SessionColumn:
    return SessionColumn(name, ColumnType.DECIMAL, digits)
