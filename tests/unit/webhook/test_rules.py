"""Rules on what is in view: their text, what they compare, and when they begin and end to apply."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from app.attributes.estimate import NumberEstimate
from app.errors import SettingsError
from app.webhook.rule_state import GRACE_S, Change, RuleState
from app.webhook.rules import Rule, parse_rules, value_of
from tests.support.fakes import LABELS, make_face, with_estimates, with_mask
from tests.support.sessions import session_attributes

ATTRIBUTES = session_attributes(LABELS)
FPS = 10


def rule(text: str) -> Rule:
    (parsed,) = parse_rules(text, ATTRIBUTES)
    return parsed


def changes(state: RuleState, values: Iterable[tuple[float, float | None]], start_s: float = 0.0) -> list[tuple]:
    """Feed values for some seconds each, ten frames a second; returns the changes with their times."""
    found: list[tuple] = []
    frames = [value for seconds, value in values for _ in range(round(seconds * FPS))]
    for index, value in enumerate(frames):
        if change := state.update(value, start_s + index / FPS):
            found.append((start_s + index / FPS, change))
    return found


@pytest.mark.parametrize(
    ("text", "name", "is_above", "threshold", "hold_s"),
    [
        ("nobody for 60s", "people", False, 1, 60),
        ("nobody in view for 1 min", "people", False, 1, 60),
        ("people > 3 for 5s", "people", True, 3, 5),
        ("mean happy > .5 for 10s", "happy", True, 0.5, 10),
        ("  mean  happy above 0.5 for 10 s ", "happy", True, 0.5, 10),
        ("mean age below 18 for .5h", "age", False, 18, 1800),
    ],
)
def test_rules_are_read(text: str, name: str, is_above: bool, threshold: float, hold_s: float):
    parsed = rule(text)
    assert (parsed.name, parsed.is_above, parsed.threshold, parsed.hold_s) == (name, is_above, threshold, hold_s)


@pytest.mark.parametrize(
    "text", ["happy > .5 for 10s", "mean happy > .5", "nobody", "people > x for 5s", "nobody for -1s"]
)
def test_malformed_rules_are_refused_with_examples(text: str):
    with pytest.raises(SettingsError, match="is no rule; write it like one of these: nobody for 60s"):
        parse_rules(text, ATTRIBUTES)


def test_unknown_names_are_refused_with_the_known_ones():
    with pytest.raises(SettingsError, match=r"no mean of 'hapy'; choose from angry, .*happy.*, age"):
        parse_rules("nobody for 5s; mean hapy > .5 for 10s", ATTRIBUTES)


def test_values_are_means_over_the_people_of_whom_they_are_known():
    happy, sad = make_face(1, "happy"), make_face(2, "sad")
    masked = with_mask(make_face(3, "happy"))
    mean = value_of(rule("mean happy > .5 for 1s"), [happy, sad, masked], ATTRIBUTES)
    assert mean == pytest.approx((0.7 + 0.05) / 2, abs=1e-3)
    ages = [with_estimates(face, age=NumberEstimate(age)) for face, age in ((happy, 20.0), (sad, 40.0))]
    assert value_of(rule("mean age > 1 for 1s"), [*ages, masked], ATTRIBUTES) == 30
    assert value_of(rule("mean happy > .5 for 1s"), [masked], ATTRIBUTES) is None
    assert value_of(rule("nobody for 1s"), [happy, sad], ATTRIBUTES) == 2


def test_a_rule_applies_once_its_condition_has_held_and_ends_once():
    state = RuleState(rule("nobody for 60s"))
    found = changes(state, [(10, 1), (80, 0), (30, 2), (59, 0), (5, 1)])
    assert found == [(70.0, Change.HIT), (91.0, Change.OVER)]


def test_a_value_near_the_threshold_does_not_toggle_a_rule():
    state = RuleState(rule("mean happy > .5 for 10s"))
    trembling = [(0.1, value) for value in (0.51, 0.47) * 300]
    assert changes(state, trembling) == [(10.0, Change.HIT)]
    assert changes(state, [(5, 0.44)], start_s=60.0) == [(61.0, Change.OVER)]
    assert changes(state, [(60, 0.47)], start_s=65.0) == [], "not above the threshold again"


def test_a_face_that_is_missed_or_found_by_mistake_for_a_moment_changes_nothing():
    state = RuleState(rule("nobody for 20s"))
    flicker = [(5, 0), (GRACE_S / 2, 1)] * 10
    assert [change for _, change in changes(state, flicker)] == [Change.HIT]


def test_an_unknown_value_fulfils_no_rule():
    assert changes(RuleState(rule("mean happy < .5 for 2s")), [(10, None)]) == []


def test_the_time_without_frames_does_not_count():
    state = RuleState(rule("nobody for 60s"))
    assert changes(state, [(50, 0)]) == []
    assert changes(state, [(59, 0)], start_s=100.0) == [], "paused from 50 to 100 s"
    assert changes(state, [(2, 0)], start_s=159.0) == [(160.0, Change.HIT)]
    assert changes(state, [(2, 0), (3, 1)], start_s=900.0) == [(903.0, Change.OVER)]
