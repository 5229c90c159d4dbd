"""The served landmark network finds the points of faces it never saw from the boxes of either detector, and turned."""

import cv2
import numpy as np
import pytest

from app.paths import PROJECT
from app.settings import Settings
from app.vision.detection.face_detector import build_detector
from app.vision.landmarks.network import FOLDER, LandmarkNetwork, read_landmark_card
from training.datasets.catalog import AAF, LANDMARKS
from training.samples.landmark_points import LANDMARK_NAMES

SETS = PROJECT.parent / "shared" / "data"
EYES = [LANDMARK_NAMES.index("left_eye_center"), LANDMARK_NAMES.index("right_eye_center")]
EVERY = 12


@pytest.fixture(scope="module")
def network():
    return LandmarkNetwork(read_landmark_card(PROJECT / "models" / FOLDER))


@pytest.fixture(scope="module", params=[(LANDMARKS, "ytf68"), (AAF, "aaf")], ids=["ytf68", "aaf"])
def marked(request):
    """Some pictures of a set's test part."""
    source, folder = request.param
    if not (SETS / folder).is_dir():
        pytest.skip(f"there is no {SETS / folder}: the landmarks of its faces are not tested")
    samples = [one for one in source.split(source.read(SETS / folder, False)).test if one.has_all_landmarks]
    return samples[::EVERY]


def turned(sample, degrees):
    """The picture, with room around it, and its points, turned about its middle."""
    height, width = sample.image.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    matrix[:, 2] += (width / 2, height / 2)
    image = cv2.warpAffine(sample.image, matrix, (2 * width, 2 * height), borderMode=cv2.BORDER_REPLICATE)
    return image, sample.points @ matrix[:, :2].T + matrix[:, 2]


def error_of(network, detector, image, points):
    """Mean distance in distances of the eyes; None where no face is found."""
    faces = network.confirm_detections(image, detector.detect(image))
    if not faces:
        return None
    five, rest = faces[0].points[:5], faces[0].points[5:]
    order = network._order
    found = np.empty((len(LANDMARK_NAMES), 2))
    found[order[:5]], found[order[5:]] = five, rest
    apart = np.linalg.norm(points[EYES[0]] - points[EYES[1]])
    return float(np.linalg.norm(found - points, axis=1).mean() / apart)


@pytest.mark.parametrize(("name", "degrees"), [("own", 0), ("own", 30), ("haar", 0)])
def test_points_are_found_from_a_detectors_box(network, marked, name, degrees):
    detector = build_detector(Settings(detector=name))
    errors = [error_of(network, detector, *turned(sample, degrees)) for sample in marked]
    known = [error for error in errors if error is not None]
    assert len(known) >= 0.95 * len(errors)
    assert np.mean(known) <= 0.06  # one in 26 stills shows a face in profile
