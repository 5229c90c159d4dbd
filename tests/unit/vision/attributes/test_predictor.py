import hashlib
import json
import shutil

import numpy as np
import pytest

from app.domain import Box, Face
from app.errors import ModelError
from app.vision.attributes.predictor import load_predictors
from app.vision.inference.crop_model import BATCH_SIZES


@pytest.fixture(scope="module")
def predictors(models_dir):
    return {predictor.card.name: predictor for predictor in load_predictors(models_dir)}


@pytest.fixture
def own_models(models_dir, tmp_path):
    """A copy that a test may damage."""
    return shutil.copytree(models_dir, tmp_path / "models")


def change_card(folder, **changes):
    path = folder / "card.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def face_at(x, y, side=40.0):
    return Face(Box(x, y, x + side, y + side), 0.9)


def test_every_folder_with_heads_is_loaded(predictors):
    assert sorted(predictors) == ["demographics", "emotion"]


def test_the_answers_are_the_models(predictors):
    bright, dark = np.full((100, 100, 3), 250, np.uint8), np.full((100, 100, 3), 5, np.uint8)
    card = predictors["emotion"].card
    for picture, label in ((bright, "happy"), (dark, "sad")):
        (row,) = predictors["emotion"].predict(picture, [face_at(30, 30)])
        emotion = card.estimates(row)["emotion"].probabilities
        assert max(emotion, key=emotion.get) == label


def test_age_and_sex_come_from_one_call(predictors):
    picture = np.full((100, 100, 3), 102, np.uint8)
    picture[..., 0] += 60
    picture[..., 2] -= 60
    (row,) = predictors["demographics"].predict(picture, [face_at(30, 30)])
    estimates = predictors["demographics"].card.estimates(row)
    assert estimates["age"].value == pytest.approx(40, abs=0.5)
    assert estimates["sex"].probabilities["female"] > 0.95


def test_race_is_told_only_where_it_is_asked_for(models_dir):
    picture = np.full((100, 100, 3), 102, np.uint8)
    for served in (("age", "sex", "race"), ("age", "sex")):
        (predictor,) = load_predictors(models_dir, served)
        (row,) = predictor.predict(picture, [face_at(30, 30)])
        assert tuple(predictor.card.estimates(row)) == served


def test_a_model_of_race_alone_is_loaded_only_where_it_is_asked_for(own_models):
    labels = [str(number) for number in range(108)]
    change_card(own_models / "demographics", heads=[{"attribute": "race", "kind": "classes", "labels": labels}])
    assert [one.card.name for one in load_predictors(own_models, ["emotion"])] == ["emotion"]
    assert [one.card.name for one in load_predictors(own_models, ["emotion", "race"])] == ["demographics", "emotion"]


def test_no_face_gives_no_row(predictors):
    rows = predictors["emotion"].predict(np.zeros((10, 10, 3), np.uint8), [])
    assert rows.shape == (0, 7)


@pytest.mark.parametrize("count", [1, 2, 5, BATCH_SIZES[-1], BATCH_SIZES[-1] + 3])
def test_each_face_gets_its_own_row_in_any_number(predictors, count):
    picture = np.repeat(np.linspace(0, 255, 600).astype(np.uint8)[None, :, None], 80, 0).repeat(3, 2)
    faces = [face_at(20 + 40 * number, 20) for number in range(count)]
    together = predictors["emotion"].predict(picture, faces)
    alone = np.concatenate([predictors["emotion"].predict(picture, [face]) for face in faces])
    assert together.dtype == np.float32
    assert together == pytest.approx(alone, abs=1e-4)
    happy = together[:, predictors["emotion"].card.heads[0].labels.index("happy")]
    assert (np.diff(happy) > 0).all()


@pytest.mark.parametrize(
    "image", [np.zeros((9, 9), np.uint8), np.zeros((9, 9, 4), np.uint8), np.zeros((9, 9, 3), np.float32)]
)
def test_pictures_that_are_not_rgb_uint8_are_refused(predictors, image):
    with pytest.raises(ValueError, match="not RGB uint8"):
        predictors["emotion"].predict(image, [face_at(0, 0)])


@pytest.mark.parametrize("folder", ["missing", "."])
def test_a_folder_without_models_is_refused(tmp_path, folder):
    with pytest.raises(ModelError, match="there is no model in .*; train"):
        load_predictors(tmp_path / folder)


def test_an_altered_model_is_refused(own_models):
    with (own_models / "emotion" / "model.tflite").open("ab") as file:
        file.write(b"more")
    with pytest.raises(ModelError, match="hash differs"):
        load_predictors(own_models)


def test_a_card_with_other_labels_than_outputs_is_refused(own_models):
    heads = [{"attribute": "emotion", "kind": "classes", "labels": ["happy", "sad"]}]
    change_card(own_models / "emotion", heads=heads)
    with pytest.raises(ModelError, match="gives 7 outputs, but its card has 2 labels; export"):
        load_predictors(own_models)


def test_a_card_with_another_patch_than_the_models_input_is_refused(own_models):
    change_card(own_models / "emotion", patch={"size": 64, "colour": "gray", "margin": 1.0})
    with pytest.raises(ModelError, match=r"takes uint8 \(48, 48, 1\), but its card cuts uint8 \(64, 64, 1\)"):
        load_predictors(own_models)


def test_a_file_that_is_no_model_is_refused_in_one_line(own_models):
    (own_models / "emotion" / "model.tflite").write_bytes(b"no model")
    change_card(own_models / "emotion", files={"model.tflite": hashlib.sha256(b"no model").hexdigest()})
    with pytest.raises(ModelError, match=r"LiteRT cannot load .*; export") as caught:
        load_predictors(own_models)
    assert "\n" not in str(caught.value)
