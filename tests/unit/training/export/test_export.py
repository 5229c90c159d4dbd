"""A run becomes a folder that the app serves, and what is served is scored through the app's own code."""

import json
import shutil
from dataclasses import replace

import keras
import numpy as np
import pytest

from app.attributes.output_head import Head as CardHead
from app.domain import Face
from app.errors import ModelError, SettingsError, UnreadableMedia
from app.numerics import softmax
from app.vision.attributes.predictor import LiteRtPredictor, load_predictors
from app.vision.inference.crop_model import LiteRtCropModel
from app.vision.inference.face_crop import whole_image_pose
from app.vision.inference.face_pose import FacePose
from app.vision.inference.model_card import read_card
from tests.support.training import (
    TINY,
    drawn_face,
    emotion_tree,
    encoded,
    tiny_with,
    utkface_files,
    whole_image_patch,
    write_folder,
    write_tar,
)
from training.engine.train import train
from training.engine.weights import average
from training.evaluation.faces import evaluate
from training.export import formats
from training.export.export import export
from training.export.model_card import add_figures, change_card
from training.export.recalibration import recalibrate
from training.networks.pretrained import weighted_layers
from training.recipes.registry import find_recipe
from training.tasks.attributes.agreement import agreement
from training.tasks.attributes.patch_cache import load_splits
from training.tasks.attributes.serving import compare_served, log_shares, serving_model
from training.tasks.base import ExportOptions, TrainOptions


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A set, a finished run of the tiny recipe, and its exported model in `models/`."""
    home = tmp_path_factory.mktemp("home")
    write_folder(home / "set", emotion_tree(train=6, test=3))
    train(replace(TINY, start={"init": "imagenet"}), home / "set", home / "run", TrainOptions(2, cache=home / "cache"))
    export(TINY, home / "run", home / "models", ExportOptions(cache=home / "cache"))
    return home


def card_at(models):
    return json.loads((models / "tiny/card.json").read_text())


def card_of(home):
    return card_at(home / "models")


def test_the_card_says_what_is_served(home):
    card = card_of(home)
    assert card["name"] == "tiny"
    assert card["recipe"] == "tiny"
    assert card["patch"] == {"size": 16, "colour": "gray", "margin": 1.14, "offset_y": 0.0, "aligned": False}
    assert [head["labels"] for head in card["heads"]] == [list(TINY.task.heads[0].labels)]
    assert set(card["files"]) == {"model.tflite", "model.keras"}
    assert card["parameters"] == TINY.build().count_params()
    assert card["training"]["epochs"] == 2
    assert card["training"]["seed"] == 1
    assert card["training"]["batch"] == TINY.batch
    assert card["training"]["init"] == "imagenet"
    assert "non-commercial" in card["data"]["terms"]
    assert str(home) not in json.dumps(card), "a card names no path of the machine it was made on"


def test_other_weights_are_named_and_do_not_pass_for_the_best_epoch(home, tmp_path):
    export(TINY, home / "run", tmp_path, ExportOptions(cache=home / "cache", weights=home / "run/newest.weights.h5"))
    training = json.loads((tmp_path / "tiny/card.json").read_text())["training"]
    assert training["weights"] == "newest.weights.h5"
    assert training["epochs"] == 2
    assert not {"best_epoch", "best"} & set(training)
    assert "best_epoch" in card_of(home)["training"]


def test_the_app_loads_it_and_agrees_with_keras(home):
    (predictor,) = load_predictors(home / "models")
    patches = load_splits(TINY, home / "set", home / "cache").valid.patches
    served = predictor.predict_patches(patches)
    loaded = keras.models.load_model(home / "models/tiny/model.keras")
    np.testing.assert_allclose(served, loaded.predict(patches, verbose=0), atol=0.1)


def test_the_model_of_keras_carries_no_optimizer(home):
    assert not hasattr(keras.models.load_model(home / "models/tiny/model.keras"), "optimizer")


@pytest.mark.parametrize("file_format", ["int8", "float32"])
def test_any_number_of_faces_is_taken(home, tmp_path, file_format):
    export(TINY, home / "run", tmp_path, ExportOptions(cache=home / "cache", file_format=file_format))
    predictor = LiteRtPredictor(read_card(tmp_path / "tiny"))
    patches = load_splits(TINY, home / "set", home / "cache").valid.patches
    for count in (1, 2, 5, 20):
        assert predictor.predict_patches(patches[:count]).shape == (count, 7)
    alone = np.concatenate([predictor.predict_patches(patches[index : index + 1]) for index in range(8)])
    np.testing.assert_allclose(alone, predictor.predict_patches(patches[:8]), atol=1e-4)


def test_the_temperature_makes_the_labels_no_less_likely(home):
    from training.metrics.predictions import negative_log_likelihood

    valid = load_splits(TINY, home / "set", home / "cache").valid
    logits = serving_model(TINY, home / "run/best.weights.h5").predict(valid.patches, verbose=0)
    scale = card_of(home)["heads"][0]["temperature"]
    labels = valid.labels["emotion"]
    assert (
        negative_log_likelihood(softmax(logits / scale), labels)
        <= negative_log_likelihood(softmax(logits), labels) + 1e-6
    )


def test_a_served_model_is_calibrated_again_without_its_run(home, tmp_path):
    """The temperature is found again, of the file that is served; the rest of the card stays."""
    shutil.copytree(home / "models", tmp_path / "models")
    before = card_of(home)
    change_card(tmp_path / "models/tiny", {"heads": [{**before["heads"][0], "temperature": 3.0}]})
    (head,) = recalibrate(TINY, home / "set", tmp_path / "models")
    assert head["temperature"] == pytest.approx(before["heads"][0]["temperature"], rel=0.1)
    assert card_at(tmp_path / "models") == {
        **before,
        "heads": [{**before["heads"][0], "temperature": head["temperature"]}],
    }


def test_another_model_is_not_calibrated(home):
    with pytest.raises(ModelError, match="does not read what demographics-compact reads"):
        recalibrate(replace(find_recipe("demographics-compact"), network="tiny"), home / "set", home / "models")


def test_a_model_that_strays_is_refused_and_the_served_one_stays(home, monkeypatch):
    before = (home / "models/tiny/model.tflite").read_bytes(), card_of(home)
    other = TINY.build()
    real = formats.to_litert
    stranger = keras.Model(other.input, other.output["logits"])
    monkeypatch.setattr(formats, "to_litert", lambda model, kind: real(stranger, kind))
    with pytest.raises(ModelError, match="strays from Keras .*--format float32"):
        export(TINY, home / "run", home / "models", ExportOptions(cache=home / "cache"))
    assert before == ((home / "models/tiny/model.tflite").read_bytes(), card_of(home))
    assert [path.name for path in (home / "models").iterdir()] == ["tiny"]


def test_the_tolerance_is_kept(home):
    valid = load_splits(TINY, home / "set", home / "cache").valid
    logits = serving_model(TINY, home / "run/best.weights.h5").predict(valid.patches, verbose=0)
    assert "labels agree on" in compare_served(home / "models/tiny", valid.patches, logits)
    with pytest.raises(ModelError, match="strays"):
        compare_served(home / "models/tiny", valid.patches, np.roll(logits, 1, axis=1))


def test_missing_and_foreign_weights_are_one_line(home, tmp_path):
    with pytest.raises(ModelError, match=r"there is no .*best\.weights\.h5; train tiny first"):
        export(TINY, tmp_path, tmp_path / "models", ExportOptions(data=home / "set", cache=home / "cache"))
    with pytest.raises(SettingsError, match="does not say what it was trained on; give --data"):
        export(TINY, tmp_path, tmp_path / "models", ExportOptions(cache=home / "cache"))
    with pytest.raises(ModelError, match="does not fit emotion-cnn"):
        serving_model(find_recipe("emotion-cnn"), home / "run/best.weights.h5")


@pytest.mark.soak
def test_a_network_trained_in_bfloat16_is_exported_in_float32(home, tmp_path):
    train(TINY, home / "set", tmp_path / "run", TrainOptions(1, mixed=True, cache=home / "cache"))
    folder = export(TINY, tmp_path / "run", tmp_path / "models", ExportOptions(cache=home / "cache"))
    assert {weight.dtype for weight in keras.models.load_model(folder / "model.keras").weights} == {"float32"}


@pytest.mark.parametrize("name", ["emotion-compact", "demographics-compact"])
@pytest.mark.parametrize("side", [48, 64, 112, 160])
def test_training_and_serving_see_the_same_bytes(name, side):
    """One picture through the training path, and as a face through the app's predictor."""
    recipe, image = find_recipe(name), drawn_face(5, side=side)
    seen = []

    class Spy(LiteRtCropModel):
        def __init__(self):
            self.patch = recipe.task.patch

        def run_patches(self, patches):
            seen.append(patches)
            return patches

    Spy().run(image, [FacePose.from_face(Face(whole_image_pose(side, side, recipe.task.patch).box, 1.0))])
    assert seen[0][0].tobytes() == whole_image_patch(image, recipe.task.patch).tobytes()


