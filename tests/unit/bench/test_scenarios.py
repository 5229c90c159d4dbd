from pathlib import Path

import pytest

from app.bench.scenarios import build_scenarios, select_scenarios
from app.errors import SettingsError
from app.settings import Settings


def test_faces_and_expressions_bring_scenes_of_their_own():
    alone = [case.name for case in build_scenarios(Settings())]
    assert alone[:3] == ["1 face 640x480", "4 faces 640x480", "9 faces 640x480"]
    assert alone[-3:] == ["crossing", "occlusion", "expression"]
    more = [case.name for case in build_scenarios(Settings(), Path("faces.tar"), Path("expressions.tar"))]
    assert more == [*alone, "crossing of many", "occlusion of many", "expression of many"]


def test_one_scene_can_be_chosen_and_a_wrong_name_lists_all():
    (one,) = select_scenarios(build_scenarios(Settings()), ["crossing"])
    assert len(one.scene.persons) == 2
    assert len(select_scenarios(build_scenarios(Settings()), [])) == 9
    with pytest.raises(SettingsError, match="no scene 'cross'; give one of 1 face 640x480, .*crossing"):
        select_scenarios(build_scenarios(Settings()), ["cross"])
