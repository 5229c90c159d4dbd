"""The limits on Socket.IO connections of each client."""

from app.web.security.handshake_limit import HANDSHAKE_TIMEOUT_S, MAX_OPEN, MAX_TOTAL, MAX_UNFINISHED, HandshakeLimit
from tests.support.fakes import FakeClock


def begin(limit: HandshakeLimit, client: str, number: int, finished: bool = False) -> list[str]:
    """Open connections of a client; returns their ids."""
    sids = [f"{client}-{index}" for index in range(number)]
    for sid in sids:
        limit.begin(sid, client)
        if finished:
            limit.finish(sid)
    return sids


def test_unfinished_handshakes_of_a_client_are_limited():
    limit = HandshakeLimit(FakeClock())
    sids = begin(limit, "flood", MAX_UNFINISHED)
    assert not limit.may_begin("flood")
    assert limit.may_begin("viewer")
    limit.finish(sids[0])
    assert limit.may_begin("flood")


def test_open_connections_of_a_client_are_limited_and_short_ones_count_until_the_timeout():
    clock = FakeClock()
    limit = HandshakeLimit(clock)
    sids = begin(limit, "flood", MAX_OPEN, finished=True)
    for sid in sids:
        limit.end(sid)
        limit.end(sid)
    assert limit.expire() == []
    assert not limit.may_begin("flood")
    clock.now_s += HANDSHAKE_TIMEOUT_S
    assert limit.expire() == []
    assert limit.may_begin("flood")


def test_all_connections_are_limited():
    limit = HandshakeLimit(FakeClock())
    for number in range(MAX_TOTAL // 64):
        begin(limit, f"client {number}", 64)
    assert not limit.may_begin("another client")


def test_unfinished_handshakes_expire_and_nothing_is_remembered_of_ended_ones():
    clock = FakeClock()
    limit = HandshakeLimit(clock)
    finished, unfinished = begin(limit, "page", 3, finished=True), begin(limit, "flood", 3)
    clock.now_s += HANDSHAKE_TIMEOUT_S - 0.1
    assert limit.expire() == []
    clock.now_s += 0.1
    assert limit.expire() == unfinished
    for sid in finished + unfinished:
        limit.end(sid)
    assert limit.expire() == []
    assert not limit._connections
    assert not limit._open
    assert not limit._unfinished
