"""The rate limit per client."""

from app.web.security.rate_limit import MAX_KEYS, RateLimit
from tests.support.fakes import FakeClock


def test_a_key_has_a_number_of_uses_within_any_window():
    clock = FakeClock()
    limit = RateLimit(2, 10.0, clock)
    assert limit.try_use("a")
    clock.now_s += 6
    assert limit.try_use("a")
    assert limit.is_exhausted("a")
    assert not limit.try_use("a")
    assert limit.try_use("b"), "each key is counted separately"
    clock.now_s += 4.1  # only the first use is outside the window
    assert limit.try_use("a")
    assert not limit.try_use("a")


def test_refused_uses_are_not_counted():
    clock = FakeClock()
    limit = RateLimit(1, 10.0, clock)
    limit.try_use("a")
    for _ in range(9):
        clock.now_s += 1
        assert not limit.try_use("a")
    clock.now_s += 1
    assert limit.try_use("a")


def test_the_least_recent_keys_are_forgotten():
    limit = RateLimit(1, 10.0, FakeClock())
    for number in range(MAX_KEYS + 10):
        limit.try_use(str(number))
    assert limit.try_use("0"), "the least recent key is forgotten"
    assert not limit.try_use(str(MAX_KEYS + 9))
