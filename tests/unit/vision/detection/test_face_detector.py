import numpy as np
import pytest

from app.domain import Box
from app.errors import DetectorUnavailable, ModelError
from app.settings import Settings
from app.vision.detection.face_detector import HAAR_NOTICE, build_detector

ASTRONAUT, HOPPER = Box(178, 63, 268, 176), Box(183, 120, 353, 333)


@pytest.fixture(scope="module")
def yunet(yunet_file):
    return build_detector(Settings(detector=str(yunet_file)))


@pytest.fixture(scope="module")
def haar():
    return build_detector(Settings(detector="haar"))


def test_yunet_finds_the_face_with_its_points(yunet, astronaut):
    (face,) = yunet.detect(astronaut)
    assert face.box.iou(ASTRONAUT) > 0.8
    assert 0.7 <= face.score <= 1
    assert face.points.shape == (5, 2)
    left_eye, right_eye, nose, *_ = face.points
    assert left_eye[0] < nose[0] < right_eye[0]
    assert left_eye[1] < nose[1]


def test_yunet_is_given_the_colours_it_wants(yunet, astronaut):
    """It was trained on BGR: with red and blue swapped it is less sure."""
    right, swapped = yunet.detect(astronaut), yunet.detect(np.ascontiguousarray(astronaut[..., ::-1]))
    assert right[0].score > swapped[0].score


@pytest.mark.parametrize("size", [(1080, 1920), (480, 640), (640, 480), (90, 120)])
def test_boxes_are_in_the_pixels_of_the_given_picture(yunet, astronaut, size):
    import cv2

    height, width = size
    side = min(size)
    picture = np.full((height, width, 3), 128, np.uint8)
    picture[:side, :side] = cv2.resize(astronaut, (side, side), interpolation=cv2.INTER_AREA)
    (face,) = yunet.detect(picture)
    assert face.box.iou(ASTRONAUT.scale_by(side / 512)) > 0.7


def test_haar_follows_the_convention_of_yunets_boxes(haar, astronaut, grace_hopper):
    for picture, box in ((astronaut, ASTRONAUT), (grace_hopper, HOPPER)):
        assert max(face.box.iou(box) for face in haar.detect(picture)) > 0.6


@pytest.mark.parametrize("name", ["yunet", "haar"])
def test_half_the_size_is_that_of_half_the_width(name, yunet_file, grace_hopper):
    settings = Settings(detector=str(yunet_file) if name == "yunet" else "haar")
    half, narrow = build_detector(settings), build_detector(settings.with_options(detect_width=160))
    half.detect(grace_hopper)
    half.input_scale = 0.5
    found = [face.box for face in half.detect(grace_hopper)]
    assert found == [face.box for face in narrow.detect(grace_hopper)]
    assert max(box.iou(HOPPER) for box in found) > 0.6


@pytest.mark.parametrize("name", ["yunet", "haar"])
@pytest.mark.parametrize("shape", [(48, 48, 3), (1, 1, 3), (3, 900, 3), (900, 3, 3)])
def test_pictures_without_a_face_have_none(name, shape, request):
    detector = request.getfixturevalue(name)
    assert detector.detect(np.full(shape, 127, np.uint8)) == []


def test_slim_pictures_bring_no_ghosts(yunet):
    """OpenCV's network reads unwritten memory where a side is 32 pixels or less."""
    rng = np.random.default_rng(5)
    for _ in range(40):
        slim = rng.integers(0, 255, (int(rng.integers(1, 33)), int(rng.integers(1, 300)), 3), np.uint8)
        assert all(face.box.width < 300 for face in yunet.detect(slim))


def test_our_own_network_is_the_default(detector_models):
    detector = build_detector(Settings(models=str(detector_models)))
    assert (detector.name, detector.title, detector.notice) == ("own", "Own network", None)


def test_it_looks_as_closely_as_it_is_told(detector_models):
    picture = np.zeros((360, 640, 3), np.uint8)
    picture[80:88, 80:88, 0] = 255
    counts = [
        len(build_detector(Settings(models=str(detector_models), detect_width=width)).detect(picture))
        for width in (None, 320, 640)
    ]
    assert counts == [0, 0, 1]


def test_haar_runs_with_a_notice_where_there_is_no_network_of_our_own(tmp_path):
    detector = build_detector(Settings(models=str(tmp_path)))
    assert (detector.name, detector.notice) == ("haar", HAAR_NOTICE)


def test_a_damaged_network_of_our_own_is_refused(tmp_path):
    (tmp_path / "detector").mkdir()
    with pytest.raises(ModelError, match=r"card\.json does not exist; export"):
        build_detector(Settings(models=str(tmp_path)))


def test_haar_that_was_asked_for_has_no_notice(haar):
    assert haar.notice is None


def test_a_missing_detector_file_is_refused(tmp_path):
    with pytest.raises(DetectorUnavailable, match=r"cannot read the detector file .*gone\.onnx.*; give"):
        build_detector(Settings(detector=str(tmp_path / "gone.onnx")))


def test_a_file_of_unknown_hash_is_refused(tmp_path):
    (tmp_path / "other.onnx").write_bytes(b"not the file that was checked")
    with pytest.raises(DetectorUnavailable, match=r"not a known YuNet release .*; download"):
        build_detector(Settings(detector=str(tmp_path / "other.onnx")))
