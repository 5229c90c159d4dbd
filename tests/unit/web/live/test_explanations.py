import threading

import pytest

from app.web.live.explanations import MIN_INTERVAL_S, ExplanationRefused, Explanations
from app.wire import Message
from tests.support.fakes import FakeClock
from tests.support.web import wait_until


class Harness:
    """Explanations whose requests the test sees, and which are answered at once unless `silent`."""

    def __init__(self, silent=False):
        self.clock, self.sent, self.silent, self.reply = FakeClock(), [], silent, {}
        self.explanations = Explanations(self.send, self.clock)

    def send(self, type, body):
        self.sent.append((type, body))
        if not self.silent:
            self.answer(body["request"])

    def answer(self, number):
        self.explanations.receive(Message("explanation", {"request": number, **self.reply}, [b"patch"]))


def test_the_answer_to_the_own_request_is_returned():
    harness = Harness()
    answer = harness.explanations.request(3, "emotion")
    assert harness.sent == [("explain", {"request": 1, "person": 3, "attribute": "emotion"})]
    assert list(answer.parts) == [b"patch"]


def test_one_request_a_second():
    harness = Harness()
    harness.explanations.request(3, "emotion")
    harness.clock.now_s += MIN_INTERVAL_S - 0.01
    with pytest.raises(ExplanationRefused, match="one explanation a second"):
        harness.explanations.request(4, "emotion")
    harness.clock.now_s += 0.02
    harness.explanations.request(4, "emotion")
    assert len(harness.sent) == 2


def test_one_request_at_a_time():
    harness = Harness(silent=True)
    answers = []
    thread = threading.Thread(target=lambda: answers.append(harness.explanations.request(3, "emotion")))
    thread.start()
    wait_until(lambda: harness.sent)
    harness.clock.now_s += 10
    with pytest.raises(ExplanationRefused, match="another explanation is being made"):
        harness.explanations.request(4, "emotion")
    harness.answer(1)
    thread.join(5)
    assert answers[0].body["request"] == 1


def test_a_late_answer_does_not_reach_the_next_request():
    harness = Harness(silent=True)
    with pytest.raises(ExplanationRefused, match="no answer within 0.01 s"):
        harness.explanations.request(3, "emotion", timeout_s=0.01)
    harness.answer(1)
    harness.clock.now_s += 2
    with pytest.raises(ExplanationRefused, match="no answer"):
        harness.explanations.request(4, "emotion", timeout_s=0.01)
    harness.clock.now_s += 2
    harness.silent = False
    assert harness.explanations.request(4, "emotion").body["request"] == 3


def test_a_refusal_of_the_vision_process_is_passed_on():
    harness = Harness()
    harness.reply = {"error": "person 3 is gone"}
    with pytest.raises(ExplanationRefused, match="person 3 is gone"):
        harness.explanations.request(3, "emotion")


def test_nothing_of_an_answer_is_kept():
    harness = Harness()
    harness.explanations.request(3, "emotion")
    assert harness.explanations._answer is None
