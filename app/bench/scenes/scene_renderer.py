"""Draw the people of a scene with the faces of pictures, and write it as a video."""

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

CHANGES_WITHIN_S = 0.1  # from one expression to the next
BOARD = (96, 84, 72)


class Composed:
    """A scene ready to be drawn at any moment.

    Args:
        looks: Of every person by name; whose face changes takes them in turns.
    """

    def __init__(self, scene: Scene, looks: Mapping[str, Sequence[FacePicture]]) -> None:
        self._scene = scene
        self._background = background(scene.width, scene.height)
        behind = sorted(scene.persons, key=lambda name: -scene.persons[name].depth)
        self._people = [_Shown(scene.persons[name], looks[name]) for name in behind]

    def picture(self, time_s: float) -> np.ndarray:
        """RGB uint8, shape (height, width, 3)."""
        picture = self._background.copy()
        for one in self._people:
            one.draw(picture, time_s)
        for thing in self._scene.things:
            box = thing.box(time_s)
            corners = (round(box.x1), round(box.y1)), (round(box.x2), round(box.y2))
            cv2.rectangle(picture, *corners, BOARD, cv2.FILLED)
        return picture

    def write(self, path: Path) -> None:
        """Write the whole scene as an MP4."""
        recorder = VideoRecorder(path, self._scene.width, self._scene.height, self._scene.fps)
        try:
            for time_s in self._scene.times_s:
                recorder.write(self.picture(time_s), time_s)
        except BaseException:
            recorder.discard()
            raise
        recorder.close()


def cast(scene: Scene, looks: Sequence[FacePicture]) -> dict[str, list[FacePicture]]:
    """A look for every person, and one more for each change of expression; over again where they run out."""
    people, taken = {}, 0
    for name, person in scene.persons.items():
        count = 1 + len(person.changes_at_s)
        people[name] = [looks[index % len(looks)] for index in range(taken, taken + count)]
        taken += count
    return people


class _Shown:
    """A person with the photos of their looks."""

    def __init__(self, person: Person, looks: Sequence[FacePicture]) -> None:
        self._person = person
        width = person.path(0.0)[2]
        self._photos = [_Placed(look, width) for look in looks]

    def draw(self, picture: np.ndarray, time_s: float) -> None:
        changes_at_s, box = self._person.changes_at_s, self._person.box(time_s)
        index = bisect_right(changes_at_s, time_s)
        done = (time_s - changes_at_s[index - 1]) / CHANGES_WITHIN_S if index else 1.0
        if done >= 1:
            self._photos[index].lay(picture, box)
            return
        before = picture.copy()
        self._photos[index - 1].lay(before, box)
        self._photos[index].lay(picture, box)
        cv2.addWeighted(picture, done, before, 1 - done, 0, dst=picture)


class _Placed:
    """A photo that is laid by where its face is to be."""

    def __init__(self, look: FacePicture, face_width: float) -> None:
        scale = face_width / look.face.width
        shrinks = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        picture = cv2.resize(np.ascontiguousarray(look.picture), None, fx=scale, fy=scale, interpolation=shrinks)
        self._photo, self._face = Photo(picture), look.face.scale_by(scale)
        self._center = picture.shape[1] / 2, picture.shape[0] / 2

    def lay(self, picture: np.ndarray, box: Box) -> None:
        scale = box.width / self._face.width
        (x, y), (face_x, face_y) = box.center, self._face.center
        center = x + (self._center[0] - face_x) * scale, y + (self._center[1] - face_y) * scale
        self._photo.draw(picture, center, self._photo.height * scale)
