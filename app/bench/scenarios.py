"""The scenes that the bench measures, each as a video that is made when its turn comes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

from app.bench.scenes import synthetic_scenes
from app.bench.scenes.face_pictures import FacePicture, looks_in, portrait_looks
from app.bench.scenes.scene_renderer import Composed, cast
from app.bench.scenes.synthetic_scenes import Scene
from app.errors import SettingsError
from app.settings import Settings
from app.vision.detection.face_detector import build_detector

COUNTS, SIZES = (1, 4, 9), ((640, 480), (1280, 720))
PAIRS, WALKERS, CHANGES = 3, 3, 12  # of the scenes of many faces
FEW_CHANGES = 5  # of the two portraits


@dataclass(frozen=True)
class Case:
    """One row of the table.

    Attributes:
        name: As `--scene` takes it.
        scene: Who is where.
        looks: Their faces, asked for when the scene is made.
        is_load: Whether it stands for a load, whose latency and cost count, rather than for a difficulty.
    """

    name: str
    scene: Scene
    looks: Callable[[], Sequence[FacePicture]]
    is_load: bool = False

    def write(self, path: Path) -> None:
        """Make the video."""
        Composed(self.scene, cast(self.scene, self.looks())).write(path)


def cases(settings: Settings, faces: Path | None = None, expressions: Path | None = None) -> list[Case]:
    """All scenes that can be made.

    Args:
        faces: A folder or tar archive of pictures that show one face each, with something around it.
        expressions: One whose pictures lie in a folder for each expression.
    """
    loads = [
        Case(
            f"{_people(count)} {width}x{height}",
            synthetic_scenes.gathering(count, width, height),
            portrait_looks,
            is_load=True,
        )
        for width, height in SIZES
        for count in COUNTS
    ]
    hard = [
        Case("crossing", synthetic_scenes.crossings(), portrait_looks),
        Case("occlusion", synthetic_scenes.occlusions(), portrait_looks),
        Case("expression", synthetic_scenes.expressions(FEW_CHANGES), portrait_looks),
    ]
    if faces:
        looks = cache(partial(_looks, faces, 2 * PAIRS, settings))
        hard += [
            Case("crossing of many", synthetic_scenes.crossings(PAIRS), looks),
            Case("occlusion of many", synthetic_scenes.occlusions(WALKERS), looks),
        ]
    if expressions:
        labelled = partial(_looks, expressions, CHANGES + 1, settings)
        hard.append(Case("expression of many", synthetic_scenes.expressions(CHANGES), labelled))
    return loads + hard


def chosen(cases: Sequence[Case], names: Sequence[str]) -> list[Case]:
    """Those of these names, or all without names.

    Raises:
        SettingsError: there is no such scene.
    """
    known = {case.name: case for case in cases}
    for name in names:
        if name not in known:
            raise SettingsError(f"there is no scene {name!r}; give one of {', '.join(known)}")
    return [known[name] for name in names] if names else list(cases)


def _looks(path: Path, count: int, settings: Settings) -> list[FacePicture]:
    return looks_in(path, count, build_detector(settings))


def _people(count: int) -> str:
    return "1 face" if count == 1 else f"{count} faces"