def test_prepared_patches_are_those_bytes(home):
    valid = load_splits(TINY, home / "set", home / "cache").valid
    dealt = TINY.task.source.split(TINY.task.source.read(home / "set", False))
    assert valid.patches[3].tobytes() == whole_image_patch(dealt.valid[3].image, TINY.task.patch).tobytes()


def test_emotion_is_scored_as_counted_by_hand(home):
    report = evaluate("emotion", home / "set", "test", home / "models")
    (predictor,) = load_predictors(home / "models")
    right = []
    for sample in TINY.task.source.read(home / "set", False).samples:
        if sample.split == "test":
            box = whole_image_pose(48, 48, TINY.task.patch).box
            (row,) = predictor.predict(sample.image, [Face(box, 1.0)])
            emotion = predictor.card.estimates(row)["emotion"].probabilities
            right.append(max(emotion, key=emotion.get) == sample.labels["emotion"])
    assert report.figures["n"] == 21
    assert report.figures["accuracy"] == pytest.approx(np.mean(right))
    assert set(report.figures) >= {"n", "accuracy", "balanced_accuracy", "ece"}
    assert "PublicTest was used to choose" in report.note


def test_without_a_split_every_picture_is_scored_even_blank_ones(home, tmp_path):
    files = {f"x/{name}": content for name, content in emotion_tree(train=1, test=1).items()}
    files["happy/blank.png"] = encoded(np.full((48, 48, 3), 9, np.uint8))
    files["happy/bad.png"] = b"broken"
    files["contempt/a.png"] = encoded(drawn_face(1))
    report = evaluate("emotion", write_tar(tmp_path / "any.tar", files), None, home / "models")
    assert report.figures["n"] == 15
    assert {one.name: one.reason for one in report.rejected} == {
        "happy/bad.png": "cannot be decoded",
        "contempt/a.png": "unknown emotion 'contempt'",
    }


