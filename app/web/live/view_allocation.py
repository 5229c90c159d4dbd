"""Which views are in use, by whom, and which one gives way when there are too many."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence

from app.errors import TooManyViews


class ViewSubscription:
    """One viewer of one view. Closing it twice has no further effect.

    Args:
        key: The view; an alternative may replace it when it is added.
        client: Whose viewer it is.
        on_close: Called once when it is closed.

    Attributes:
        has_given_way: True once the view is no longer drawn because others need its place; the viewer ends.
    """

    def __init__(self, key: str, client: str, on_close: Callable[[ViewSubscription], None]) -> None:
        self.key, self.client = key, client
        self.has_given_way = False
        self._on_close = on_close
        self._is_open = True

    def close(self) -> None:
        """Remove the viewer."""
        if self._is_open:
            self._is_open = False
            self._on_close(self)


class ViewAllocation:
    """The open subscriptions by view. Not safe for threads: its owner holds a lock.

    The default view always has a place. Of the other places each client is entitled to one; when all are in use, the
    view that the fewest people watch gives way, as far as nobody is entitled to it.

    Args:
        max_views: Limit of distinct views, the default one included.
        default_key: The default view.
    """

    def __init__(self, max_views: int, default_key: str) -> None:
        self._max_views, self._default_key = max_views, default_key
        self._subscriptions: dict[str, list[ViewSubscription]] = {}

    @property
    def keys(self) -> Collection[str]:
        """The views in use, in the order in which they were opened."""
        return self._subscriptions.keys()

    @property
    def viewers(self) -> int:
        """Number of open subscriptions."""
        return sum(map(len, list(self._subscriptions.values())))

    def add(self, subscription: ViewSubscription, alternatives: Sequence[str] = ()) -> None:
        """Add a viewer. Viewers of the view that gives way are marked and removed.

        Args:
            alternatives: Views that serve nearly as well. If there is no place, the first one that has a place already
                is shown instead, and nobody gives way.
        Raises:
            TooManyViews: everyone is entitled to what they watch.
        """
        if not self._has_place(subscription.key) and self._is_full():
            subscription.key = next(filter(self._has_place, alternatives), subscription.key)
        if not self._has_place(subscription.key) and self._is_full():
            self._give_way(self._least_used())
        self._subscriptions.setdefault(subscription.key, []).append(subscription)

    def remove(self, subscription: ViewSubscription) -> None:
        """Remove a viewer, unless its view has given way before."""
        viewers = self._subscriptions.get(subscription.key, [])
        if subscription in viewers:
            viewers.remove(subscription)
            if not viewers:
                del self._subscriptions[subscription.key]

    def _has_place(self, key: str) -> bool:
        return key in self._subscriptions or key == self._default_key

    def _is_full(self) -> bool:
        return len(self._subscriptions.keys() - {self._default_key}) >= self._max_views - 1

    def _give_way(self, key: str) -> None:
        for subscription in self._subscriptions.pop(key):
            subscription.has_given_way = True

    def _least_used(self) -> str:
        """The view with the fewest viewers; among equals one of the client with the most views, the oldest first."""
        candidates = self._subscriptions.keys() - {self._default_key} - self._entitled_keys()
        if not candidates:
            raise TooManyViews(f"{self._max_views} different views are in use; close one or choose one in use")
        views_of = Counter(client for client, _ in self._pairs())
        return min(
            (key for key in self._subscriptions if key in candidates),
            key=lambda key: (len(self._subscriptions[key]), -max(views_of[client] for client in self._clients(key))),
        )

    def _entitled_keys(self) -> set[str]:
        """The view of each client that it opened first."""
        first: dict[str, str] = {}
        for client, key in self._pairs():
            first.setdefault(client, key)
        return set(first.values())

    def _pairs(self) -> Sequence[tuple[str, str]]:
        """Each client with each of its views once, in the order in which the views were opened."""
        return [(client, key) for key in self._subscriptions for client in self._clients(key)]

    def _clients(self, key: str) -> set[str]:
        return {subscription.client for subscription in self._subscriptions[key]}
