"""What the webhook tells of: new markers, and rules that begin and end to apply to what a camera shows."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from app.attributes.attribute_set import AttributeSet
from app.domain import FrameResult
from app.sessions.rows.records import to_iso
from app.settings import Settings
from app.webhook.delivery import Delivery
from app.webhook.rule_state import Change, RuleState
from app.webhook.rules import Rule, parse_rules, value_of

# Of the running session; None while none is running.
CurrentSession = Callable[[], Mapping[str, Any] | None]
# Tells repeated deliveries of one event from others; not a secret.
EVENT_ID_BYTES = 12
VALUE_DIGITS = 4


class Notifications:
    """Turns markers and hits of rules into events; does nothing without a `delivery`.

    Args:
        attributes: What is read from faces.
    """

    def __init__(self, delivery: Delivery | None, rules: Sequence[Rule], attributes: AttributeSet) -> None:
        self._delivery, self._rules, self._attributes = delivery, rules, attributes

    def add_marker(self, session_id: int, marker: Mapping[str, Any]) -> None:
        """Tell of a new marker."""
        self._send("marker", {"session_id": session_id, "marker": marker})

    def watch(self, camera: str, session: CurrentSession) -> Callable[[FrameResult], None]:
        """Follow the rules for a camera; returns the function that takes its frames."""
        states = [RuleState(rule) for rule in self._rules]

        def add_frame(result: FrameResult) -> None:
            for state in states:
                value = value_of(state.rule, result.faces, self._attributes)
                if change := state.update(value, result.read_at_s):
                    current = session()
                    self._send_rule(camera, current["id"] if current else None, state.rule, change, value)

        return add_frame

    def close(self) -> None:
        """End the delivery."""
        if self._delivery:
            self._delivery.close()

    def _send_rule(self, camera: str, session_id: int | None, rule: Rule, change: Change, value: float | None) -> None:
        rounded = None if value is None else round(value, VALUE_DIGITS)
        told = {"session_id": session_id, "camera": camera, "rule": rule.text}
        self._send("rule", {**told, "change": change.value, "value": rounded})

    def _send(self, event: str, content: Mapping[str, Any]) -> None:
        if self._delivery:
            at = to_iso(datetime.now(UTC))
            self._delivery.send({"event": event, "id": secrets.token_hex(EVENT_ID_BYTES), "at": at, **content})


def build_notifications(settings: Settings, secret: bytes | None, attributes: AttributeSet) -> Notifications:
    """What the settings ask for; raises SettingsError for a malformed rule or address."""
    rules = parse_rules(settings.rules, attributes)
    delivery = Delivery(settings.webhook, secret) if settings.webhook and secret else None
    return Notifications(delivery, rules, attributes)
