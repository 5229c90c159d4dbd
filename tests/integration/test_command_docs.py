"""What `analyze` and `bench` write has exactly the keys of docs/api.md; both really run."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from app.analysis import analyze_paths
from app.bench.scenarios import Scenario
from app.bench.scenes.face_pictures import portrait_pictures
from app.bench.scenes.synthetic_scenes import crowd
from app.bench.suite import measure_scenarios
from app.bench.table import format_table
from app.settings import Settings
from tests.integration.web.test_api_docs import EXAMPLES, assert_same_form


def test_analyze_writes_the_documented_records(all_models: Path, astronaut: np.ndarray, tmp_path: Path):
    Image.fromarray(astronaut).save(tmp_path / "a.png")
    (tmp_path / "b.jpg").write_bytes(b"no picture")
    records = list(analyze_paths([tmp_path], Settings(models=str(all_models), race=True)))
    assert [sorted(record) for record in records] == [sorted(example) for example in EXAMPLES["analyze"]]
    assert_same_form(EXAMPLES["face"], records[0]["faces"][0], "face")


@pytest.mark.soak
def test_bench_measures_the_documented_figures(models_dir: Path):
    case = Scenario("two", crowd(2, 320, 240, seconds=1.0), portrait_pictures, is_load=True)
    settings = Settings(detector="haar", models=str(models_dir))
    figures = json.loads(json.dumps(measure_scenarios(settings, [case], 1.0)))
    row, example = figures["rows"][0], EXAMPLES["bench"]["rows"][0]
    assert sorted(row) == sorted(example)
    assert sorted(row["floor_ms"]) == sorted(example["floor_ms"])
    assert {"detect", "predict", "annotate", "encode"} <= row["stages_ms"].keys()
    assert sorted(figures) == sorted(EXAMPLES["bench"])
    assert sorted(figures["tutorial_loop"]) == sorted(EXAMPLES["bench"]["tutorial_loop"])
    assert figures["ratio"] > 1
    assert f"{row['fps_flat_out']:.1f}" in format_table(figures)