def test_a_split_that_the_set_lacks_is_one_line(home):
    with pytest.raises(SettingsError, match="has no valid split; it has test, train"):
        evaluate("emotion", home / "set", "valid", home / "models")


def test_no_usable_picture_is_one_line(home, tmp_path):
    with pytest.raises(UnreadableMedia, match="no usable picture"):
        evaluate("emotion", write_folder(tmp_path, {"happy/bad.png": b""}), None, home / "models")


def test_a_model_that_does_not_read_it_is_one_line(home, tmp_path):
    with pytest.raises(ModelError, match="no model in .* reads age and sex"):
        evaluate("demographics", write_folder(tmp_path, utkface_files(2)), None, home / "models")


def test_demographics_are_scored_with_ages_and_sexes_known(models_dir, tmp_path):
    """The test models answer 100 times the brightness as age, and female where red outweighs blue."""
    images = [np.full((64, 64, 3), tone, np.uint8) for tone in ((250, 90, 60), (10, 20, 60))]
    files = {"30_1_0_1.png": encoded(images[0]), "40_1_0_2.png": encoded(images[1])}
    report = evaluate("demographics", write_folder(tmp_path, files), None, models_dir)
    (predictor,) = (one for one in load_predictors(models_dir) if one.card.name == "demographics")
    box = whole_image_pose(64, 64, predictor.card.patch).box
    logits = [predictor.predict(image, [Face(box, 1.0)])[0] for image in images]
    errors = np.array([predictor.card.estimates(row)["age"].value for row in logits]) - [30, 40]
    assert report.figures["n"] == 2, "pictures of one tone are scored too"
    assert report.figures["mae_years"] == pytest.approx(np.abs(errors).mean())
    assert report.figures["rmse_years"] == pytest.approx(np.sqrt((errors**2).mean()))
    assert report.figures["sex_accuracy"] == 0.5


