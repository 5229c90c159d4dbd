"""A clock that jumps deletes at most one day's worth of sessions for each day that passes."""

from datetime import datetime, timedelta

from app.sessions.retention_limit import DAY, SeenTime, plan_deletion
from tests.support.sessions import START

KEEP_FOR = timedelta(days=30)
HOUR = timedelta(hours=1)
YEAR = timedelta(days=365)


class Recordings:
    """One session a day, as far back as given, on a clock that the test sets."""

    def __init__(self, days: int) -> None:
        self.now = START
        self.ended = [START - day * DAY for day in range(days, 0, -1)]
        self.seen = SeenTime(START)

    def check(self) -> list[datetime]:
        """Delete what may be deleted; returns when it ended."""
        self.seen = self.seen.advance(self.now)
        plan = plan_deletion(self.seen, self.now, KEEP_FOR, min(self.ended, default=None))
        if plan is None:
            return []
        self.seen = plan.seen
        deleted = [ended for ended in self.ended if ended < plan.before]
        self.ended = [ended for ended in self.ended if ended >= plan.before]
        return deleted

    def run(self, days: float) -> int:
        """Check every hour; returns the number of deleted sessions."""
        count = 0
        for _ in range(round(days * 24)):
            self.now += HOUR
            count += len(self.check())
        return count


def test_a_server_that_runs_deletes_each_session_after_its_days():
    recordings = Recordings(30)
    for day in range(40):
        recordings.ended.append(recordings.now)
        assert recordings.run(1) == 1, day
        assert recordings.ended[0] > recordings.now - KEEP_FOR - HOUR


def test_a_clock_set_far_ahead_deletes_one_day_and_then_one_for_each_day_that_passes():
    recordings = Recordings(30)
    recordings.now += 10 * YEAR
    deleted = sum(len(recordings.check()) for _ in range(100))  # as many restarts
    assert deleted <= 1
    assert recordings.run(0.9) == 0
    for day in range(1, 10):
        recordings.run(1)
        assert 30 - len(recordings.ended) <= 1 + day


def test_a_clock_that_is_corrected_deletes_nothing_more():
    recordings = Recordings(29)
    recordings.now += 10 * YEAR
    recordings.run(0.5)
    recordings.now = START + DAY / 2
    assert recordings.run(0.4) == 0
    assert len(recordings.ended) == 29
    assert recordings.run(0.6) == 1, "the session that is 30 days old by now"


def test_a_clock_that_lost_its_time_and_got_it_back_deletes_nothing_early():
    recordings = Recordings(29)
    recordings.now = datetime(1970, 1, 1, tzinfo=START.tzinfo)
    assert recordings.run(3) == 0
    recordings.now = START
    assert recordings.run(0.9) == 0
    assert len(recordings.ended) == 29


def test_a_computer_that_was_off_for_long_catches_up_one_day_at_a_time():
    recordings = Recordings(30)
    recordings.now += 60 * DAY
    assert len(recordings.check()) <= 1
    assert recordings.run(3) in (2, 3)
    recordings.run(30)
    assert recordings.ended == []


def test_a_computer_that_is_used_once_a_week_keeps_up():
    recordings = Recordings(0)
    for _ in range(60):
        recordings.now += 7 * DAY
        recordings.ended.append(recordings.now)
        recordings.run(1 / 24)
    assert recordings.now - recordings.ended[0] <= KEEP_FOR + 14 * DAY
