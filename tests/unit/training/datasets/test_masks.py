"""Faces with masks: read in every public form, dealt by group, drawn where none is worn, and scored by source."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from app.errors import UnreadableMedia
from tests.support.training import drawn_face, encoded, utkface_files, write_csv, write_folder, write_tar
from training.cli.main import main
from training.datasets.catalog import MASKS, UTKFACE, masks_corrected_by, masks_labelled_in
from training.datasets.class_balance import tempered_class_weights
from training.datasets.detect_format import detect_format
from training.datasets.readers import masks
from training.datasets.readers.tables import read_rows
from training.engine.run_dir import BEST, write_run
from training.evaluation.details import known_failures
from training.metrics.class_scores import ClassScores
from training.metrics.mask_metrics import mask_figures
from training.recipes.registry import find_recipe
from training.samples.labels import MASK_STATES
from training.samples.sample import Sample, count_reasons
from training.transforms.synthetic_masks import (
    MASKS_WITH_SYNTHETIC,
    SYNTHETIC_SOURCE,
    draw_synthetic_masks,
)

SETS = Path(__file__).resolve().parents[5] / "shared" / "data"
CORRECTIONS = Path(masks.__file__).parents[1] / "mask_corrections.csv"
HEADER = ("file", "label", "source", "synthetic", "group")


def faces(count: int) -> dict[str, bytes]:
    return {f"{index}.png": encoded(drawn_face(index)) for index in range(count)}


def mask_set(folder: Path, count: int = 120, pictures: str = "masks.tar") -> Path:
    """Groups of two pictures, every third label synthetic; returns what to give as `--data`."""
    files = faces(count)
    folder.mkdir(exist_ok=True)
    rows = [
        (file, MASK_STATES[index % 3], ("street", "studio")[index % 2], str(int(index % 3 == 1)), f"g{index // 2}")
        for index, file in enumerate(files)
    ]
    write_csv(folder / masks.LABELS_FILE, rows, HEADER)
    return write_tar(folder / pictures, files) if pictures.endswith("tar") else write_folder(folder / pictures, files)


@pytest.mark.parametrize("pictures", ["masks.tar", "pictures"])
def test_masks_are_found_and_read_in_every_form(tmp_path: Path, pictures: str) -> None:
    path = mask_set(tmp_path / "masks", 4, pictures)
    for given in (path, path.parent):
        assert detect_format(given) is MASKS
        samples = MASKS.read(given, False).samples
        assert [sample.labels["mask"] for sample in samples] == ["none", "mask", "wrong", "none"]
    assert samples[1].labels == {"mask": "mask", "source": "studio", "synthetic": "1", "group": "g0"}
    assert len(MASKS.read(tmp_path, False).samples) == 4


def test_masks_list_every_bad_row_and_file(tmp_path: Path) -> None:
    names = ["good", "plain", "no_label", "odd_label", "twice", "no_group", "odd_drawn", "unlisted"]
    files = {f"{name}.png": encoded(drawn_face(seed)) for seed, name in enumerate(names)}
    blank = encoded(np.full((48, 48, 3), 128, np.uint8))
    path = write_folder(tmp_path / "set", {**files, "broken.png": b"x", "blank.png": blank})
    (tmp_path / "labels.csv").write_text("""file,label,source,synthetic,group
