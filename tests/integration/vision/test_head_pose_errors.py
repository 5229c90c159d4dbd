"""The head pose is as near to poses by hand-made marks as the card of the landmark network says."""

import pytest

from app.model_cards import load_card
from app.paths import PROJECT, resource
from training.evaluation.derived.pose_errors import AXES, evaluate_pose

SETS = PROJECT.parent / "shared" / "data"
ENTRY = "head pose, ytf68 test"


def test_the_errors_are_those_of_the_card():
    if not (SETS / "ytf68").is_dir():
        pytest.skip(f"there is no {SETS / 'ytf68'}: the head pose of its faces is not tested")
    models = resource("models")
    stated = load_card(models / "landmarks")["figures"][ENTRY]
    figures = evaluate_pose(SETS / "ytf68", "test", models).figures
    assert figures["n"] == stated["n"]
    for axis in AXES:
        name = f"{axis}_mae_degrees"
        assert figures[name] == pytest.approx(stated[name], abs=0.1)
        assert figures[name] < 5