def test_the_test_split_of_utkface_is_the_one_held_out_in_training(models_dir, tmp_path):
    recipe = find_recipe("demographics-compact")
    path = write_tar(tmp_path / "utkface.tar.gz", utkface_files(60))
    counts = {s: evaluate("demographics", path, s, models_dir).figures["n"] for s in ("train", "valid", "test")}
    splits = load_splits(recipe, path, tmp_path / "cache")
    assert counts == {s: len(getattr(splits, s).patches) for s in counts}
    assert sum(counts.values()) == evaluate("demographics", path, None, models_dir).figures["n"] == 60


def test_figures_join_the_card_and_leave_the_model_loadable(home, tmp_path):
    export(TINY, home / "run", tmp_path, ExportOptions(cache=home / "cache"))
    add_figures(tmp_path / "tiny", "set test", {"n": 3, "command": "python -m training evaluate emotion"})
    add_figures(tmp_path / "tiny", "set valid", {"n": 4})
    card = json.loads((tmp_path / "tiny/card.json").read_text())
    assert list(card["figures"]) == ["set test", "set valid"]
    assert len(load_predictors(tmp_path)) == 1


def test_labels_that_are_as_likely_may_change_places():
    head = CardHead("emotion", "classes", ("a", "b"))
    tied, apart = np.array([[0.0, 0.001]] * 4), np.array([[0.0, 0.1]] * 4)
    assert "100.00%" in agreement([head], -tied, tied)
    with pytest.raises(ModelError, match="labels agree on 0.00%"):
        agreement([head], -apart, apart)


def test_flip_augmentation_gives_the_mean_of_both_images_also_of_several_faces(home, tmp_path):
    recipe = tiny_with(flip_tta=True)
    plain, both = (serving_model(one, home / "run/newest.weights.h5") for one in (TINY, recipe))
    patches = load_splits(TINY, home / "set", home / "cache").valid.patches
    higher = np.concatenate([patches[:, 1:], patches[:, -1:]], axis=1)[:, :, ::-1]
    expected = (plain.predict(patches, verbose=0) + plain.predict(higher, verbose=0)) / 2
    np.testing.assert_allclose(both.predict(patches, verbose=0), expected, atol=1e-5)
    export(recipe, home / "run", tmp_path, ExportOptions(cache=home / "cache", weights=home / "run/newest.weights.h5"))
    served = LiteRtPredictor(read_card(tmp_path / "tiny")).predict_patches(patches)
    np.testing.assert_allclose(served, expected, atol=0.05)
    assert card_at(tmp_path)["parameters"] == TINY.build().count_params()


def test_what_was_more_frequent_loses_its_start():
    shares = log_shares(np.array([0, 0, 0, 1, -1]))
    np.testing.assert_allclose(np.exp(shares), [0.75, 0.25], atol=1e-6)
    drawn = log_shares(np.array([0, 0, 0, 1, -1]), np.array([1.0, 1, 1, 2, 9]))
    np.testing.assert_allclose(np.exp(drawn), [0.6, 0.4], atol=1e-6)


def test_logit_adjustment_subtracts_the_shares_of_training(home, tmp_path):
    def bias(folder, recipe):
        export(recipe, home / "run", folder, ExportOptions(cache=home / "cache"))
        return weighted_layers(keras.models.load_model(folder / "tiny/model.keras"))[-1].get_weights()[1]

    splits = load_splits(TINY, home / "set", home / "cache")
    expected = 0.5 * log_shares(splits.train.labels["emotion"])
    plain, adjusted = bias(tmp_path / "plain", TINY), bias(tmp_path / "adjusted", tiny_with(logit_adjustment=0.5))
    np.testing.assert_allclose(plain - adjusted, expected, atol=1e-6)


def test_the_mean_of_weights_can_be_served(home, tmp_path):
    files = [home / "run" / name for name in ("best.weights.h5", "newest.weights.h5")]
    done = average(TINY, files, tmp_path / "new/mean.weights.h5")
    first, second, mean = (serving_model(TINY, file).get_weights() for file in (*files, done))
    for one, other, middle in zip(first, second, mean, strict=True):
        np.testing.assert_allclose(middle, (one + other) / 2, atol=1e-6)
    assert any(not np.array_equal(one, other) for one, other in zip(first, second, strict=True))
    export(TINY, home / "run", tmp_path, ExportOptions(cache=home / "cache", weights=done))
    assert card_at(tmp_path)["training"]["weights"] == "mean.weights.h5"
    with pytest.raises(ModelError, match="does not fit emotion-cnn"):
        average(find_recipe("emotion-cnn"), files, tmp_path / "mean.weights.h5")
