import copy
import json

import pytest

from app.bench.baseline import compare_with_baseline, write_baseline
from app.errors import SettingsError

ROW = {
    "scene": "1 face 640x480", "detector": "own", "fps_flat_out": 100.0, "floor_ms": {"sum": 5.0}, "fps_live": 30.0,
    "latency_p95_ms": 12.0, "cores": 0.3, "ids": 1, "id_switches": 0,
}  # fmt: skip
HARD = ROW | {"scene": "crossing", "fps_live": None, "latency_p95_ms": None, "cores": None, "ids": 2}
FIGURES = {"rows": [ROW, HARD], "tutorial_loop": {"fps": 4.0}, "ratio": 25.0}


@pytest.fixture
def file(tmp_path):
    write_baseline(FIGURES, tmp_path / "bench.json")
    return tmp_path / "bench.json"


def changed(row=0, **values):
    figures = copy.deepcopy(FIGURES)
    figures["rows"][row] |= values
    return figures


def test_without_a_baseline_the_way_to_make_one_is_told(tmp_path):
    (line,) = compare_with_baseline(FIGURES, tmp_path / "none.json")
    assert "--write-baseline" in line


def test_a_computer_that_is_slower_in_everything_has_moved_nothing(file):
    figures = json.loads(json.dumps(FIGURES))
    figures["tutorial_loop"]["fps"] /= 3
    for row in figures["rows"]:
        row["fps_flat_out"] /= 3
        row["floor_ms"]["sum"] *= 3
        for name in ("latency_p95_ms", "cores"):
            row[name] = row[name] and row[name] * 3
    assert compare_with_baseline(figures, file) == ["nothing moved by more than 20% against bench.json"]


def test_what_moved_is_told_with_both_figures(file):
    lines = compare_with_baseline(changed(fps_flat_out=70.0), file)
    assert lines[0] == "1 face 640x480: flat out, times the tutorials' loop 25.00 -> 17.50 (-30%)"
    assert lines[1] == "1 face 640x480: time of a frame, times the floor 2.00 -> 2.86 (+43%)"
    assert len(lines) == 2
    assert compare_with_baseline(changed(latency_p95_ms=30.0), file) == [
        "1 face 640x480: p95 latency, times the floor 2.40 -> 6.00 (+150%)"
    ]


def test_every_id_that_is_lost_counts(file):
    lines = compare_with_baseline(changed(1, ids=3, id_switches=1), file)
    assert lines == ["crossing: id switches 0 -> 1", "crossing: ids 2 -> 3"]


def test_only_what_both_have_measured_is_compared(file):
    only = {"rows": [HARD | {"fps_flat_out": 101.0}, HARD | {"scene": "new"}], "tutorial_loop": {"fps": 40.0}}
    assert compare_with_baseline(only, file) == ["nothing moved by more than 20% against bench.json"]
    (line,) = compare_with_baseline(changed(detector="haar"), file)
    assert "detector own, not haar" in line


def test_a_damaged_baseline_is_one_line(file):
    for content in ("{", "[]", '{"rows": []}'):
        file.write_text(content)
        with pytest.raises(SettingsError, match="is not a baseline"):
            compare_with_baseline(FIGURES, file)


def test_a_folder_that_is_not_there_is_one_line(tmp_path):
    with pytest.raises(SettingsError, match="cannot write"):
        write_baseline(FIGURES, tmp_path / "none" / "bench.json")
