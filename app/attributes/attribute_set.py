"""All attributes of a running app, in order: which are served, what may be shown, and how estimates are reported."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from app.attributes.attribute import Attribute, DerivedInputs
from app.attributes.estimate import ClassEstimate, Estimate, Estimates
from app.attributes.model_card_attribute import attribute_of_head
from app.attributes.output_head import parse_heads
from app.errors import ModelError
from app.model_cards import CARD_FILE, load_card, model_folders

# Overlays that a viewer can switch on besides the attributes; `blur` hides faces.
FIRST_OVERLAYS = ("boxes", "landmarks", "ids")
LAST_OVERLAYS = ("blur",)
DEFAULT_OVERLAYS = ("boxes",)
# Model folder whose network gives the landmarks.
LANDMARKS_FOLDER = "landmarks"
LANDMARKS_INPUT = "landmarks"

# Packages whose modules describe one attribute each.
OWN_PACKAGES = ("app.attributes.predicted", "app.attributes.derived")

Smooth = Callable[[Attribute, Estimate], Estimate]


@cache
def own_attributes() -> tuple[Attribute, ...]:
    """The app's own attributes: those of every module in `predicted` and `derived`, in order."""
    modules = (
        importlib.import_module(f"{package.__name__}.{module.name}")
        for package in map(importlib.import_module, OWN_PACKAGES)
        for module in pkgutil.iter_modules(package.__path__)
    )
    return tuple(sorted((module.ATTRIBUTE for module in modules), key=lambda attribute: attribute.position))


@dataclass(frozen=True, slots=True)
class AttributeSet:
    """The attributes in order.

    Attributes:
        attributes: The app's own attributes and those of the models, in order.
        served: Names of the attributes that the models predict, or that can be derived, and that may be reported.
    """

    attributes: tuple[Attribute, ...] = field(default_factory=own_attributes)
    served: frozenset[str] = frozenset()
    _by_name: Mapping[str, Attribute] = field(init=False, repr=False, compare=False)
    _served_derived: tuple[Attribute, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_name", {attribute.name: attribute for attribute in self.attributes})
        derived = tuple(one for one in self.attributes if one.derive is not None and one.name in self.served)
        object.__setattr__(self, "_served_derived", derived)

    def __iter__(self) -> Iterator[Attribute]:
        return iter(self.attributes)

    def __getitem__(self, name: str) -> Attribute:
        return self._by_name[name]

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    @property
    def headline(self) -> Attribute:
        """The attribute of the main statistics."""
        return next(attribute for attribute in self.attributes if attribute.is_headline)

    @property
    def showable(self) -> tuple[str, ...]:
        """Overlays that a viewer can switch on, in the order used everywhere."""
        return (*FIRST_OVERLAYS, *(attribute.name for attribute in self.attributes), *LAST_OVERLAYS)

    @property
    def default_show(self) -> tuple[str, ...]:
        """Overlays that are on in a new page."""
        return (*DEFAULT_OVERLAYS, *(attribute.name for attribute in self.attributes if attribute.shown_by_default))

    def report(self, estimates: Estimates) -> dict[str, Estimate]:
        """Estimates with labels decided and hidden ones withheld, in order."""
        known = {
            attribute.name: estimates[attribute.name] for attribute in self.attributes if attribute.name in estimates
        }
        resolved = {name: self[name].resolve(estimate, known) for name, estimate in known.items()}
        hidden = self.hidden_names(resolved)
        return {name: self[name].hidden(value) if name in hidden else value for name, value in resolved.items()}

    def hidden_names(self, estimates: Estimates) -> frozenset[str]:
        """Names of the attributes that others hide at present, such as all that a mask covers."""
        return frozenset(
            name
            for hider in self.attributes
            if hider.hides and isinstance(estimate := estimates.get(hider.name), ClassEstimate)
            for name in hider.hides.get(estimate.label or "", ())
        )

    def derive(self, inputs: DerivedInputs, smooth: Smooth = lambda _, estimate: estimate) -> dict[str, Estimate]:
        """The estimates of a face with those of the derived attributes added; each may use the ones before it.

        Args:
            smooth: Called with each derived attribute and its estimate; returns the smoothed estimate.
        """
        estimates = dict(inputs.estimates)
        for attribute in self._served_derived:
            estimate = attribute.derive(replace(inputs, estimates=estimates)) if attribute.derive else None
            if estimate is not None:
                estimates[attribute.name] = smooth(attribute, estimate)
        return estimates

    def describe(self) -> list[dict[str, Any]]:
        """Descriptions of all attributes, as in `GET /api/attributes`."""
        return [attribute.describe() | {"served": attribute.name in self.served} for attribute in self.attributes]


def load_attributes(models: str | Path, enabled: Collection[str] = ()) -> AttributeSet:
    """The attributes of the app with the models in a folder.

    Args:
        models: Folder of the model folders.
        enabled: Attributes that the operator has enabled, of those that need it.
    Raises:
        ModelError: a card lacks or contradicts something, or two models predict one attribute.
    """
    predicted_by: dict[str, tuple[Attribute, Path]] = {}
    inputs: set[str] = set()
    for folder in model_folders(Path(models)):
        inputs |= {LANDMARKS_INPUT} if folder.name == LANDMARKS_FOLDER else set()
        for attribute in card_attributes(folder):
            if attribute.name in predicted_by:
                other = predicted_by[attribute.name][1]
                raise ModelError(f"{other} and {folder} both predict {attribute.name!r}; remove one of them")
            predicted_by[attribute.name] = attribute, folder
    return _attribute_set({name: attribute for name, (attribute, _) in predicted_by.items()}, inputs, enabled)


def card_attributes(folder: Path) -> list[Attribute]:
    """The attributes that the model in a folder predicts; empty for detectors and landmark networks.

    Raises:
        ModelError: the card lacks or contradicts something.
    """
    content = load_card(folder)
    if not isinstance(content, Mapping) or "heads" not in content:
        return []
    known = {attribute.name: attribute for attribute in own_attributes()}
    try:
        heads = parse_heads(content)
        return [
            attribute_of_head(head, entry, known, f"heads[{index}]")
            for index, (head, entry) in enumerate(zip(heads, content["heads"], strict=True))
        ]
    except ValueError as error:
        raise ModelError(f"{folder / CARD_FILE}: {error}; correct the card or export the model again") from None


def _attribute_set(
    by_models: Mapping[str, Attribute], inputs: Collection[str], enabled: Collection[str]
) -> AttributeSet:
    own = tuple(by_models.get(attribute.name, attribute) for attribute in own_attributes())
    names = {attribute.name for attribute in own}
    others = sorted((one for one in by_models.values() if one.name not in names), key=lambda one: one.name)
    attributes = (*own, *others)
    _check_columns(attributes)
    served = {one.name for one in by_models.values() if not one.needs_operator or one.name in enabled}
    available = served | set(inputs)
    for attribute in own:
        if attribute.derive is not None and available >= set(attribute.inputs):
            served.add(attribute.name)
            available.add(attribute.name)
    return AttributeSet(attributes, frozenset(served))


def _check_columns(attributes: Iterable[Attribute]) -> None:
    """Refuse two attributes that would be stored under one name."""
    owners: dict[str, str] = {}
    for attribute in attributes:
        for column in attribute.columns:
            owner = owners.setdefault(column.name, attribute.name)
            if owner != attribute.name:
                raise ModelError(
                    f"attributes {owner!r} and {attribute.name!r} are both stored as {column.name!r}; "
                    "rename one in its card"
                )
