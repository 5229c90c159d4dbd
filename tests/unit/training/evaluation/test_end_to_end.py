"""Pasted faces lie where they are said to, and the way from frame to attributes is scored."""

import json

import cv2
import numpy as np
import pytest
from click.testing import CliRunner

from app.domain import Box, Face, Track
from app.vision.inference.face_crop import whole_image_pose
from app.vision.inference.face_pose import FacePose
from tests.support.training import drawn_face, emotion_tree, encoded, samples_of, utkface_files, write_csv, write_folder
from training.cli.main import main
from training.evaluation.end_to_end import PipelineTrial, detection_figures, run_pipeline
from training.evaluation.faces import subsample
from training.metrics.age_scores import AgeScores
from training.metrics.class_scores import ClassScores
from training.reports.render import PAGE
from training.samples.framing import fer2013_patch
from training.transforms.backgrounds import Backgrounds, find_backgrounds
from training.transforms.paste_faces import FACE_SIDE_RANGE_PX, HEIGHT, MAX_TILT_DEGREES, WIDTH, paste_face

FACE = whole_image_pose(48, 48, fer2013_patch())


def marked(x=24, y=30, side=48):
    """A dark picture with a red spot."""
    image = np.full((side, side, 3), 60, np.uint8)
    cv2.circle(image, (x, y), 3, (255, 0, 0), -1)
    return image


def black(*_):
    return np.zeros((HEIGHT, WIDTH, 3), np.uint8)


@pytest.fixture
def dark(monkeypatch):
    monkeypatch.setattr(Backgrounds, "draw", black)
    return Backgrounds()


@pytest.mark.parametrize("seed", range(4))
def test_a_face_lies_where_it_is_said_to(dark, seed):
    made = paste_face(marked(), FACE, dark, seed)
    y, x = np.argwhere(made.image[..., 0].astype(int) - made.image[..., 1] > 100).mean(0)
    scale = made.face.side / FACE.side
    # The spot lies so far from the picture's middle, where the face's centre is.
    right, down = 0.5 * scale, 6.5 * scale
    cosine, sine = np.cos(made.face.roll_rad), np.sin(made.face.roll_rad)
    expected = made.face.x + right * cosine - down * sine, made.face.y + right * sine + down * cosine
    assert (x + 0.5, y + 0.5) == pytest.approx(expected, abs=0.1 * scale + 0.2)
    assert FACE_SIDE_RANGE_PX[0] <= made.face.side <= FACE_SIDE_RANGE_PX[1]
    assert abs(np.degrees(made.face.roll_rad)) <= MAX_TILT_DEGREES


def test_a_pasted_picture_can_be_recropped(dark):
    picture = cv2.GaussianBlur(drawn_face(3), (0, 0), 1.5)
    for seed in range(4):
        recrop = paste_face(picture, FACE, dark, seed).recrop(48, 48)
        inner = slice(8, 40)
        assert np.abs(recrop[inner, inner].astype(int) - picture[inner, inner]).mean() < 4


def test_nothing_of_the_background_changes_far_from_the_face(dark):
    made = paste_face(marked(), FACE, dark, 1)
    y, x = np.nonzero(made.image.any(2))
    reach = 1.3 * made.face.side
    assert np.abs(x - made.face.x).max() < reach
    assert np.abs(y - made.face.y).max() < reach
    assert made.image[0].max() == 0 or made.face.y < reach


def test_where_a_face_goes_depends_on_seed_and_picture_alone():
    ground = Backgrounds()
    first, again, elsewhere = (paste_face(marked(), FACE, ground, seed) for seed in (5, 5, 6))
    other = paste_face(marked(x=20), FACE, ground, 5)
    np.testing.assert_array_equal(first.image, again.image)
    assert first.face == again.face
    assert len({(one.face.x, one.face.y) for one in (first, elsewhere, other)}) == 3


def test_a_gray_face_gets_a_gray_background():
    gray = np.repeat(marked()[..., :1], 3, 2)
    made = paste_face(gray, FACE, Backgrounds(), 0).image
    assert (made == made[..., :1]).all()
    made = paste_face(marked(), FACE, Backgrounds(), 0).image
    assert (made != made[..., :1]).any()


def scenes_beside(folder, faceless=3):
    """A set of scenes: some without a face, one with."""
    random = np.random.default_rng(0)
    pictures = {f"scene15_{i}.png": random.integers(0, 99, (60, 80, 3), np.uint8) for i in range(faceless)}
    pictures["fddb_1.png"] = np.full((60, 80, 3), 250, np.uint8)
    write_folder(folder / "scenes" / "pictures", {name: encoded(image) for name, image in pictures.items()})
    rows = [[name, "", "", "", "", ""] if "scene15" in name else [name, "1", "1", "20", "20", "0"] for name in pictures]
    write_csv(folder / "scenes" / "scenes.csv", rows, ("file", "x1", "y1", "x2", "y2", "ignore"))
    return folder


def test_scenes_without_a_face_are_the_background_where_they_lie_beside(tmp_path):
    home = scenes_beside(tmp_path)
    data = write_folder(tmp_path / "fer2013", emotion_tree())
    for path in (home, data, data / "test"):
        found = find_backgrounds(path)
        assert 0 < len(found.images) <= 3
        image = found.draw(np.random.default_rng(1), WIDTH, HEIGHT)
        assert image.shape == (HEIGHT, WIDTH, 3)
        assert image.max() < 150, "the scene with a face is none"
    assert find_backgrounds(tmp_path.parent / "elsewhere").images == ()


