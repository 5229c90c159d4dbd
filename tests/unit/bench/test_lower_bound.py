import pytest

from app.bench.lower_bound import TimedProxy, lower_bound_ms
from app.bench.suite import measure_lower_bound
from app.errors import AppError
from app.settings import Settings


def test_only_the_named_methods_are_timed_and_all_else_passes():
    class Part:
        name = "part"

        def work(self, value):
            return value + 1

        def rest(self):
            return "rest"

    clocked = TimedProxy(Part(), "work")
    assert (clocked.name, clocked.rest(), clocked.spent_s) == ("part", "rest", 0.0)
    assert clocked.work(1) == 2
    assert clocked.spent_s > 0


def test_every_part_has_its_time_and_the_sum_is_theirs(models_dir):
    floor = lower_bound_ms(Settings(source="demo:still", detector="haar", models=str(models_dir)))
    parts = ("capture", "detect", "landmarks", "predict", "encode")
    assert list(floor) == [*parts, "sum"]
    assert all(floor[part] > 0 for part in parts if part != "landmarks")  # no network tells them here
    assert floor["sum"] == pytest.approx(sum(floor[part] for part in parts), abs=0.03)


def test_why_it_cannot_be_measured_is_one_line(tmp_path):
    with pytest.raises(AppError, match=r"cannot be measured \(there is no file or folder .*none.mp4"):
        measure_lower_bound(Settings(source=str(tmp_path / "none.mp4"), detector="haar"))