good.png, Mask ,a,0,g1
good.png,mask,a,0,g1
./plain.png,none,a,0,g2
no_label.png,,a,0,g3
odd_label.png,scarf,a,0,g3
twice.png,mask,a,0,g3
twice.png,wrong,a,0,g3
no_group.png,mask,a,0,
odd_drawn.png,mask,a,yes,g3
broken.png,mask,a,0,g3
blank.png,mask,a,0,g3
gone.png,mask,a,0,g3
,mask,a,0,g3
""")
    dataset = masks.read(path, tmp_path / "labels.csv")
    assert [sample.name for sample in dataset.samples] == ["good.png", "plain.png"]
    assert {one.name: one.reason for one in dataset.rejected} == {
        "no_label.png": "missing label",
        "odd_label.png": "unknown label 'scarf'",
        "twice.png": "labelled twice, differently",
        "no_group.png": "missing group",
        "odd_drawn.png": "unknown synthetic 'yes'",
        "unlisted.png": "missing label",
        "broken.png": "cannot be decoded",
        "blank.png": "blank picture",
        "gone.png": "labelled, but there is no such picture",
        "row 12": "labelled, but there is no such picture",
    }
    assert len(masks.read(path, tmp_path / "labels.csv", keep_blank=True).samples) == 3


def test_a_plain_table_labels_files_in_folders_too(tmp_path: Path) -> None:
    path = write_folder(tmp_path / "set", {f"{name}/1.png": encoded(drawn_face(7)) for name in "ab"})
    table = write_csv(tmp_path / "mine.csv", [("a/1.png", "mask"), ("b/1.png", "none")], ("file", "label"))
    source = masks_labelled_in(table)
    samples = source.read(path, False).samples
    assert [sample.labels for sample in samples] == [{"mask": "mask"}, {"mask": "none"}]
    assert source.inputs(path) == [path, table]
    assert count_reasons(source.split(source.read(path, False)).rejected) == {"identical picture with another mask": 2}
    with pytest.raises(UnreadableMedia, match="no masks.csv beside"):
        MASKS.read(path, False)


def test_corrected_labels_replace_those_that_they_name(tmp_path: Path) -> None:
    path = mask_set(tmp_path / "masks", 4)
    rows = [("0.png", "none", "wrong", "worn under the nose"), ("1.png", "none", "wrong", "of another version")]
    table = write_csv(tmp_path / "mine.csv", rows, (*masks.CORRECTION_COLUMNS, "reason"))
    corrected = masks_corrected_by(table)
    assert [s.labels["mask"] for s in corrected.read(path, False).samples] == ["wrong", "mask", "wrong", "none"]
    assert corrected.inputs(path) == [*MASKS.inputs(path), table]
    with pytest.raises(UnreadableMedia, match="has no column corrected; expected file,label,corrected"):
        masks_corrected_by(write_csv(table, [], HEADER[:2])).read(path, False)


def test_the_listed_corrections_fit_the_real_set() -> None:
    if not (SETS / "masks").is_dir():
        pytest.skip(f"no {SETS / 'masks'}: the real set is not read here")
    before, after = (spec.read(SETS / "masks", False) for spec in (MASKS, masks_corrected_by(CORRECTIONS)))
    changed = {a.name for a, b in zip(before.samples, after.samples, strict=True) if a.labels != b.labels}
    assert changed == {row["file"] for row in read_rows(CORRECTIONS, ("file", "reason")) if row["reason"]}
    held_out = MASKS.split(before)
    assert changed <= {sample.name for sample in (*held_out.valid, *held_out.test)}, "training labels stay"


def test_no_group_is_in_two_parts_and_what_is_drawn_is_only_learnt_from(tmp_path: Path) -> None:
    dataset = MASKS.read(mask_set(tmp_path), False)
    alone = replace(dataset.samples[0], labels={**dataset.samples[1].labels, "group": "g6"})
    dealt = MASKS.split(replace(dataset, samples=[*dataset.samples, alone]))
    parts = [{sample.labels["group"] for sample in part} for part in (dealt.train, dealt.valid, dealt.test)]
    assert all(parts)
    assert sum(map(len, parts)) == len(set.union(*parts))
    assert not any(sample.labels["synthetic"] == "1" for sample in (*dealt.valid, *dealt.test))
    kept = [sample for sample in dealt.train if sample.labels["synthetic"] == "1"]
    why = count_reasons(dealt.rejected)
    assert len(kept) + why["a drawn mask on a face to choose by or to score on"] == 40
    assert kept


def test_masks_are_drawn_on_training_faces_only_and_alike_each_time(tmp_path: Path) -> None:
    mask_set(tmp_path / "masks", 30)
    write_folder(tmp_path / "utkface", utkface_files(30))
    train = {sample.content_hash for sample in UTKFACE.split(UTKFACE.read(tmp_path / "utkface", False)).train}
    dealt = MASKS_WITH_SYNTHETIC.split(MASKS_WITH_SYNTHETIC.read(tmp_path, False))
    drawn = [sample for sample in dealt.train if sample.labels["source"] == SYNTHETIC_SOURCE]
    assert len(drawn) == len(train)
    assert {sample.labels["mask"] for sample in drawn} == set(MASK_STATES)
    assert {one.content_hash for one in drawn if one.labels["mask"] == "none"} < train
    assert not any(sample.labels["source"] == SYNTHETIC_SOURCE for sample in (*dealt.valid, *dealt.test))
    again = MASKS_WITH_SYNTHETIC.read(tmp_path, False).samples[-1]
    assert again.content_hash == next(one.content_hash for one in drawn if one.name == again.name)
    assert len(list(draw_synthetic_masks(UTKFACE, tmp_path / "utkface", lambda sample: None))) == 0
    assert len(MASKS_WITH_SYNTHETIC.inputs(tmp_path)) == 3


def test_the_tutorial_learns_from_one_source_alone(tmp_path: Path) -> None:
    files = {f"{index}.png": encoded(drawn_face(index)) for index in range(40)}
    rows = [
        (f"{index}.png", MASK_STATES[index % 3], "prajnasb" if index < 30 else "street", str(index % 2), str(index))
        for index in range(40)
    ]
    path = write_folder(tmp_path / "set", files)
    write_csv(tmp_path / masks.LABELS_FILE, rows, HEADER)
    source = find_recipe("mask-mobilenetv2").task.source
    dealt = source.split(source.read(path, False))
    assert len(dealt.train) + len(dealt.valid) == 20
    assert {one.labels["mask"] for one in dealt.train} == {"none", "mask"}
    assert {one.labels["source"] for one in (*dealt.train, *dealt.valid)} == {"prajnasb"}
    assert not dealt.test
    assert count_reasons(dealt.rejected) == {"unknown mask 'wrong'": 13, "of another source": 7}


def test_every_source_is_scored_on_its_own() -> None:
    probabilities = np.array([[0.8, 0.1, 0.1], [0.3, 0.1, 0.6], [0.1, 0.4, 0.5], [0.2, 0.2, 0.6]])
    scores = ClassScores("mask", MASK_STATES, probabilities, np.array([0, 1, 1, 2]))
    samples = [Sample("", np.zeros((1, 1, 3), np.uint8), {"source": source}) for source in "aabb"]
    assert mask_figures(scores, samples) == pytest.approx(
        {
            "n_none_or_mask": 3,
            "mask_vs_none": 2 / 3,
            "none_or_mask_accuracy": 1 / 3,
            "n_a": 2,
            "balanced_accuracy_a": 0.5,
            "mask_vs_none_a": 0.5,
            "n_b": 2,
            "balanced_accuracy_b": 0.5,
            "mask_vs_none_b": 1.0,
        }
    )
    unknown = [Sample("", np.zeros((1, 1, 3), np.uint8), {}) for _ in range(4)]
    assert set(mask_figures(scores, unknown)) == {"n_none_or_mask", "mask_vs_none", "none_or_mask_accuracy"}


def test_the_worst_source_is_told() -> None:
    probabilities = np.eye(3)[[0] * 95 + [1] * 5]
    scores = ClassScores("mask", MASK_STATES, probabilities, np.zeros(100, int))
    sources = ["street"] * 60 + ["studio"] * 40
    samples = [Sample("", np.zeros((1, 1, 3), np.uint8), {"source": source}) for source in sources]
    assert list(known_failures([scores], samples)) == [
        "Mask, worst source with at least 30 faces: studio (40 faces), accuracy 88%; best source: accuracy 100%."
    ]
    assert not list(known_failures([scores], [samples[0]] * 100)), "a single source"


@pytest.mark.soak
def test_a_run_is_scored_on_a_plain_table_and_by_source(tmp_path: Path, landmark_models: Path) -> None:
    recipe = find_recipe("mask-compact")
    write_run(recipe, tmp_path, tmp_path / "run", {})
    recipe.build().save_weights(tmp_path / "run" / BEST)
    path = mask_set(tmp_path / "set", 8)
    table = write_csv(
        tmp_path / "mine.csv", [(f"{index}.png", MASK_STATES[index % 3]) for index in range(9)], HEADER[:2]
    )
    words = ("evaluate", "mask", "--data", path, "--run", tmp_path / "run", "--models", landmark_models)
    written = ("--json", tmp_path / "figures.json", "--out", tmp_path / "page")
    fixes = write_csv(tmp_path / "fixes.csv", [("0.png", "none", "mask")], masks.CORRECTION_COLUMNS)
    for labels, rejected in (((), 0), (("--labels", table), 1), (("--corrections", fixes), 0)):
        done = CliRunner().invoke(main, [*map(str, (*words, *written, *labels))])
        assert done.exit_code == 0, done.output
        figures = json.loads((tmp_path / "figures.json").read_text())
        assert {"accuracy", "balanced_accuracy", "mask_vs_none", "ece"} < set(figures)
        assert (figures["n"], figures["rejected"]) == (8, rejected)
        by_source = "--labels" not in labels
        assert ("balanced_accuracy_street" in figures) == by_source
        assert ("accuracy by source" in (tmp_path / "page" / "index.html").read_text()) == by_source


def test_classes_come_up_equally_often_and_small_sources_oftener() -> None:
    cells = [("mask", "a")] * 64 + [("mask", "b")] * 4 + [("none", "a")] * 12
    picture = np.zeros((1, 1, 3), np.uint8)
    samples = [Sample("", picture, {"mask": m, "source": s}) for m, s in cells]
    for factors, sums in ((None, [32, 8, 40]), ({"a": 0.25}, [20, 20, 40])):
        weights = tempered_class_weights(samples, "mask", "source", factors)
        assert [weights[rows].sum() for rows in (slice(64), slice(64, 68), slice(68, 80))] == pytest.approx(sums)


@pytest.mark.soak
def test_the_real_set_is_read_whole() -> None:
    if not (SETS / "masks").is_dir():
        pytest.skip(f"no {SETS / 'masks'}: the real set is not read here")
    dataset = MASKS.read(SETS / "masks", False)
    assert len(dataset.samples) + len(dataset.rejected) == 1974
    dealt = MASKS.split(dataset)
    assert {sample.labels["mask"] for sample in dealt.valid} == set(MASK_STATES)
    assert min(len(dealt.valid), len(dealt.test)) > 120
