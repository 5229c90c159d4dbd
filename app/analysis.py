"""Analyse images, videos and folders with the pipeline of the live page."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from app.attributes.attribute import DerivedInputs
from app.attributes.attribute_set import AttributeSet, load_attributes
from app.attributes.estimate import Estimate
from app.domain import Box, Face, Frame, Track
from app.errors import CameraUnavailable, UnreadableMedia
from app.face_json import face_result, face_to_json
from app.settings import Settings
from app.vision.attributes.pose_solver import solve_pnp
from app.vision.attributes.predictor import Predictor, load_predictors
from app.vision.capture.image_file import IMAGE_SUFFIXES, read_image
from app.vision.capture.video_source import VideoSource
from app.vision.detection.face_detector import build_detector
from app.vision.drawing.annotated_output import AnnotatedOutput
from app.vision.inference.face_crop import whole_image_pose
from app.vision.landmarks.landmark_tracking import load_landmark_tracker
from app.vision.runtime.native_logging import silence_native_libraries
from app.vision.worker.pipeline import Pipeline, StageTimer

VIDEO_SUFFIXES = frozenset({".mp4", ".m4v", ".mov", ".avi", ".mkv", ".webm", ".mpg", ".mpeg", ".wmv", ".ogv", ".ts"})
# 8K; the largest value of the setting.
MAX_VIDEO_SIDE_PX = 7680

Record = dict[str, Any]
Progress = Callable[[float], None]


def analyze(
    media: str | Path | np.ndarray, *, crops: bool = False, settings: Settings | None = None
) -> list[dict[str, Any]]:
    """Analyse one image and return its faces as dictionaries (`docs/api.md`, "Face").

    Args:
        media: Path of an image, or an RGB uint8 array, shape (height, width, 3).
        crops: Treat the whole image as one face; skip the detection.
        settings: Detector and models; by default those of `python -m app analyze`.
    Raises:
        UnreadableMedia: the image cannot be read.
        ModelError, DetectorUnavailable: a model or the detector cannot be loaded.
    """
    image = _check_rgb(media) if isinstance(media, np.ndarray) else read_image(media)
    analyzer = Analyzer(settings or Settings.from_env(os.environ), crops)
    return analyzer.faces_json(analyzer.frame_analyzer()(Frame(image, 0, 0.0, 0.0)))


def analyze_paths(
    paths: Iterable[str | Path],
    settings: Settings,
    *,
    crops: bool = False,
    annotate_dir: Path | None = None,
    on_progress: Progress | None = None,
) -> Iterator[Record]:
    """Analyse files and folders one after another.

    Args:
        crops: Treat every image as one face; skip the detection.
        annotate_dir: Folder for annotated copies: JPEG for images, H.264 for videos.
        on_progress: Called with the finished fraction, 0 to 1.
    Yields:
        One record per image or video frame: `path`, `frame`, `time_s`, `width`, `height`, `faces`; for an unreadable
        file `path` and `error`.
    Raises:
        ModelError, DetectorUnavailable: a model or the detector cannot be loaded.
        SettingsError: the folder for annotated copies is not writable.
    """
    analyzer = Analyzer(settings, crops)
    files = [entry for path in paths for entry in _media_files(Path(path))]
    output = AnnotatedOutput(annotate_dir, analyzer.attributes, (path for path, _ in files)) if annotate_dir else None
    for number, (path, relative) in enumerate(files):
        start = number / len(files)

        def report(fraction: float, start: float = start) -> None:
            if on_progress:
                on_progress(start + min(1.0, fraction) / len(files))

        try:
            yield from _records(path, relative, analyzer, output, report)
        except (UnreadableMedia, CameraUnavailable) as error:
            yield {"path": str(path), "error": str(error)}
        report(1.0)


def csv_rows(records: Iterable[Mapping[str, Any]], attributes: AttributeSet) -> list[dict[str, Any]]:
    """One flat row per face, and one per unreadable file."""
    rows: list[dict[str, Any]] = []
    for record in records:
        if "error" in record:
            rows.append({"path": record["path"], "error": record["error"]})
        rows += [_csv_row(record, face, attributes) for face in record.get("faces", ())]
    return rows


class Analyzer:
    """Detector and models, loaded once for many files.

    Attributes:
        attributes: The attributes that the models predict.
    """

    def __init__(self, settings: Settings, crops: bool = False) -> None:
        silence_native_libraries()
        self.attributes = load_attributes(settings.models, settings.enabled_attributes)
        self._predictors = load_predictors(settings.models, self.attributes.served)
        self._detector = None if crops else build_detector(settings)
        self._landmark_tracker = None if crops else load_landmark_tracker(settings.models)

    def frame_analyzer(self) -> Callable[[Frame], list[Track]]:
        """Function that analyses the frames of one file in order; track ids start at 1."""
        if self._detector is None:
            return lambda frame: [_analyze_crop(frame.image, self._predictors, self.attributes)]
        pipeline = Pipeline(
            self._detector, self._predictors, attributes=self.attributes, landmark_tracker=self._landmark_tracker
        )
        return lambda frame: pipeline.analyze(frame, StageTimer())

    def faces_json(self, tracks: Iterable[Track]) -> list[dict[str, Any]]:
        """The faces of one frame in the form of docs/api.md."""
        return [face_to_json(face_result(track, self.attributes), self.attributes) for track in tracks]


def _analyze_crop(image: np.ndarray, predictors: Sequence[Predictor], attributes: AttributeSet) -> Track:
    """One face that fills the image; every model gets the whole image, whatever its own framing."""
    height, width = image.shape[:2]
    estimates: dict[str, Estimate] = {}
    for predictor in predictors:
        face = Face(whole_image_pose(width, height, predictor.card.patch).box, 1.0)
        estimates |= predictor.card.estimates(predictor.predict(image, [face])[0])
    reported = attributes.report(estimates)
    derived = attributes.derive(DerivedInputs(reported, None, (width, height), solve_pnp))
    return Track(1, Face(Box(0, 0, width, height), 1.0), derived)


def _media_files(path: Path) -> list[tuple[Path, Path]]:
    """The file, or all images and videos below a folder; each with the relative path of its copy."""
    if not path.is_dir():
        return [(path, Path(path.name))]
    suffixes = IMAGE_SUFFIXES | VIDEO_SUFFIXES
    files = sorted(file for file in path.rglob("*") if file.suffix.lower() in suffixes and file.is_file())
    return [(file, file.relative_to(path)) for file in files] or [(path, Path(path.name))]


def _records(
    path: Path, relative: Path, analyzer: Analyzer, output: AnnotatedOutput | None, progress: Progress
) -> Iterator[Record]:
    if path.is_dir():
        raise UnreadableMedia(f"the folder {str(path)!r} has no image or video; give another one")
    if path.suffix.lower() in IMAGE_SUFFIXES:
        frame = Frame(read_image(path), 0, 0.0, 0.0)
        tracks = analyzer.frame_analyzer()(frame)
        if output:
            output.write_image(relative, frame.image, tracks)
        yield _record(path, frame, tracks, analyzer)
    else:
        yield from _video_records(path, relative, analyzer, output, progress)


def _video_records(
    path: Path, relative: Path, analyzer: Analyzer, output: AnnotatedOutput | None, progress: Progress
) -> Iterator[Record]:
    source = _open_video(path)
    recorder = output.open_video(relative, source.info) if output else None
    analyze_frame = analyzer.frame_analyzer()
    try:
        while frame := source.read():
            tracks = analyze_frame(frame)
            if recorder:
                recorder.add(frame, tracks)
            yield _record(path, frame, tracks, analyzer)
            progress((frame.index + 1) / max(source.frame_count, frame.index + 1))
        if recorder:
            recorder.close()
    finally:
        source.close()
        if recorder:
            recorder.discard()


def _open_video(path: Path) -> VideoSource:
    """Open at full size, and by absolute path, since a file may be called `0` or `demo`."""
    if not path.exists():
        raise UnreadableMedia(f"there is no file {str(path)!r}; check the path")
    try:
        settings = Settings(source=str(path.absolute()), max_side=MAX_VIDEO_SIDE_PX)
        return VideoSource(settings, time.monotonic)
    except CameraUnavailable:
        raise UnreadableMedia(f"{str(path)!r} is not a readable image or video; replace or remove it") from None


def _record(path: Path, frame: Frame, tracks: Sequence[Track], analyzer: Analyzer) -> Record:
    return {
        "path": str(path),
        "frame": frame.index,
        "time_s": round(frame.time_s, 4),
        "width": frame.width,
        "height": frame.height,
        "faces": analyzer.faces_json(tracks),
    }


def _csv_row(record: Mapping[str, Any], face: Mapping[str, Any], attributes: AttributeSet) -> dict[str, Any]:
    row = {key: record[key] for key in ("path", "frame", "time_s")}
    row |= {"id": face["id"], **dict(zip(("x1", "y1", "x2", "y2"), face["box"], strict=True)), "score": face["score"]}
    for attribute in attributes:
        if attribute.name in face:
            row |= attribute.csv_values(face[attribute.name])
    return row


def _check_rgb(image: np.ndarray) -> np.ndarray:
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or not image.size:
        raise UnreadableMedia(
            f"the array is {image.dtype} of shape {image.shape}; give RGB uint8 of shape (height, width, 3)"
        )
    return image
