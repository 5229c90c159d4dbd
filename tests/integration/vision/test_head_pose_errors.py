"""The head pose is as near to poses by the 68 marks as the card of the landmark network says."""

import pytest

from app.model_cards import load_card
from app.paths import PROJECT, resource
from training.evaluation.derived.mean_face import fit_mean_face
from training.evaluation.derived.mean_face_68 import mean_face_68
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


@pytest.mark.soak
def test_the_mean_face_is_the_one_that_the_stills_and_portraits_give():
    for name in ("ytf68", "expressions"):
        if not (SETS / name).is_dir():
            pytest.skip(f"there is no {SETS / name}: the mean face is not fitted")
    found = fit_mean_face(SETS / "ytf68", SETS / "expressions", resource("models"))
    assert found.points == pytest.approx(mean_face_68(), abs=0.21)
    assert found.figures["residual_px_frame_4"] < found.figures["residual_px_frame_1"]
