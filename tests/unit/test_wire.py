"""Messages survive a real socket, whole and in order."""

import socket
import threading
from dataclasses import replace

import pytest

from app.attributes.estimate import ClassEstimate, NumberEstimate, VectorEstimate
from app.domain import FrameResult
from app.wire import Message, frame_from_message, frame_to_message, pack_message, read_message
from tests.support.fakes import make_face, with_estimates


@pytest.fixture
def ends():
    left, right = socket.socketpair()
    yield left, right
    left.close()
    right.close()


def test_messages_arrive_whole_however_they_are_cut(ends):
    left, right = ends
    sent = [Message("status", {"camera": "ü"}), Message("frame", {}, [b"\xff\xd8" * 70_000, b""]), Message("pause", {})]
    data = b"".join(map(pack_message, sent))

    def dribble() -> None:
        for start in range(0, len(data), 977):
            left.sendall(data[start : start + 977])

    sender = threading.Thread(target=dribble)
    sender.start()
    received = [read_message(right) for _ in sent]
    sender.join()
    assert [(m.type, dict(m.body), list(m.parts)) for m in received if m] == [
        (m.type, dict(m.body), list(m.parts)) for m in sent
    ]


def test_end_of_stream_is_none_also_within_a_message(ends):
    left, right = ends
    left.sendall(pack_message(Message("status", {"a": 1}))[:-3])
    left.close()
    assert read_message(right) is None


def test_frame_results_survive(ends):
    pose = VectorEstimate({"yaw": 3.5, "pitch": -1.0})
    face = replace(
        with_estimates(make_face(), head_pose=pose, unknown=NumberEstimate(), hidden=ClassEstimate(label="unsure")),
        neutral_face="applied",
    )
    result = FrameResult(3, 0.1, 12.5, 640, 480, [face], {"detect": 4.0}, 29.97, {"boxes": b"1", "": b"22"})
    left, right = ends
    left.sendall(pack_message(frame_to_message(result)))
    message = read_message(right)
    assert message is not None
    assert frame_from_message(message) == result
