"""Composed scenes show what their truth tells."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from app.bench.scenes.face_pictures import FacePicture, pictures_in, portrait_pictures
from app.bench.scenes.scene_renderer import CROSS_FADE_S, SceneRenderer, assign_pictures
from app.bench.scenes.synthetic_scenes import (
    Occluder,
    Person,
    Scene,
    crossings,
    crowd,
    expressions,
    occlusions,
    piecewise_trajectory,
)
from app.domain import Box
from app.errors import UnreadableMedia
from app.settings import Settings
from app.vision.capture.video_source import VideoSource
from app.vision.detection.face_detector import FaceDetector

STILL = Person(piecewise_trajectory((0, 160, 120, 60)))


def plain(colour: int) -> FacePicture:
    return FacePicture(np.full((100, 80, 3), colour, np.uint8), Box(20, 20, 60, 70))


@pytest.mark.parametrize(
    ("scene", "at_s"), [(crowd(1), 3), (crowd(9), 3), (crowd(9, 1280, 720), 1), (crossings(), 0.5)]
)
def test_the_detector_finds_everybody_where_the_truth_has_them(real_detector: FaceDetector, scene: Scene, at_s: float):
    picture = SceneRenderer(scene, assign_pictures(scene, portrait_pictures())).render(at_s)
    assert picture.shape == (scene.height, scene.width, 3)
    found, truth = [face.box for face in real_detector.detect(picture)], scene.ground_truth(at_s)
    assert len(found) == len(truth)
    assert all(max(box.iou(other) for other in found) > 0.6 for box in truth.values())


def test_everybody_is_hidden_for_about_a_second_again_and_again():
    scene = occlusions()
    for name in scene.persons:
        seen = [name in scene.ground_truth(time_s) for time_s in scene.times_s]
        ends = np.flatnonzero(np.diff(seen))
        away_s = np.diff(ends)[::2] / scene.fps
        assert len(away_s) >= 3
        np.testing.assert_allclose(away_s, 1.0, atol=0.3)


def test_a_thing_hides_who_is_behind_it_in_truth_and_picture():
    scene = Scene(
        {"Ann": STILL},
        2.0,
        occluders=[Occluder(piecewise_trajectory((0, 160, 120, 90), (1, 400, 120, 90)))],
        width=320,
        height=240,
    )
    renderer = SceneRenderer(scene, {"Ann": [plain(250)]})
    assert (scene.ground_truth(0).keys(), scene.ground_truth(1).keys()) == (set(), {"Ann"})
    assert renderer.render(0)[120, 160].max() < 120
    assert renderer.render(1)[120, 160].min() > 240


def test_whoever_has_less_depth_is_in_front():
    for front in (0, 2):
        people = {"Ann": Person(STILL.trajectory, front), "Ben": Person(STILL.trajectory, 1)}
        renderer = SceneRenderer(Scene(people, 1.0, width=320, height=240), {"Ann": [plain(250)], "Ben": [plain(10)]})
        assert renderer.render(0)[120, 160, 0] == (250 if front == 0 else 10)


def test_a_face_changes_its_look_within_a_moment():
    scene = expressions(1, every_s=1.0)
    renderer = SceneRenderer(scene, {"person": [plain(50), plain(250)]})
    shades = [renderer.render(time_s)[240, 320, 0] for time_s in (0.99, 1 + CROSS_FADE_S / 2, 1.2)]
    assert shades == [50, pytest.approx(150, abs=2), 250]


def test_each_person_and_each_change_has_a_look_of_its_own():
    looks = [plain(index) for index in range(3)]
    assert assign_pictures(expressions(2), looks) == {"person": looks}
    assert list(assign_pictures(crowd(4), looks).values()) == [[look] for look in (*looks, looks[0])]


def test_a_scene_is_written_as_a_video_of_its_pictures(tmp_path):
    scene = Scene({"Ann": STILL}, 0.2, width=320, height=240)
    renderer = SceneRenderer(scene, {"Ann": [plain(250)]})
    renderer.write(tmp_path / "scene.mp4")
    source = VideoSource(Settings(source=str(tmp_path / "scene.mp4")), lambda: 0.0)
    frames = list(iter(source.read, None))
    source.close()
    assert [round(frame.time_s * scene.fps) for frame in frames] == list(range(6))
    assert np.abs(frames[3].image.astype(int) - renderer.render(0.1)).mean() < 3


def test_looks_are_read_from_a_folder_in_turns_of_its_folders(real_detector: FaceDetector, tmp_path):
    astronaut, hopper = portrait_pictures()[:2]
    for folder, picture in (("happy", astronaut), ("neutral", hopper)):
        (tmp_path / folder).mkdir()
        for index in range(2):
            Image.fromarray(picture.image).save(tmp_path / folder / f"{index}.png")
    (tmp_path / "happy" / "broken.png").write_bytes(b"no picture")
    shapes = [picture.image.shape for picture in pictures_in(tmp_path, 4, real_detector)]
    assert shapes[0] != shapes[1]
    assert shapes[:2] == shapes[2:]
    with pytest.raises(UnreadableMedia, match="has 4 images of a single face, 5 are needed"):
        pictures_in(tmp_path, 5, real_detector)
