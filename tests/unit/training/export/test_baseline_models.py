"""Networks of tutorials run in the app beside its own: `--models` with their exports, ages as plain numbers."""

import json
from dataclasses import replace

import keras
import numpy as np
import pytest

from app.analysis.analyzer import Analyzer
from app.paths import ASSETS
from app.settings import Settings
from app.vision.inference.face_crop import whole_image_pose
from app.vision.landmarks.network import LandmarkNetwork, read_landmark_card
from tests.support.training import drawn_face
from training.datasets.dataset_spec import DatasetSplits
from training.datasets.fer2013 import FER2013
from training.engine.run_dir import BEST, write_run
from training.export.export import export
from training.recipes.registry import find_recipe
from training.samples.sample import Dataset, Sample
from training.tasks.base import ExportOptions

LABELS = {"sex": "female", "age": 30.0, "emotion": "happy"}
POINTS = np.random.default_rng(1).uniform(20, 70, (15, 2)).astype(np.float32)


pytestmark = pytest.mark.soak


@pytest.fixture(scope="module")
def baselines(tmp_path_factory):
    """Untrained tutorial networks, as `export RECIPE --run RUN --models baselines` writes them."""
    home = tmp_path_factory.mktemp("home")
    samples = [Sample(str(seed), drawn_face(seed, side=96), LABELS, points=POINTS) for seed in range(12)]
    source = replace(
        FER2013,
        inputs=lambda path: [path],
        read=lambda path, keep_blank: Dataset(samples),
        split=lambda dataset: DatasetSplits(samples, samples, [], ()),
    )
    for name in ("emotion-cnn", "age-cnn", "sex-cnn", "landmarks-cnn"):
        recipe = find_recipe(name)
        recipe = replace(recipe, task=replace(recipe.task, source=source))
        write_run(recipe, home, home / name, {})
        recipe.build().save_weights(home / name / BEST)
        models = home / ("landmarks" if name == "landmarks-cnn" else "baselines")
        # Untrained networks say nearly the same of every face, so that the rounding of int8 would be too much.
        export(recipe, home / name, models, ExportOptions(cache=home / "cache", file_format="float32"))
        keras.backend.clear_session()
    return home


def test_emotion_age_and_sex_are_read_live(baselines):
    result = Analyzer(Settings(models=str(baselines / "baselines")))(ASSETS / "portraits" / "eileen_collins.png")
    (face,) = result.faces
    values = face.to_dict()
    assert set(values["emotion"]["probabilities"]) >= {"happy", "sad"}
    assert isinstance(values["age"]["years"], float)
    assert values["age"]["interval"] is None, "a plain number has no interval"
    assert 0 <= values["sex"]["p_female"] <= 1


def test_a_plain_number_stands_in_the_card_as_such(baselines):
    card = json.loads((baselines / "baselines/age/card.json").read_text())
    assert card["heads"] == [{"attribute": "age", "kind": "number"}]
    assert "estimating how old a face looks" in card["use"]["for"][0]


def test_plain_landmarks_track_a_face_and_take_everything_for_one(baselines):
    card = read_landmark_card(baselines / "landmarks/landmarks")
    network = LandmarkNetwork(card)
    image = drawn_face(3, side=96)
    points, logits = network.predict(image, [whole_image_pose(96, 96, card.patch)])
    assert points.shape == (1, 15, 2)
    assert logits[0] > 1
    assert network.detect_points(image, whole_image_pose(96, 96, card.patch)) is not None
    about = json.loads((baselines / "landmarks/landmarks/card.json").read_text())
    assert about["kind"] == "landmarks"
    assert about["training"]["score"].startswith("none: every detection is taken for a face")
