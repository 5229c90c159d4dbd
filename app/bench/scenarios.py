"""The scenarios of the benchmark: scenes that are rendered to videos when they are measured."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

from app.bench.scenes import synthetic_scenes
from app.bench.scenes.face_pictures import FacePicture, pictures_in, portrait_pictures
from app.bench.scenes.scene_renderer import SceneRenderer, assign_pictures
from app.bench.scenes.synthetic_scenes import Scene
from app.errors import SettingsError
from app.settings import Settings
from app.vision.detection.face_detector import build_detector

# Load scenarios: numbers of faces and frame sizes.
FACE_COUNTS = (1, 4, 9)
FRAME_SIZES_PX = ((640, 480), (1280, 720))
# Scenarios with pictures of many people; as many as fit into a frame.
CROSSING_PAIRS = 3
WALKERS = 3
EXPRESSION_CHANGES = 12
# Expression changes with the two portraits, which have only a few expressions.
PORTRAIT_EXPRESSION_CHANGES = 5


@dataclass(frozen=True)
class Scenario:
    """One row of the table.

    Attributes:
        name: Value of `--scene`.
        pictures: Returns the faces; called when the scene is rendered.
        is_load: Whether latency and processor load are measured too; other scenarios test a difficulty.
    """

    name: str
    scene: Scene
    pictures: Callable[[], Sequence[FacePicture]]
    is_load: bool = False

    def write(self, path: Path) -> None:
        """Render the video."""
        SceneRenderer(self.scene, assign_pictures(self.scene, self.pictures())).write(path)


def build_scenarios(settings: Settings, faces: Path | None = None, expressions: Path | None = None) -> list[Scenario]:
    """All available scenarios.

    Args:
        faces: Folder or tar archive with images of one face each, with some background.
        expressions: The same with a sub-folder for each expression.
    """
    scenarios = [*_load_scenarios(), *_portrait_scenarios()]
    if faces:
        pictures = cache(partial(_detected_pictures, faces, 2 * CROSSING_PAIRS, settings))
        scenarios += [
            Scenario("crossing of many", synthetic_scenes.crossings(CROSSING_PAIRS), pictures),
            Scenario("occlusion of many", synthetic_scenes.occlusions(WALKERS), pictures),
        ]
    if expressions:
        labelled = partial(_detected_pictures, expressions, EXPRESSION_CHANGES + 1, settings)
        scenarios.append(Scenario("expression of many", synthetic_scenes.expressions(EXPRESSION_CHANGES), labelled))
    return scenarios


def select_scenarios(scenarios: Sequence[Scenario], names: Sequence[str]) -> list[Scenario]:
    """The scenarios with these names, or all of them without names.

    Raises:
        SettingsError: a name is unknown.
    """
    by_name = {scenario.name: scenario for scenario in scenarios}
    for name in names:
        if name not in by_name:
            raise SettingsError(f"there is no scene {name!r}; give one of {', '.join(by_name)}")
    return [by_name[name] for name in names] if names else list(scenarios)


def _load_scenarios() -> list[Scenario]:
    return [
        Scenario(
            f"{_face_count(count)} {width}x{height}",
            synthetic_scenes.crowd(count, width, height),
            portrait_pictures,
            is_load=True,
        )
        for width, height in FRAME_SIZES_PX
        for count in FACE_COUNTS
    ]


def _portrait_scenarios() -> list[Scenario]:
    return [
        Scenario("crossing", synthetic_scenes.crossings(), portrait_pictures),
        Scenario("occlusion", synthetic_scenes.occlusions(), portrait_pictures),
        Scenario("expression", synthetic_scenes.expressions(PORTRAIT_EXPRESSION_CHANGES), portrait_pictures),
    ]


def _detected_pictures(path: Path, count: int, settings: Settings) -> list[FacePicture]:
    return pictures_in(path, count, build_detector(settings))


def _face_count(count: int) -> str:
    return "1 face" if count == 1 else f"{count} faces"
