import numpy as np
import pytest

from app.attributes.estimate import ClassEstimate, NumberEstimate
from app.domain import Box, Face, Frame, ViewOptions
from app.vision.attributes.predictor import load_predictors
from app.vision.worker.adaptive_quality import QUALITY_LEVELS
from app.vision.worker.pipeline import Pipeline
from tests.support.fakes import FakeClock


class ScriptedDetector:
    """A `FaceDetector` that finds what it is told."""

    name, title = "scripted", "Scripted"

    def __init__(self, *found):
        self.notice, self.min_score = None, 0.5
        self._found = list(found)

    def detect(self, image):
        return [face for face in self.detect_candidates(image) if face.score >= self.min_score]

    def detect_candidates(self, image):
        return self._found.pop(0) if len(self._found) > 1 else self._found[0]


FACE = Face(Box(20, 20, 60, 70), 0.9)


def frame_at(index, level=128):
    return Frame(np.full((120, 160, 3), level, np.uint8), index, index / 30, 5.0)


@pytest.fixture(scope="module")
def predictors(models_dir):
    return load_predictors(models_dir, ("emotion", "age", "sex"))


def test_a_step_says_everything_of_every_face(predictors):
    other = Face(Box(90, 20, 130, 70), 0.8)
    result = Pipeline(ScriptedDetector([FACE, other]), predictors).step(frame_at(0))
    assert [face.id for face in result.faces] == [1, 2]
    for face in result.faces:
        assert list(face.estimates) == ["emotion", "age", "sex"]
        assert face.estimates["age"].value == pytest.approx(50, abs=1)
    assert (result.index, result.width, result.height, result.read_at_s) == (0, 160, 120, 5.0)


def test_every_view_is_drawn_and_encoded_once(predictors):
    pipeline = Pipeline(ScriptedDetector([FACE]), predictors)
    views = [ViewOptions.from_key(text) for text in ("", "boxes", "boxes,emotion")]
    pictures = pipeline.step(frame_at(0), views).jpegs
    assert list(pictures) == ["", "boxes", "boxes,emotion"]
    assert len(set(pictures.values())) == 3
    assert all(picture.startswith(b"\xff\xd8") for picture in pictures.values())


def test_a_mask_hides_emotion_and_age_and_shows_within_two_seconds(predictors, mask_models):
    """Green is a mask to the tiny model."""
    pipeline = Pipeline(ScriptedDetector([FACE]), [*predictors, *load_predictors(mask_models)])
    gray, green = (np.full((120, 160, 3), colour, np.uint8) for colour in (128, (40, 200, 40)))
    said = []
    for index in range(60):
        (face,) = pipeline.step(Frame(gray if index < 20 else green, index, index / 10, 5.0)).faces
        said.append(face.estimates)
    assert (said[0]["mask"].label, said[19]["age"].value) == ("none", pytest.approx(50, abs=1))
    worn = said[40]
    assert worn["mask"].label == "mask"
    assert worn["emotion"] == ClassEstimate(label="unsure")
    assert worn["age"] == NumberEstimate()


def test_without_views_nothing_is_drawn_or_encoded(predictors):
    result = Pipeline(ScriptedDetector([FACE]), predictors).step(frame_at(0))
    assert result.jpegs == {}
    assert set(result.stages_ms) == {"detect", "landmarks", "track", "predict", "smooth"}


def test_stages_are_told_in_milliseconds():
    pipeline = Pipeline(ScriptedDetector([]), [], clock=FakeClock(step_s=0.002))
    stages = pipeline.step(frame_at(0), [ViewOptions.from_key("boxes,age"), ViewOptions.from_key("")]).stages_ms
    assert stages == pytest.approx(
        {"detect": 2, "landmarks": 2, "track": 2, "predict": 2, "smooth": 2, "annotate": 4, "encode": 4}
    )


def test_the_rate_is_that_of_the_last_second():
    clock = FakeClock()
    pipeline = Pipeline(ScriptedDetector([]), [], clock=clock)
    rates = []
    for index in range(60):
        clock.now_s += 0.04 if index < 30 else 0.02
        rates.append(pipeline.step(frame_at(index)).fps)
    assert rates[29] == pytest.approx(25, rel=0.05)
    assert rates[59] == pytest.approx(38, rel=0.1)


