"""Which view gives way when there are too many."""

import pytest

from app.domain import ViewOptions
from app.errors import TooManyViews
from app.web.live.view_allocation import ViewAllocation, ViewSubscription

DEFAULT = ViewOptions().key


@pytest.fixture
def views() -> ViewAllocation:
    """Three odd views beside the default one."""
    return ViewAllocation(4, DEFAULT)


def watch(views: ViewAllocation, key: str, client: str) -> ViewSubscription:
    subscription = ViewSubscription(key, client, views.remove)
    views.add(subscription)
    return subscription


def test_the_default_view_always_has_a_place(views: ViewAllocation):
    for key in "abc":
        watch(views, key, f"client of {key}")
    watch(views, DEFAULT, "late")
    assert list(views.keys) == ["a", "b", "c", DEFAULT]


def test_each_client_gets_one_view_and_the_largest_client_gives_way(views: ViewAllocation):
    first, second, _third = (watch(views, key, "greedy") for key in "abc")
    late = watch(views, "d", "late")
    assert (first.has_given_way, second.has_given_way, late.has_given_way) == (False, True, False)
    watch(views, "e", "greedy")
    assert list(views.keys) == ["a", "d", "e"], "a client that wants more loses one of its own"


def test_the_view_with_the_fewest_viewers_gives_way(views: ViewAllocation):
    for key in "abc":
        watch(views, key, "greedy")
    watch(views, "b", "guest")
    watch(views, DEFAULT, "guest")
    watch(views, "d", "late")
    assert list(views.keys) == ["a", "b", DEFAULT, "d"]


def test_a_client_that_watches_the_default_view_first_is_entitled_to_no_other(views: ViewAllocation):
    watch(views, DEFAULT, "one")
    watch(views, "a", "one")
    watch(views, "b", "two")
    watch(views, "c", "three")
    watch(views, "d", "four")
    assert list(views.keys) == [DEFAULT, "b", "c", "d"]


def test_a_view_is_refused_when_everyone_is_entitled_to_theirs(views: ViewAllocation):
    for key in "abc":
        watch(views, key, f"client of {key}")
    with pytest.raises(TooManyViews, match="4 different views"):
        watch(views, "d", "late")
    watch(views, "a", "late")
    assert views.viewers == 4


def test_an_alternative_in_use_is_shown_instead_of_making_others_give_way(views: ViewAllocation):
    greedy = [watch(views, key, "greedy") for key in "abc"]
    late = ViewSubscription("d", "late", views.remove)
    views.add(late, ["x", "b", "a"])
    assert late.key == "b"
    assert not any(subscription.has_given_way for subscription in greedy)
    late.close()
    assert views.viewers == 3


def test_the_default_view_is_an_alternative_that_always_has_a_place(views: ViewAllocation):
    for key in "abc":
        watch(views, key, f"client of {key}")
    late = ViewSubscription("d", "late", views.remove)
    views.add(late, ["x", DEFAULT])
    assert late.key == DEFAULT


def test_while_there_is_room_nobody_gets_an_alternative(views: ViewAllocation):
    watch(views, "a", "one")
    second = ViewSubscription("b", "two", views.remove)
    views.add(second, ["a"])
    assert second.key == "b"


def test_closing_removes_a_viewer_once(views: ViewAllocation):
    one, _two = watch(views, "a", "one"), watch(views, "a", "two")
    one.close()
    one.close()
    assert views.viewers == 1
