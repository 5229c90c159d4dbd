"""Expressions of several sources: read in every form, split by person, joined with FER2013, and scored by source."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from app.errors import UnreadableMedia
from tests.support.training import drawn_face, emotion_tree, encoded, write_csv, write_folder, write_tar
from training.cli.main import main
from training.datasets.catalog import EXPRESSIONS
from training.datasets.detect_format import detect_format
from training.datasets.emotions import FER2013_AND_EXPRESSIONS
from training.datasets.fer2013 import FER2013
from training.datasets.readers import expressions
from training.engine.run_dir import BEST, write_run
from training.metrics.predictions import wilson_interval
from training.recipes.registry import find_recipe
from training.recipes.served.emotion_compact import draws
from training.samples.framing import EXPRESSIONS_FRAMING
from training.samples.labels import EMOTIONS
from training.samples.sample import Sample, count_reasons

SETS = Path(__file__).resolve().parents[5] / "shared" / "data"
HEADER = ("file", "emotion", "source", "person", "acted")


def expression_set(folder: Path, count: int = 8, pictures: str = "expressions.tar") -> Path:
    """Pictures of two sources; of `studio` persons are known, each with two pictures."""
    files = {f"{index}.png": encoded(drawn_face(index, side=72)) for index in range(count)}
    folder.mkdir(parents=True, exist_ok=True)
    rows = [
        (file, EMOTIONS[index % 7], *((("studio", f"p{index // 4}"), ("web", ""))[index % 2]), str(1 - index % 2))
        for index, file in enumerate(files)
    ]
    write_csv(folder / expressions.LABELS_FILE, rows, HEADER)
    return write_tar(folder / pictures, files) if pictures.endswith("tar") else write_folder(folder / pictures, files)


@pytest.mark.parametrize("pictures", ["expressions.tar", "pictures"])
def test_expressions_are_found_and_read_in_every_form(tmp_path: Path, pictures: str) -> None:
    path = expression_set(tmp_path / "expressions", pictures=pictures)
    for given in (path, path.parent):
        assert detect_format(given) is EXPRESSIONS
        samples = EXPRESSIONS.read(given if pictures.endswith("tar") else path, False).samples
        assert [sample.labels["emotion"] for sample in samples] == [EMOTIONS[index % 7] for index in range(8)]
    assert samples[0].labels == {"emotion": "angry", "source": "studio", "person": "p0"}
    assert samples[1].labels == {"emotion": "disgust", "source": "web"}
    assert samples[0].framing is EXPRESSIONS_FRAMING


def test_compound_expressions_beside_them_are_not_read(tmp_path: Path) -> None:
    folder = expression_set(tmp_path / "expressions").parent
    write_tar(folder / "compound.tar", {"100.png": encoded(drawn_face(100))})
    assert len(EXPRESSIONS.read(tmp_path, False).samples) == 8
    assert EXPRESSIONS.inputs(tmp_path) == [folder / "expressions.tar", folder / expressions.LABELS_FILE]


def test_expressions_list_every_bad_row_and_file(tmp_path: Path) -> None:
    names = ("good", "no_emotion", "no_source", "odd", "twice", "unlisted", "blank", "broken")
    files = {f"{name}.png": encoded(drawn_face(seed)) for seed, name in enumerate(names)}
    files |= {"blank.png": encoded(np.full((72, 72, 3), 90, np.uint8)), "broken.png": files["broken.png"][:60]}
    path = write_folder(tmp_path / "set", files)
    (tmp_path / "labels.csv").write_text("""file,emotion,source