def test_labels_are_smoothed_over_time(predictors):
    pipeline = Pipeline(ScriptedDetector([FACE]), predictors)
    for index in range(10):
        pipeline.step(frame_at(index, level=250))
    result = pipeline.step(frame_at(10, level=5))
    assert result.faces[0].estimates["emotion"].label == "happy"


def test_a_new_source_starts_afresh_with_new_ids(predictors):
    pipeline = Pipeline(ScriptedDetector([FACE]), predictors)
    pipeline.step(frame_at(50, level=250))
    pipeline.reset()
    (face,) = pipeline.step(frame_at(0, level=5)).faces
    assert face.id == 2
    assert face.estimates["emotion"].label == "sad"


class Counting(ScriptedDetector):
    """A `FaceDetector` that counts its looks."""

    looks = 0

    def detect_candidates(self, image):
        self.looks += 1
        return super().detect_candidates(image)


@pytest.mark.parametrize("fps", [10, 30, 60])
def test_the_work_follows_the_time_of_the_source(predictors, fps):
    """However many pictures a second come, as many looks and readings are made of a second."""
    detector, rows = Counting([FACE]), {"emotion": 0, "demographics": 0}
    pipeline = Pipeline(detector, [counted(one, rows) for one in predictors])
    for index in range(3 * fps):
        pipeline.step(Frame(np.full((120, 160, 3), 128, np.uint8), index, index / fps, 5.0))
    assert detector.looks == pytest.approx(10, abs=1)
    assert rows["emotion"] == pytest.approx(3 * min(fps, 15), abs=2)
    assert rows["demographics"] == pytest.approx(6, abs=1)


def test_with_less_detail_less_is_worked_and_then_all_again(predictors):
    detector, rows = Counting([FACE]), {"emotion": 0, "demographics": 0}
    pipeline = Pipeline(detector, [counted(one, rows) for one in predictors])
    read = []
    for second, level in enumerate((QUALITY_LEVELS[0], QUALITY_LEVELS[-1], QUALITY_LEVELS[0])):
        pipeline.set_quality(level)
        before = rows["emotion"]
        for index in range(30 * second, 30 * second + 30):
            pipeline.step(frame_at(index))
        read.append(rows["emotion"] - before)
        assert detector.input_scale == level.detection_scale
    assert read == [pytest.approx(15, abs=1), pytest.approx(5, abs=1), pytest.approx(15, abs=1)]


def test_faces_to_be_hidden_are_looked_for_as_closely_as_ever():
    detector = ScriptedDetector([FACE])
    pipeline, blurred = Pipeline(detector, []), [ViewOptions.from_key("blur")]
    pipeline.set_quality(QUALITY_LEVELS[-1])
    sizes = []
    for index, views in enumerate(([], blurred, [])):
        pipeline.step(frame_at(12 * index), views)
        sizes.append(detector.input_scale)
    assert sizes == [QUALITY_LEVELS[-1].detection_scale, 1.0, QUALITY_LEVELS[-1].detection_scale]


def counted(predictor, rows):
    """The predictor, with its rows counted by the name of its card."""

    class FaceFilter:
        card = predictor.card

        def predict(self, image, faces):
            rows[self.card.name] += len(faces)
            return predictor.predict(image, faces)

    return FaceFilter()


def test_between_looks_everybody_stays(predictors):
    pipeline = Pipeline(Counting([FACE]), predictors)
    for index in range(8):
        (face,) = pipeline.step(frame_at(index)).faces
        assert face.box == FACE.box
        assert {"emotion", "age", "sex"} <= set(face.estimates)


def test_where_faces_are_hidden_the_detector_looks_at_every_picture(predictors):
    detector = Counting([FACE])
    pipeline = Pipeline(detector, predictors)
    for index in range(6):
        pipeline.step(frame_at(index), [ViewOptions.from_key("blur")])
    assert detector.looks == 6
