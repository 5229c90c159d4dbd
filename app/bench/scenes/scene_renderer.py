"""Render a synthetic scene with photos of faces, and write it as a video."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np

from app.bench.scenes.face_pictures import FacePicture
from app.bench.scenes.synthetic_scenes import Person, Scene
from app.domain import Box
from app.vision.capture.photo_compositing import Photo, background
from app.vision.drawing.video_writer import VideoRecorder

# Duration of a cross-fade between expressions; as fast as a real change.
CROSS_FADE_S = 0.1
OCCLUDER_RGB = (96, 84, 72)


class SceneRenderer:
    """Renders a scene at any time.

    Args:
        pictures: Pictures of each person by name, one per expression.
    """

    def __init__(self, scene: Scene, pictures: Mapping[str, Sequence[FacePicture]]) -> None:
        self._scene = scene
        self._background = background(scene.width, scene.height)
        back_to_front = sorted(scene.persons, key=lambda name: -scene.persons[name].depth)
        self._people = [_RenderedPerson(scene.persons[name], pictures[name]) for name in back_to_front]

    def render(self, time_s: float) -> np.ndarray:
        """Render a frame, RGB uint8, shape (height, width, 3)."""
        image = self._background.copy()
        for person in self._people:
            person.draw(image, time_s)
        for occluder in self._scene.occluders:
            box = occluder.box(time_s)
            corners = (round(box.x1), round(box.y1)), (round(box.x2), round(box.y2))
            cv2.rectangle(image, *corners, OCCLUDER_RGB, cv2.FILLED)
        return image

    def write(self, path: Path) -> None:
        """Write the whole scene as an MP4."""
        recorder = VideoRecorder(path, self._scene.width, self._scene.height, self._scene.fps)
        try:
            for time_s in self._scene.times_s:
                recorder.write(self.render(time_s), time_s)
        except BaseException:
            recorder.discard()
            raise
        recorder.close()


def assign_pictures(scene: Scene, pictures: Sequence[FacePicture]) -> dict[str, list[FacePicture]]:
    """Assign each person one picture plus one per change of expression; pictures repeat if there are too few."""
    assigned, used = {}, 0
    for name, person in scene.persons.items():
        count = 1 + len(person.changes_at_s)
        assigned[name] = [pictures[index % len(pictures)] for index in range(used, used + count)]
        used += count
    return assigned


class _RenderedPerson:
    """A person with the photos of their expressions."""

    def __init__(self, person: Person, pictures: Sequence[FacePicture]) -> None:
        self._person = person
        width = person.trajectory(0.0)[2]
        self._photos = [_FacePhoto(picture, width) for picture in pictures]

    def draw(self, image: np.ndarray, time_s: float) -> None:
        changes_at_s, box = self._person.changes_at_s, self._person.box(time_s)
        index = bisect_right(changes_at_s, time_s)
        progress = (time_s - changes_at_s[index - 1]) / CROSS_FADE_S if index else 1.0
        if progress >= 1:
            self._photos[index].draw(image, box)
            return
        before = image.copy()
        self._photos[index - 1].draw(before, box)
        self._photos[index].draw(image, box)
        cv2.addWeighted(image, progress, before, 1 - progress, 0, dst=image)


class _FacePhoto:
    """A photo that is drawn by the box of its face."""

    def __init__(self, picture: FacePicture, face_width: float) -> None:
        scale = face_width / picture.face.width
        interpolation = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        image = cv2.resize(np.ascontiguousarray(picture.image), None, fx=scale, fy=scale, interpolation=interpolation)
        self._photo, self._face = Photo(image), picture.face.scale_by(scale)
        self._center = image.shape[1] / 2, image.shape[0] / 2

    def draw(self, image: np.ndarray, box: Box) -> None:
        scale = box.width / self._face.width
        (x, y), (face_x, face_y) = box.center, self._face.center
        center = x + (self._center[0] - face_x) * scale, y + (self._center[1] - face_y) * scale
        self._photo.draw(image, center, self._photo.height * scale)
