from app.bench.table import format_table

ROW = {
    "scene": "1 face 640x480", "people": 1, "ids": 1, "id_switches": 0, "onset": None, "faces": 1, "detector": "own",
    "fps_flat_out": 100.0, "stages_ms": {"detect": 2.0}, "floor_ms": {"detect": 1.5, "sum": 5.0}, "fps_live": 30.0,
    "latency_p50_ms": 10.0, "latency_p95_ms": 12.5, "cores": 0.31, "memory_mb": 210, "healthz_p99_ms": 4.0,
}  # fmt: skip
LIVE = ("fps_live", "latency_p50_ms", "latency_p95_ms", "cores", "memory_mb", "healthz_p99_ms")
ONSET = {"changes": 5, "left_out": 2, "shown": 4, "p50_s": 0.2, "slowest_s": 0.333}


def test_rows_stand_below_their_heads_and_what_was_not_measured_is_a_dash():
    hard = ROW | dict.fromkeys(LIVE) | {"scene": "expression", "onset": ONSET}
    loop = {"fps": 4.0, "faces": 1.0, "width": 640, "height": 480}
    lines = format_table({"rows": [ROW, hard], "tutorial_loop": loop, "ratio": 25.0}).splitlines()
    assert len({len(line) for line in lines[1:4]}) == 1
    assert " ".join(lines[2].split()) == "1 face 640x480 1 100.0 10.00 5.00 30.0 10.0 12.5 0.31 210 4.0 1/1 0"
    assert " ".join(lines[3].split()) == "expression 1 100.0 10.00 5.00 - - - - - - 1/1 0"
    assert "stages of expression: detect 2.00 ms; floor: detect 1.50, sum 5.00 ms" in lines
    times = "4 of 5 changes shown, p50 0.20 s, slowest 0.33 s"
    assert f"onset in expression: {times}; 2 left out, which the model does not see in still pictures" in lines
    assert lines[-1].startswith("tutorials' loop on 1 face 640x480: 4.0/s; 25.0 times")


def test_a_source_has_no_people_and_a_change_that_never_shows_no_time():
    onset = {"changes": 5, "left_out": 0, "shown": 0, "p50_s": None, "slowest_s": None}
    text = format_table({"rows": [ROW | {"people": None, "ids": None, "id_switches": None, "onset": onset}]})
    assert text.splitlines()[2].split()[-2:] == ["-/-", "-"]
    assert "onset in 1 face 640x480: 0 of 5 changes shown" in text.splitlines()
