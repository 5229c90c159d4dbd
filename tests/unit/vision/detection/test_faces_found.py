"""The detector that every clone serves finds the faces of composed scenes, and none where there is none."""

import cv2
import numpy as np
import pytest

from app.domain import Box
from app.paths import PROJECT
from app.settings import Settings
from app.vision.detection.face_detector import build_detector

NO_FACE = PROJECT.parent / "shared" / "data" / "clips" / "no_face.mp4"


@pytest.fixture(scope="module")
def detector():
    own = build_detector(Settings())
    assert own.name == "own"
    return own


@pytest.fixture(scope="module")
def portraits(astronaut, grace_hopper):
    """Heads and shoulders, with the face's box in shares of the sides."""
    return [_portrait(astronaut, (63, 0, 391, 355), Box(178, 63, 268, 176)),
            _portrait(grace_hopper, (40, 20, 500, 518), Box(183, 120, 353, 333))]  # fmt: skip


def _portrait(picture, part, face):
    x1, y1, x2, y2 = part
    width, height = x2 - x1, y2 - y1
    share = (face.x1 - x1) / width, (face.y1 - y1) / height, (face.x2 - x1) / width, (face.y2 - y1) / height
    return picture[y1:y2, x1:x2], share


def composed(portraits, width, height, across):
    """A gray picture of `across` x `across` portraits, some mirrored, and the boxes of their faces."""
    scene, boxes = np.full((height, width, 3), 96, np.uint8), []
    tall = int(0.92 * height / across)
    for index in range(across**2):
        picture, share = portraits[index % 2]
        wide = round(tall * picture.shape[1] / picture.shape[0])
        card = cv2.resize(picture, (wide, tall), interpolation=cv2.INTER_AREA)
        x1, y1, x2, y2 = share
        if index % 3 == 2:
            card, x1, x2 = card[:, ::-1], 1 - x2, 1 - x1
        left = int((index % across + 0.5) * width / across - wide / 2)
        top = int((index // across + 0.5) * height / across - tall / 2)
        scene[top : top + tall, left : left + wide] = card
        boxes.append(Box(left + x1 * wide, top + y1 * tall, left + x2 * wide, top + y2 * tall))
    return scene, boxes


@pytest.mark.parametrize("across", [1, 2, 3])
@pytest.mark.parametrize(("width", "height"), [(640, 480), (1280, 720)])
def test_all_faces_of_a_composed_scene_are_found(detector, portraits, width, height, across):
    scene, boxes = composed(portraits, width, height, across)
    faces = detector.detect(scene)
    assert len(faces) == across**2
    for box in boxes:
        assert max(face.box.iou(box) for face in faces) > 0.5


def test_a_clip_without_a_face_has_none(detector):
    if not NO_FACE.is_file():
        pytest.skip(f"there is no {NO_FACE}: false faces in it are not tested")
    frames = cv2.VideoCapture(str(NO_FACE))
    found = []
    while (read := frames.read())[0]:
        found.append(len(detector.detect(cv2.cvtColor(read[1], cv2.COLOR_BGR2RGB))))
    frames.release()
    assert found
    assert sum(found) == 0


@pytest.mark.parametrize("name", ["own", "haar", "yunet"])
def test_candidates_are_the_faces_and_what_might_be_one(name, request, astronaut):
    source = str(request.getfixturevalue("yunet_file")) if name == "yunet" else name
    detector = build_detector(Settings(detector=source))
    dark = (astronaut // 12).astype(np.uint8)
    for image in (astronaut, dark):
        candidates, faces = detector.detect_candidates(image), detector.detect(image)
        usual = [face for face in candidates if face.score >= detector.min_score]
        assert [face.box for face in usual] == [face.box for face in faces]
    assert len(detector.detect_candidates(astronaut)) >= len(detector.detect(astronaut)) >= 1
