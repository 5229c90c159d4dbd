"""Detectors are scored on scenes whose figures can be worked out by hand."""

import json
import shutil

import numpy as np
import pytest
from click.testing import CliRunner

from app.domain import Box, Face
from app.errors import DetectorUnavailable
from app.settings import Settings
from tests.support.fakes import FakeClock
from tests.support.training import encoded, write_csv, write_folder
from training.cli.main import main
from training.datasets.readers.scenes import Scene
from training.evaluation.detectors import Candidate, build_candidates, longest_when_tilted, rotate_scene, score_detector
from training.metrics.detection_protocol import LONGEST_SIDE_PX, MASKED_FACES, SMALL_FACES, STANDARD_FACES, scale_scene

COLUMNS = ("file", "x1", "y1", "x2", "y2", "ignore")


def scene(*boxes, name="a.jpg", ignore=None, size=(240, 320)):
    image = np.zeros((*size, 3), np.uint8)
    ignored = np.zeros(len(boxes), bool) if ignore is None else np.array(ignore)
    corners = np.array(boxes, np.float32).reshape(-1, 4)
    return Scene(name, image, corners, ignored, np.full((len(boxes), 5, 2), np.nan, np.float32))


class Scripted:
    """A `FaceDetector` that finds what it is told, picture by picture; it is called twice for the first."""

    name, title, notice = "scripted", "Scripted", None

    def __init__(self, *found):
        self._found = [found[0], *found]

    def detect(self, image):
        return [Face(Box(*box), score) for box, score in self._found.pop(0)]


def all_figures(scenes, *found, score=0.5):
    return score_detector(
        Candidate("scripted", "Scripted", Scripted(*found), score), scenes, FakeClock(step_s=0.002)
    ).figures


def test_faces_are_counted_by_their_longer_side():
    one = scene((0, 0, 20, 12), (0, 0, 12, 19.9), (0, 0, 9, 9), (0, 0, 50, 50), ignore=[False, False, False, True])
    assert [which.of(one).tolist() for which in (STANDARD_FACES, SMALL_FACES, MASKED_FACES)] == [
        [True, False, False, False],
        [False, True, False, False],
        [True, True, False, False],
    ]
    assert STANDARD_FACES.of(scene()).tolist() == []


def test_every_figure_of_a_small_case():
    large, small, masked, nowhere = (10, 10, 40, 40), (100, 10, 112, 22), (50, 50, 65, 65), (200, 200, 230, 230)
    scenes = [scene(large, small), scene(masked, name="maskcc0_1.jpg"), scene(name="empty.jpg"), scene(large)]
    figures = all_figures(
        scenes,
        [(large, 0.9), (small, 0.4)],
        [(masked, 0.8), (nowhere, 0.3)],
        [(nowhere, 0.7)],
        [(large, 0.2)],
    )
    assert (figures["n"], figures["n_small"], figures["n_masked"], figures["pictures"]) == (2, 2, 1, 4)
    # Of the large faces: right at .9, false at .7 and .3, right at .2; the small ones count for nothing.
    assert figures["ap40"] == pytest.approx(0.5 + 0.5 * 2 / 4)
    # Of the small ones: right at .8, false at .7, right at .4, false at .3.
    assert figures["ap40_small"] == pytest.approx(0.5 + 0.5 * 2 / 3)
    assert figures["ap40_masked"] == 1
    assert (figures["recall_most"], figures["recall"]) == (1, 0.5)
    assert (figures["false_per_image"], figures["false_per_empty_image"]) == (1 / 4, 1)
    assert figures["ms"] == pytest.approx(2)


def test_the_overlap_of_ap50_is_stricter():
    figures = all_figures([scene((0, 0, 40, 40))], [((0, 0, 40, 18), 0.9)])
    assert (figures["ap40"], figures["ap50"]) == (1, 0)


def test_what_no_face_counts_for_has_no_figure():
    figures = all_figures([scene()], [])
    assert set(figures) == {
        "n", "n_small", "n_masked", "pictures", "false_per_image", "false_per_empty_image", "ms"
    }  # fmt: skip


def test_pictures_are_scored_at_320():
    small = scale_scene(scene((20, 40, 60, 80), size=(480, 640)))
    assert small.image.shape == (240, 320, 3)
    assert small.boxes.tolist() == [[10, 20, 30, 40]]
    assert scale_scene(scene(size=(90, 100))).image.shape == (90, 100, 3)


@pytest.mark.parametrize("degrees", [30, -30, 90])
def test_a_tilted_face_stays_under_its_box(degrees):
    one = scene((200, 60, 240, 100))
    one.image[75:85, 215:225] = 255
    turned = rotate_scene(one, degrees)
    y, x = np.argwhere(turned.image[..., 0] > 128).mean(0)
    (box,) = turned.boxes
    assert ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2) == pytest.approx((x + 0.5, y + 0.5), abs=1)
    assert (box[2] - box[0], box[3] - box[1]) == pytest.approx((40, 40), abs=1e-3)
    assert max(turned.image.shape[:2]) <= longest_when_tilted(degrees)
    assert turned.image.mean() * turned.image.size == pytest.approx(one.image.mean() * one.image.size, rel=0.05)


def test_a_tilted_picture_counts_the_same_faces():
    one = scene(*((10.1 * index, 7.3 * index, 10.1 * index + 20, 7.3 * index + 13) for index in range(20)))
    assert STANDARD_FACES.of(one).all()
    assert STANDARD_FACES.of(rotate_scene(one, 30)).all()


def test_untilted_pictures_are_looked_at_as_served():
    assert longest_when_tilted(0) == LONGEST_SIDE_PX


