import pytest

from app.vision.worker.adaptive_quality import MAX_SPARE_WINDOWS, QUALITY_LEVELS, SPARE_WINDOWS, AdaptiveQuality

MOST = len(QUALITY_LEVELS) - 1


class Engine:
    """Works on the pictures of a source as they come, always on the newest.

    Args:
        costs_s: Seconds that a picture takes at each level; may be replaced.
    """

    def __init__(self, costs_s, fps=30.0):
        self.load, self.costs_s, self.now_s = AdaptiveQuality(), costs_s, 100.0
        self.levels = [0]
        self._fps, self._taken = fps, 0

    def runs(self, seconds):
        """The level after so many seconds."""
        ends_s = self.now_s + seconds
        while self.now_s < ends_s:
            self._taken = max(self._taken + 1, int(self.now_s * self._fps))
            started_s = max(self.now_s, self._taken / self._fps)
            self.now_s = started_s + self.costs_s[self.load.level]
            if self.load.update(started_s, self.now_s):
                self.levels.append(self.load.level)
        return self.load.level


@pytest.mark.parametrize(("fps", "cost_s"), [(30, 0.02), (15, 0.05), (60, 0.01), (1, 0.5), (30, 0.0)])
def test_work_that_fits_its_time_is_never_reduced(fps, cost_s):
    engine = Engine([cost_s] * 4, fps)
    engine.runs(60)
    assert engine.levels == [0]


@pytest.mark.parametrize(("fps", "cost_s"), [(30, 0.04), (60, 0.04), (30, 3.0), (5, 0.3)])
def test_too_much_work_is_reduced_step_by_step_to_the_last(fps, cost_s):
    engine = Engine([cost_s] * 4, fps)
    assert engine.runs(max(3, 2 * cost_s)) == 1
    engine.runs(30)
    assert engine.levels == [0, 1, 2, 3]


def test_it_is_reduced_no_more_than_needed():
    assert Engine([0.05, 0.04, 0.02, 0.01]).runs(60) == 2


def test_with_room_again_it_climbs_back_step_by_step():
    engine = Engine([0.06, 0.05, 0.04, 0.034])
    assert engine.runs(20) == MOST
    engine.costs_s = [0.012, 0.011, 0.01, 0.01]
    assert engine.runs(SPARE_WINDOWS - 2) == MOST
    assert engine.runs(4 * SPARE_WINDOWS) == 0
    assert engine.levels == [0, 1, 2, 3, 2, 1, 0]


def test_it_stays_where_there_is_neither_too_much_nor_room():
    engine = Engine([0.05, 0.025, 0.01, 0.01])
    engine.runs(300)
    assert engine.levels == [0, 1]


def test_more_that_is_too_much_is_tried_ever_more_seldom():
    """The second level leaves room, the first one does not fit."""
    engine = Engine([0.05, 0.015, 0.01, 0.01])
    engine.runs(600)
    assert set(engine.levels) == {0, 1}
    assert 600 / MAX_SPARE_WINDOWS <= engine.levels.count(0) <= 600 / MAX_SPARE_WINDOWS + 6
    engine.costs_s = [0.012] * 4
    assert engine.runs(MAX_SPARE_WINDOWS + 1) == 0


def test_a_computer_that_slept_and_a_source_that_paused_change_nothing():
    engine = Engine([0.02] * 4)
    engine.runs(5.5)
    started_s, engine.now_s = engine.now_s, engine.now_s + 3600
    assert not engine.load.update(started_s, engine.now_s)
    engine.now_s += 3600
    engine.runs(5)
    assert engine.levels == [0]


def test_every_step_back_looks_less_closely():
    assert QUALITY_LEVELS[0].detection_scale == QUALITY_LEVELS[0].interval_factor == 1
    by_scale = sorted(QUALITY_LEVELS, key=lambda level: -level.detection_scale)
    by_interval = sorted(QUALITY_LEVELS, key=lambda level: level.interval_factor)
    assert by_scale == by_interval == list(QUALITY_LEVELS)


def test_pictures_that_may_take_their_time_get_full_quality_at_once():
    engine = Engine([0.06] * 4)
    assert engine.runs(20) == MOST
    assert engine.load.restore() is True
    assert engine.load.level == 0
    assert engine.load.restore() is False
    assert engine.runs(1.5) == 0, "it is measured anew"
