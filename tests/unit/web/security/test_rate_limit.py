"""The rate limit per client."""

import pytest

from app.web.security.rate_limit import MAX_KEYS, RateLimit, TokenBucket, client_network
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


def test_the_memory_of_the_limit_is_bounded():
    limit = RateLimit(3, 10.0, FakeClock())
    for number in range(3 * MAX_KEYS):
        for _ in range(5):
            limit.try_use(str(number))
    assert len(limit._use_times_s) == MAX_KEYS
    assert max(map(len, limit._use_times_s.values())) == 3


def test_a_bucket_gives_a_burst_and_then_a_steady_rate():
    clock = FakeClock()
    bucket = TokenBucket(3, 2.0, clock)
    assert [bucket.try_use() for _ in range(4)] == [True] * 3 + [False]
    clock.now_s += 0.5
    assert [bucket.try_use() for _ in range(2)] == [True, False]
    clock.now_s += 60
    assert [bucket.try_use() for _ in range(4)] == [True] * 3 + [False], "a pause gives no larger burst"


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:0:5:1:2:3:4", "2001:db8:0:5::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
    ],
)
def test_a_client_is_an_ipv4_address_or_an_ipv6_network(address: str, network: str):
    assert client_network(address) == network
