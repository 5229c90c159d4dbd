"""Names of everything that lies in Redis. Keys of one camera share a hash tag, so that they lie in one shard."""

from __future__ import annotations

# A sorted set: the name of each camera by its last sign of life, in seconds of Redis' clock.
CAMERAS = "faces:cameras"
# A stream: rows of running sessions, until a recorder has saved them.
ROWS = "faces:rows"
ROWS_GROUP = "recorders"
# A stream: events for the pages of every web node.
PAGES = "faces:pages"
# The token that all web nodes ask for.
TOKEN = "faces:token"  # noqa: S105  # nosec B105 - the name of a key
# In a set of leases: the numbers of each frame, beside views.
NUMBERS = "numbers"
VIEW_PREFIX = "view:"


class CameraKeys:
    """The keys of one camera.

    Attributes:
        state: Its newest state; expires without a sign of life.
        owner: The process that publishes it; expires likewise.
        session: Its running session, from which the next process goes on.
        results: Stream of what is read from its frames, without pictures.
        events: Stream of its states and answers.
        commands: Stream of commands to it.
        leases: Sorted set of what web nodes ask for, by the end of each lease.
    """

    def __init__(self, name: str) -> None:
        self._prefix = f"faces:{{{name}}}"
        self.state, self.owner, self.session = (self._key(part) for part in ("state", "owner", "session"))
        self.results, self.events, self.commands = (self._key(part) for part in ("results", "events", "commands"))
        self.leases = self._key("leases")

    def pictures(self, view: str) -> str:
        """Stream of the pictures of a view."""
        return self._key(f"pictures:{view}")

    def _key(self, part: str) -> str:
        return f"{self._prefix}:{part}"