./good.png,Happy,web
no_emotion.png,,web
no_source.png,sad
odd.png,contempt,web
twice.png,sad,web
twice.png,fear,web
blank.png,fear,web
broken.png,fear,web
gone.png,fear,web
""")
    dataset = expressions.read(path, tmp_path / "labels.csv")
    assert [(sample.name, sample.labels["emotion"]) for sample in dataset.samples] == [("good.png", "happy")]
    assert {one.name: one.reason for one in dataset.rejected} == {
        "no_emotion.png": "missing label",
        "no_source.png": "missing label",
        "odd.png": "unknown emotion 'contempt'",
        "twice.png": "labelled twice, differently",
        "unlisted.png": "missing label",
        "blank.png": "blank picture",
        "broken.png": "cannot be decoded",
        "gone.png": "labelled, but there is no such picture",
    }
    assert len(expressions.read(path, tmp_path / "labels.csv", keep_blank=True).samples) == 2
    (tmp_path / "labels.csv").write_text("file,emotion\n")
    with pytest.raises(UnreadableMedia, match="has no column source; expected file,emotion,source"):
        expressions.read(path, tmp_path / "labels.csv")


def test_no_person_is_in_two_splits_and_pictures_without_one_are_in_all(tmp_path: Path) -> None:
    dataset = EXPRESSIONS.read(expression_set(tmp_path / "set", 400), False)
    splits = EXPRESSIONS.split(dataset)
    parts = (splits.train, splits.valid, splits.test)
    persons = [{sample.labels["person"] for sample in part if "person" in sample.labels} for part in parts]
    assert all(persons)
    assert sum(map(len, persons)) == len(set.union(*persons)) == 100
    assert all(any("person" not in sample.labels for sample in part) for part in parts)
    assert sum(map(len, parts)) == 400


def test_identical_pictures_with_other_emotions_are_left_out(tmp_path: Path) -> None:
    path = write_folder(tmp_path / "set", {f"{name}.png": encoded(drawn_face(7)) for name in "ab"})
    write_csv(tmp_path / expressions.LABELS_FILE, [("a.png", "sad", "web"), ("b.png", "fear", "web")], HEADER[:3])
    rejected = EXPRESSIONS.split(EXPRESSIONS.read(path, False)).rejected
    assert count_reasons(rejected) == {"identical picture with another emotion": 2}


def test_fer2013_and_expressions_are_each_split_by_their_own_rule(tmp_path: Path) -> None:
    write_folder(tmp_path / "fer2013", emotion_tree())
    expression_set(tmp_path / "expressions", 100)
    joined = FER2013_AND_EXPRESSIONS.split(FER2013_AND_EXPRESSIONS.read(tmp_path, False))
    alone = EXPRESSIONS.split(EXPRESSIONS.read(tmp_path / "expressions", False))
    for split in ("train", "valid", "test"):
        names = [sample.name for sample in joined.part(split)]
        others = [name.removeprefix("Expressions/") for name in names if name.startswith("Expressions/")]
        assert others == [sample.name for sample in alone.part(split)]
        assert sum(name.startswith("FER2013/") for name in names) == {"train": 21, "valid": 14, "test": 0}[split]
    only = FER2013_AND_EXPRESSIONS.read(tmp_path / "fer2013", False)
    assert len(only.samples) == len(FER2013.read(tmp_path / "fer2013", False).samples) == 35
    assert len(FER2013_AND_EXPRESSIONS.inputs(tmp_path)) == 3


def test_sources_with_few_pictures_are_drawn_more_often() -> None:
    picture = np.zeros((1, 1, 3), np.uint8)
    labels = [{}] * 6 + [{"source": "sfew"}] * 2
    weights = draws([Sample("", picture, {"emotion": "sad", **one}) for one in labels])
    np.testing.assert_allclose(weights, [0.8] * 6 + [1.6] * 2)


def test_a_run_is_scored_by_source(tmp_path: Path, landmark_models: Path) -> None:
    recipe = find_recipe("emotion-compact")
    write_run(recipe, tmp_path, tmp_path / "run", {})
    recipe.build().save_weights(tmp_path / "run" / BEST)
    path = expression_set(tmp_path / "expressions", 20)
    words = ("evaluate", "emotion", "--data", path, "--run", tmp_path / "run", "--models", landmark_models)
    done = CliRunner().invoke(main, [*map(str, (*words, "--json", tmp_path / "figures.json"))])
    assert done.exit_code == 0, done.output
    figures = json.loads((tmp_path / "figures.json").read_text())
    assert (figures["n"], figures["n_studio"], figures["n_web"]) == (20, 10, 10)
    mean = (figures["accuracy_studio"] + figures["accuracy_web"]) / 2
    assert figures["mean_of_sources"] == pytest.approx(mean) == pytest.approx(figures["accuracy"])
    assert (figures["accuracy_web_low"], figures["accuracy_web_high"]) == wilson_interval(
        round(10 * figures["accuracy_web"]), 10
    )
    # Two halves of equal size: the standard error of their mean.
    variance = sum(figures[f"accuracy_{name}"] * (1 - figures[f"accuracy_{name}"]) / 10 for name in ("studio", "web"))
    assert figures["mean_of_sources_high"] - mean == pytest.approx(1.96 * variance**0.5 / 2, abs=1e-4)


@pytest.mark.soak
def test_the_real_set_is_read_whole() -> None:
    if not (SETS / "expressions").is_dir():
        pytest.skip(f"no {SETS / 'expressions'}: the real set is not read here")
    dataset = EXPRESSIONS.read(SETS / "expressions", False)
    assert (len(dataset.samples), len(dataset.rejected)) == (9474, 0)
    splits = EXPRESSIONS.split(dataset)
    sources = {sample.labels["source"] for sample in splits.train}
    for part in (splits.valid, splits.test):
        assert {sample.labels["emotion"] for sample in part} == set(EMOTIONS)
        assert {sample.labels["source"] for sample in part} == sources
        assert len(part) > 800
