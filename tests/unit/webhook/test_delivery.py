"""Events reach the receiver signed, in order and once; one that is away costs nothing but the events."""

from __future__ import annotations

import hashlib
import hmac
import logging
import threading
import time
from collections.abc import Callable, Mapping

import pytest

from app.errors import SettingsError
from app.settings import Settings
from app.webhook import delivery as delivery_module
from app.webhook.delivery import MAX_ATTEMPTS, MAX_WAITING_EVENTS, Delivery
from app.webhook.secret import read_secret
from tests.support.interface.webhook_receiver import SECRET, webhook_receiver
from tests.support.web import wait_until

URL = "http://receiver.example/secret-path"


class ScriptedReceiver:
    """Answers with a script of statuses and errors, then 204; notes pauses instead of waiting."""

    def __init__(self, *script: int | Exception) -> None:
        self.script, self.bodies, self.pauses = list(script), list[bytes](), list[float]()
        self.delivery = Delivery(URL, SECRET, post=self.post, wait=self.wait)

    def post(self, body: bytes, headers: Mapping[str, str]) -> int:
        self.bodies.append(body)
        answer = self.script.pop(0) if self.script else 204
        if isinstance(answer, Exception):
            raise answer
        return answer

    def wait(self, seconds: float) -> bool:
        self.pauses.append(seconds)
        return False

    def send(self, *names: str) -> None:
        for name in names:
            self.delivery.send({"event": "marker", "id": name})

    def received(self, count: int) -> list[str]:
        """The ids of the requests, once there are so many."""
        wait_until(lambda: len(self.bodies) >= count)
        return [body.decode().split('"')[-2] for body in self.bodies]


@pytest.fixture
def scripted():
    receivers: list[ScriptedReceiver] = []

    def build(*script: int | Exception) -> ScriptedReceiver:
        receivers.append(ScriptedReceiver(*script))
        return receivers[-1]

    yield build
    for receiver in receivers:
        receiver.delivery.close()


Build = Callable[..., ScriptedReceiver]


def test_a_real_receiver_gets_a_signed_event():
    with webhook_receiver() as receiver:
        delivery = Delivery(receiver.url, SECRET)
        delivery.send({"event": "rule", "id": "abc", "value": 0.5})
        wait_until(lambda: receiver.requests)
        delivery.close()
    ((headers, body),) = receiver.requests
    assert body == b'{"event": "rule", "id": "abc", "value": 0.5}'
    assert headers["X-Signature-256"] == "sha256=" + hmac.new(SECRET, body, hashlib.sha256).hexdigest()
    assert (headers["X-Event"], headers["X-Event-Id"]) == ("rule", "abc")
    assert headers["Content-Type"] == "application/json"


def test_a_failed_event_is_sent_again_after_growing_pauses_and_before_the_next(scripted: Build):
    receiver = scripted(OSError("refused"), 500, 429)
    receiver.send("a", "b")
    assert receiver.received(5) == ["a", "a", "a", "a", "b"]
    assert receiver.pauses == [1, 2, 4]


def test_an_event_is_given_up_after_some_attempts_or_when_the_receiver_refuses_it(scripted: Build):
    receiver = scripted(*[503] * MAX_ATTEMPTS, 400)
    receiver.send("a", "b", "c")
    assert receiver.received(MAX_ATTEMPTS + 2) == ["a"] * MAX_ATTEMPTS + ["b", "c"]
    assert receiver.pauses == [1, 2, 4, 8]


def test_a_receiver_that_is_away_is_one_line_and_its_return_another(scripted: Build, caplog: pytest.LogCaptureFixture):
    receiver = scripted(*[OSError("connection refused")] * 3 * MAX_ATTEMPTS)
    with caplog.at_level(logging.INFO):
        receiver.send("a", "b", "c")
        receiver.received(3 * MAX_ATTEMPTS)
        receiver.send("d")
        wait_until(lambda: len(caplog.records) == 2)
    assert [record.getMessage() for record in caplog.records] == [
        "the webhook receiver at receiver.example does not take events (connection refused); trying on",
        "the webhook receiver at receiver.example takes events again; 3 were lost",
    ]


def test_a_receiver_that_never_answers_blocks_nobody_and_the_oldest_events_are_dropped(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(delivery_module, "MAX_WAITING_EVENTS", 3)
    is_released, bodies = threading.Event(), list[bytes]()

    def post(body: bytes, headers: Mapping[str, str]) -> int:
        bodies.append(body)
        is_released.wait(5)
        return 204

    delivery = Delivery(URL, SECRET, post=post)
    delivery.send({"event": "marker", "id": 0})
    wait_until(lambda: bodies)
    started_s = time.perf_counter()
    for number in range(1, 10):
        delivery.send({"event": "marker", "id": number})
    assert time.perf_counter() - started_s < 0.5
    is_released.set()
    wait_until(lambda: len(bodies) == 4)
    delivery.close()
    assert [body[-2:-1] for body in bodies] == [b"0", b"7", b"8", b"9"]
    assert MAX_WAITING_EVENTS >= 100


def test_the_end_of_the_server_ends_retries_at_once():
    tried = threading.Event()

    def post(body: bytes, headers: Mapping[str, str]) -> int:
        tried.set()
        raise OSError("away")

    delivery = Delivery(URL, SECRET, post=post)
    delivery.send({"event": "marker", "id": 1})
    assert tried.wait(5)
    delivery.close()
    delivery._thread.join(2)
    assert not delivery._thread.is_alive()


@pytest.mark.parametrize("url", ["example.org/events", "ftp://example.org", "https://", "https://me:word@example.org/"])
def test_a_wrong_address_is_refused_without_repeating_it(url: str):
    with pytest.raises(SettingsError, match="webhook") as refused:
        Delivery(url, SECRET)
    assert "word" not in str(refused.value).replace("password", "")


def test_the_secret_comes_from_a_file_or_the_environment(tmp_path):
    file = tmp_path / "secret"
    file.write_text("  of a file, long enough\n")
    with_file = Settings(webhook=URL, webhook_secret_file=str(file))
    assert read_secret(Settings(), {}) is None
    assert read_secret(with_file, {}) == b"of a file, long enough"
    assert read_secret(Settings(webhook=URL), {"WEBHOOK_SECRET": "of a variable, long"}) == b"of a variable, long"
    for settings, environ, words in (
        (Settings(webhook=URL), {}, "needs a secret"),
        (Settings(webhook=URL), {"WEBHOOK_SECRET": "short"}, "fewer than 16 bytes"),
        (Settings(webhook=URL, webhook_secret_file=str(tmp_path / "none")), {}, "cannot read"),
    ):
        with pytest.raises(SettingsError, match=words):
            read_secret(settings, environ)
    with pytest.raises(SettingsError, match="--webhook"):
        Settings(rules="nobody for 5s")