class Scripted:
    """A `Pipeline` that finds these tracks."""

    def __init__(self, *boxes):
        self._boxes = boxes

    def reset(self):
        pass

    def analyze(self, frame, stages):
        return [Track(index, Face(box, 0.9)) for index, box in enumerate(self._boxes)]


def test_the_face_that_overlaps_is_found_and_others_are_false(dark):
    frame = paste_face(marked(), FACE, dark, 0)
    right, wrong = frame.face.box, Box(0, 0, 9, 9)
    trial = run_pipeline(Scripted(wrong, right), frame, exact=True)
    assert trial.track.id == 1
    assert trial.false_detections == 1
    assert run_pipeline(Scripted(wrong), frame, exact=True).track is None
    assert run_pipeline(Scripted(), frame, exact=True).false_detections == 0


def test_where_only_the_usual_place_is_known_a_face_near_it_is_found(dark):
    frame = paste_face(marked(), FACE, dark, 0)
    x, y, side = frame.face.x, frame.face.y, frame.face.side

    def found(moved, factor, marked):
        box = FacePose(x + moved * side, y, side * factor).box
        return run_pipeline(Scripted(box), frame, marked).track is not None

    assert [found(0.2, 1.0, marked) for marked in (True, False)] == [True, True]
    assert [found(0.4, 1.0, marked) for marked in (True, False)] == [False, True]
    assert [found(0.0, 1.7, marked) for marked in (True, False)] == [False, True]
    assert not found(0.6, 1.0, marked=False)
    assert not found(0.0, 2.2, marked=False)
    assert not found(0.0, 0.45, marked=False)


def test_found_faces_are_counted_by_size():
    track = Track(1, Face(Box(0, 0, 1, 1), 0.9))
    trials = [PipelineTrial(FacePose(0, 0, side), track if side > 100 else None, 1) for side in (60, 100, 150, 299)]
    figures = detection_figures(trials)
    assert (figures["n"], figures["found"], figures["false_per_picture"]) == (4, 0.5, 1)
    assert (figures["found_60_120_px"], figures["found_120_180_px"], figures["found_240_300_px"]) == (0, 1, 1)
    assert "found_180_240_px" not in figures


def test_a_limit_is_spread_over_the_set():
    samples = samples_of([marked()] * 10)
    assert [one.name for one in subsample(samples, 4)] == ["0", "3", "6", "9"]
    assert subsample(samples, None) is subsample(samples, 99) is samples


def test_wrongness_is_wrong_answers_or_years():
    classes = ClassScores("sex", ("male", "female"), np.array([[0.9, 0.1], [0.6, 0.4]]), np.array([0, 1]))
    assert classes.sample_errors().tolist() == [0, 1]
    assert AgeScores(np.array([30.0, 20.0]), np.array([33.0, 19.0])).sample_errors().tolist() == [3, 1]


def run(*words):
    return CliRunner().invoke(main, ["evaluate", "pipeline", *map(str, words)])


def test_the_command_scores_what_is_found_and_lost(models_dir, tmp_path, yunet_file, astronaut, grace_hopper):
    """The tiny models tell brightness and colour, so that a found face is read as its direct patch is, nearly."""
    faces = {"a": astronaut[50:200, 150:300], "b": grace_hopper[90:370, 130:410]}
    files = {
        f"{age}_1_0_2017011{age}.jpg": encoded(cv2.resize(faces[name], (112, 112)))
        for name, age in (("a", 40), ("b", 50))
    }
    data = write_folder(tmp_path / "utkface", files)
    words = ("--data", data, "--models", models_dir, "--detector", yunet_file, "--seed", 3)
    done = run(*words, "--json", tmp_path / "figures.json", "--out", tmp_path / "page")
    assert done.exit_code == 0, done.output
    figures = json.loads((tmp_path / "figures.json").read_text())
    assert (figures["n"], figures["detector"]) == (2, "yunet")
    assert {"found", "found_low", "found_high", "false_per_picture"} <= set(figures)
    if figures["found"]:
        assert figures["mae_years_lost"] == pytest.approx(figures["mae_years"] - figures["mae_years_direct"], abs=1e-6)
        assert abs(figures["mae_years_pasted"] - figures["mae_years_direct"]) < 8
    html = (tmp_path / "page" / PAGE).read_text()
    assert "Error added by the full pipeline" in html


def test_a_set_that_the_pipeline_does_not_read_is_one_line(models_dir, tmp_path):
    from training.datasets.readers.kaggle_keypoints import COLUMNS

    table = write_csv(tmp_path / "training.csv", [], (*COLUMNS, "Image"))
    done = run("--data", table, "--models", models_dir, "--detector", "haar")
    assert done.exit_code == 1
    assert "which is labelled with neither emotions nor ages" in done.output


def test_nothing_found_has_no_figures_of_reading(models_dir, tmp_path):
    data = write_folder(tmp_path / "utkface", utkface_files(3))
    done = run(
        "--data", data, "--models", models_dir, "--detector", "haar", "--limit", 2, "--json", tmp_path / "f.json"
    )
    assert done.exit_code == 0, done.output
    figures = json.loads((tmp_path / "f.json").read_text())
    assert figures["n"] == 2
    assert ("mae_years" in figures) == (figures["found"] > 0)