def test_what_there_is_takes_part(detector_models, tmp_path, yunet_file):
    everything = Settings(models=str(detector_models), detector=str(yunet_file))
    assert [one.name for one in build_candidates((), everything, 320)] == ["own", "yunet", "haar"]
    assert [one.name for one in build_candidates((), Settings(models=str(tmp_path)), 320)] == ["haar"]


def test_detectors_say_what_they_are_unsure_of(detector_models, yunet_file, astronaut):
    own, yunet = build_candidates(["own", str(yunet_file)], Settings(models=str(detector_models)), 320)
    faint = np.zeros((64, 64, 3), np.uint8)
    faint[8:16, 8:16, 0] = 180
    (face,) = own.detector.detect(faint)
    assert 0.02 < face.score < own.served_score
    assert len(yunet.detector.detect(astronaut)) > 1


def test_a_detector_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(DetectorUnavailable, match=r"gone\.onnx"):
        build_candidates(["gone.onnx"], Settings(models=str(tmp_path)), 320)


@pytest.fixture
def pictures(tmp_path):
    """Three pictures in which the tiny detector finds one face, a false one, and nothing; with their table."""
    lit, wrong, dark = (np.zeros((96, 128, 3), np.uint8) for _ in range(3))
    lit[40:48, 40:48, 0] = wrong[64:72, 64:72, 0] = 255
    names = {"a.png": lit, "b.png": wrong, "c.png": dark}
    write_folder(tmp_path / "set", {name: encoded(image) for name, image in names.items()})
    # A cell of 8 pixels says: 8 to the left, 12 up, 16 to the right, 20 down of its centre.
    rows = [
        ["a.png", "36", "32", "60", "64", "0"],
        ["b.png", "", "", "", "", "0"],
        ["c.png", "8", "8", "40", "40", "0"],
    ]
    return tmp_path / "set", write_csv(tmp_path / "boxes.csv", rows, COLUMNS)


def run(pictures, *words):
    data, boxes = pictures
    arguments = ["evaluate", "detector", "--data", data, "--boxes", boxes, *words]
    return CliRunner().invoke(main, [str(word) for word in arguments], env={"FACE_DETECTOR_MODEL": None})


def test_the_command_writes_figures_table_and_page(pictures, detector_models, tmp_path):
    words = ("--models", detector_models, "--json", tmp_path / "f.json", "--out", tmp_path / "page")
    done = run(pictures, *words)
    assert done.exit_code == 0, done.output
    figures = json.loads((tmp_path / "f.json").read_text())
    assert (figures["detector"], figures["n"], figures["ap40"], figures["recall"]) == ("own", 2, 0.5, 0.5)
    assert (figures["false_per_image"], figures["false_per_empty_image"]) == (pytest.approx(1 / 3), 1)
    assert list(figures["detectors"]) == ["own", "haar"]
    assert figures["detectors"]["haar"]["recall_most"] == 0
    assert [line for line in done.output.splitlines() if line.split() == ["ap40", "0.5000", "0.0000"]]
    html = (tmp_path / "page" / "index.html").read_text()
    assert html.count("an image with a mistake") == 2
    assert "<title>own</title>" in html
    assert "<title>haar</title>" in html
    assert (tmp_path / "page" / "figures.json").is_file()


def test_figures_go_into_the_card_with_their_command(pictures, detector_models, tmp_path):
    models = shutil.copytree(detector_models, tmp_path / "models")
    done = run(pictures, "--models", models, "--detector", "own", "--tilt", "30", "--write-card")
    assert done.exit_code == 0, done.output
    figures = json.loads((models / "detector" / "card.json").read_text())["figures"]["set tilted by 30 degrees"]
    assert "--data set --boxes boxes.csv --detector own --tilt 30" in figures["command"]
    assert figures["n"] == 2
    assert "ms" not in figures
    assert run(pictures, "--models", models, "--detector", "haar", "--write-card").exit_code == 2


def test_a_split_is_as_training_deals_it(detector_models, tmp_path):
    names = [f"scene15_{number}.png" for number in range(30)]
    write_folder(tmp_path / "set", {name: encoded(np.zeros((32, 32, 3), np.uint8)) for name in names})
    boxes = write_csv(tmp_path / "boxes.csv", [[name, "1", "1", "29", "29", "0"] for name in names], COLUMNS)
    counts = {}
    for split in ("train", "valid"):
        words = ("--models", detector_models, "--detector", "own", "--split", split, "--json", tmp_path / "f.json")
        done = run((tmp_path / "set", boxes), *words)
        assert done.exit_code == 0, done.output
        assert ("valid was used to choose" in done.output) == (split == "valid")
        counts[split] = json.loads((tmp_path / "f.json").read_text())["n"]
    assert counts["train"] > counts["valid"] > 0
    assert sum(counts.values()) == 30


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--detector", "gone.onnx"), "gone.onnx"),
        (("--detector", "own", "--models", "nowhere"), "nowhere"),
        (("--boxes", "no.csv"), "no.csv"),
        (("--data", "no.tar"), "no.tar"),
    ],
)
def test_what_cannot_be_done_is_one_line(pictures, words, said):
    done = run(pictures, *words)
    assert done.exit_code == 1
    (line,) = done.output.strip().splitlines()
    assert line.startswith("Error: ")
    assert said in line


def test_a_table_without_its_pictures_is_refused(pictures, tmp_path):
    boxes = write_csv(tmp_path / "other.csv", [["z.png", "1", "1", "9", "9", "0"]], COLUMNS)
    done = run((pictures[0], boxes))
    assert done.exit_code == 1
    assert "has no picture to score (4 rejected)" in done.output
