"""Count faces at the edges of the picture that `--blur` shows with their detail.

People come in at every edge, stay cut off by it, and leave. YuNet, a detector of another make than the app's own, finds
their faces in the picture before blurring; a face is shown if the detail of the blurred picture correlates with it.

`python -m tests.support.blur_leaks --yunet FILE [--faces FOLDER_OR_TAR] [--people 24] [--fps 15]` prints the counts.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from app.bench.scenes.face_pictures import FacePicture, pictures_in, portrait_pictures
from app.bench.scenes.scene_renderer import SceneRenderer, assign_pictures
from app.bench.scenes.synthetic_scenes import FACE_ASPECT, Person, Scene, piecewise_trajectory
from app.domain import Box, Frame, ViewOptions
from app.paths import PROJECT
from app.settings import Settings
from app.vision.detection.face_detector import FaceDetector, build_detector
from app.vision.detection.yunet import YuNetDetector
from app.vision.worker.pipeline import Pipeline

WIDTH, HEIGHT = 640, 480
FACE_WIDTHS = (36, 72, 120, 190)
# Visible part of a face while it stays at the edge.
VISIBLE_PARTS = (0.35, 0.5, 0.65, 0.8)
ENTER_S, STAY_S, PACE_S = 0.6, 1.6, 1.0
# YuNet's usual score is 0.7; cut-off faces score lower.
YUNET_SCORE = 0.5
# What YuNet finds is one of the scene's faces from this intersection over union on.
FOUND_IOU = 0.2
# A face whose detail correlates more than this is shown: a quarter of its detail's energy is left.
SHOWN_CORRELATION = 0.5
# Detail is what varies within this part of a face. A blurred one keeps three to five colours a side.
DETAIL_PART = 0.04
VIEW = ViewOptions.from_key("blur")


@dataclass(frozen=True)
class Leaks:
    """Faces that YuNet finds before blurring, and of how many the detail is shown; with the worst correlations."""

    faces: int
    shown: int
    worst: Sequence[tuple[float, int, Box]]


def edge_scenes(people: int, fps: float) -> Iterator[Scene]:
    """One person after another comes in at an edge, stays cut off, comes further in, and leaves as it came."""
    for number in range(people):
        edge, width = number % 4, FACE_WIDTHS[number // 4 % 4]
        part = VISIBLE_PARTS[(number // 4 + number) % 4]
        at_s = np.cumsum([0.0, ENTER_S, STAY_S, ENTER_S, PACE_S, ENTER_S, STAY_S / 2, ENTER_S / 2])
        visible = [-0.1, part, part * 0.9, 1.3, 1.5, part, part, -0.1]
        along = np.linspace(0.3, 0.7, len(at_s)) if number % 2 else np.full(len(at_s), 0.2 + 0.6 * (number % 7) / 6)
        stops = [
            (time_s, *_center(edge, width, shown, place), width)
            for time_s, shown, place in zip(at_s, visible, along, strict=True)
        ]
        yield Scene({"one": Person(piecewise_trajectory(*stops))}, float(at_s[-1]), fps, width=WIDTH, height=HEIGHT)


def _center(edge: int, width: float, visible: float, along: float) -> tuple[float, float]:
    """Centre of a face of which the given part is visible at an edge: left, right, top or bottom."""
    inside_x, inside_y = (visible - 0.5) * width, (visible - 0.5) * width * FACE_ASPECT
    if edge < 2:
        return (inside_x if edge == 0 else WIDTH - inside_x), along * HEIGHT
    return along * WIDTH, (inside_y if edge == 2 else HEIGHT - inside_y)


def count_leaks(scenes: Sequence[Scene], pictures: Sequence[FacePicture], yunet: Path, detector: FaceDetector) -> Leaks:
    """Play the scenes through the pipeline with `--blur` and look at every frame."""
    judge = YuNetDetector(yunet, max_side=max(WIDTH, HEIGHT), min_score=YUNET_SCORE)
    correlations = []
    for number, scene in enumerate(scenes):
        chosen = [pictures[number % len(pictures)]]
        renderer = SceneRenderer(scene, assign_pictures(scene, chosen))
        pipeline = Pipeline(detector, [], blur=True)
        for index, time_s in enumerate(scene.times_s):
            image = renderer.render(time_s)
            jpeg = pipeline.step(Frame(image, index, time_s, 0.0), [VIEW]).jpegs[VIEW.key]
            shown = cv2.cvtColor(cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
            truth = _clip(scene.persons["one"].box(time_s))
            boxes = [_clip(face.box) for face in judge.detect(image)]
            correlations += [
                (detail_correlation(image, shown, box), 10_000 * number + index, box)
                for box in boxes
                if box.iou(truth) >= FOUND_IOU and min(box.width, box.height) >= 8
            ]
    worst = sorted(correlations, key=lambda one: -one[0])[:10]
    return Leaks(len(correlations), sum(one[0] > SHOWN_CORRELATION for one in correlations), worst)


def detail_correlation(before: np.ndarray, after: np.ndarray, box: Box) -> float:
    """Correlation of the detail inside a box of two images, RGB uint8, shape (height, width, 3)."""
    first, second = (_detail(image, box) for image in (before, after))
    norm = np.linalg.norm(first) * np.linalg.norm(second)
    return float((first * second).sum() / norm) if norm > 0 else 0.0


def _detail(image: np.ndarray, box: Box) -> np.ndarray:
    part = image[int(box.y1) : int(np.ceil(box.y2)), int(box.x1) : int(np.ceil(box.x2))]
    gray = cv2.cvtColor(np.ascontiguousarray(part), cv2.COLOR_RGB2GRAY).astype(np.float32)
    return gray - cv2.GaussianBlur(gray, (0, 0), max(1.0, DETAIL_PART * max(gray.shape)))


def _clip(box: Box) -> Box:
    return Box(max(0.0, box.x1), max(0.0, box.y1), min(WIDTH, box.x2), min(HEIGHT, box.y2))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--yunet", type=Path, required=True)
    parser.add_argument("--faces", type=Path)
    parser.add_argument("--people", type=int, default=24)
    parser.add_argument("--fps", type=float, default=15.0)
    parser.add_argument("--detector", default="own")
    options = parser.parse_args()
    detector = build_detector(Settings(models=str(PROJECT / "models"), detector=options.detector))
    pictures = pictures_in(options.faces, options.people, detector) if options.faces else portrait_pictures()
    leaks = count_leaks(list(edge_scenes(options.people, options.fps)), pictures, options.yunet, detector)
    print(f"{leaks.shown} of {leaks.faces} faces shown with their detail")
    for correlation, frame, box in leaks.worst:
        print(f"  {correlation:.2f} person {frame // 10_000} frame {frame % 10_000} {box}")


if __name__ == "__main__":
    main()
