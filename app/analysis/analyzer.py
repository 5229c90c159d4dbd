"""Analyse pictures and videos with models that are loaded once."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from app.analysis.inputs import find_media, is_picture
from app.analysis.parallel import ordered_results
from app.analysis.pictures import Picture, read_picture
from app.analysis.pool import ProcessPool
from app.analysis.remote import is_url, open_url
from app.analysis.results import Result, error_result, frame_result, strip_attributes
from app.analysis.video_file import VideoFile
from app.attributes.attribute import DerivedInputs
from app.attributes.attribute_set import AttributeSet, load_attributes
from app.attributes.estimate import Estimate
from app.domain import Box, Face, Frame, Track
from app.errors import UnreadableMedia
from app.settings import Settings
from app.vision.attributes.pnp_solver import solve_pnp
from app.vision.attributes.predictor import Predictor, load_predictors
from app.vision.detection.face_detector import build_detector
from app.vision.drawing.annotated_output import AnnotatedOutput
from app.vision.inference.face_crop import whole_image_pose
from app.vision.landmarks.landmark_tracking import load_landmark_tracker
from app.vision.runtime.native_logging import silence_native_libraries
from app.vision.worker.pipeline import Pipeline
from app.vision.worker.stage_timer import StageTimer

Record = dict[str, Any]
Progress = Callable[[float], None]


class Analyzer:
    """Detector and models, loaded once for many pictures. Use one analyzer in one thread.

    Args:
        settings: Detector and models; by default those of `python -m app analyze` and its environment variables.
        crops: Treat every picture as one face; skip the detection.
    Raises:
        ModelError, DetectorUnavailable: a model or the detector cannot be loaded.

    Attributes:
        attributes: The attributes that the models predict.
    """

    def __init__(self, settings: Settings | None = None, crops: bool = False) -> None:
        silence_native_libraries()
        self.settings, self.crops = settings or Settings.from_env(os.environ), crops
        self.attributes = load_attributes(self.settings.models, self.settings.enabled_attributes)
        self._predictors = load_predictors(self.settings.models, self.attributes.served)
        self._detector = None if crops else build_detector(self.settings)
        self._landmark_tracker = None if crops else load_landmark_tracker(self.settings.models)

    def __call__(self, picture: Picture) -> Result:
        """Analyse one picture, in any form of `read_picture`.

        Raises:
            UnreadableMedia: the picture cannot be read.
        """
        path = str(picture) if isinstance(picture, str | Path) else None
        frame = Frame(read_picture(picture), 0, 0.0, 0.0)
        return frame_result(path, frame, self.frame_analyzer()(frame), self.attributes)

    def many(self, pictures: Iterable[Picture], *, workers: int = 0, every_s: float | None = None) -> Iterator[Result]:
        """Analyse pictures and videos one after another; the memory does not grow with their number.

        Args:
            pictures: In any form of `read_picture`; paths of videos, too. They are taken as they are needed.
            workers: Processes that share the work; 0 analyses in this one.
            every_s: Analyse one frame of a video every so many seconds; None analyses all.
        Yields:
            One result per picture and video frame, in the order of `pictures`. One that cannot be read, or whose worker
            ends, has `error`.
        """
        if workers:
            pool = ProcessPool(_ResultJob(self.settings, self.crops, every_s), workers)
            yield from ordered_results(pool, pictures, self.attributes)
            return
        for picture in pictures:
            yield from self.results(picture, every_s=every_s)

    def video(self, path: str | Path, *, every_s: float | None = None) -> Iterator[Result]:
        """Analyse a video frame by frame; ids stay with people.

        Args:
            every_s: Analyse one frame every so many seconds; None analyses all.
        Raises:
            UnreadableMedia: the file is no video.
        """
        with open_video(str(path), every_s) as video:
            analyze_frame = self.frame_analyzer()
            for frame in video.frames():
                yield frame_result(str(path), frame, analyze_frame(frame), self.attributes)

    def results(
        self,
        picture: Picture,
        *,
        every_s: float | None = None,
        output: AnnotatedOutput | None = None,
        relative: Path | None = None,
        on_progress: Progress | None = None,
    ) -> Iterator[Result]:
        """The results of one picture or video; if it cannot be read, the last one has `error`.

        Args:
            output: Where to write an annotated copy.
            relative: Path of the copy below the folder of `output`.
            on_progress: Called with the finished share of a video, 0 to 1.
        """
        path = str(picture) if isinstance(picture, str | Path) else None
        try:
            if path is None or is_picture(path):
                frame = Frame(read_picture(picture), 0, 0.0, 0.0)
                tracks = self.frame_analyzer()(frame)
                if output and relative:
                    output.write_image(relative, frame.image, tracks)
                yield frame_result(path, frame, tracks, self.attributes)
            else:
                yield from self._video_results(path, every_s, output, relative, on_progress)
        except UnreadableMedia as error:
            yield error_result(path, error)

    def frame_analyzer(self) -> Callable[[Frame], list[Track]]:
        """Function that analyses the frames of one file in order; track ids start at 1."""
        if self._detector is None:
            return lambda frame: [_analyze_crop(frame.image, self._predictors, self.attributes)]
        pipeline = Pipeline(
            self._detector, self._predictors, attributes=self.attributes, landmark_tracker=self._landmark_tracker
        )
        return lambda frame: pipeline.analyze(frame, StageTimer())

    def _video_results(
        self,
        path: str,
        every_s: float | None,
        output: AnnotatedOutput | None,
        relative: Path | None,
        on_progress: Progress | None,
    ) -> Iterator[Result]:
        with open_video(path, every_s) as video:
            analyze_frame = self.frame_analyzer()
            recorder = output.open_video(relative, video.info) if output and relative else None
            try:
                for frame in video.frames():
                    tracks = analyze_frame(frame)
                    if recorder:
                        recorder.add(frame, tracks)
                    yield frame_result(path, frame, tracks, self.attributes)
                    if on_progress and video.duration_s:
                        on_progress(min(1.0, (frame.time_s + 1 / video.fps) / video.duration_s))
                if recorder:
                    recorder.close()
            finally:
                if recorder:
                    recorder.discard()


@dataclass(frozen=True, slots=True)
class _ResultJob:
    """What the workers of `Analyzer.many` do; a task is a picture of any form."""

    settings: Settings
    crops: bool
    every_s: float | None

    def build(self) -> Callable[[Picture], Iterator[Result]]:
        """Load the models."""
        analyzer = Analyzer(self.settings, self.crops)
        return lambda picture: strip_attributes(analyzer.results(picture, every_s=self.every_s))


def analyze(media: Picture, *, crops: bool = False, settings: Settings | None = None) -> list[dict[str, Any]]:
    """Analyse one picture and return its faces as dictionaries (`docs/api.md`, "Face").

    The models are loaded for this call. Use `Analyzer` for several pictures.

    Args:
        media: In any form of `read_picture`, such as a path or an RGB array.
        crops: Treat the whole picture as one face; skip the detection.
        settings: Detector and models; by default those of `python -m app analyze`.
    Raises:
        UnreadableMedia: the picture cannot be read.
        ModelError, DetectorUnavailable: a model or the detector cannot be loaded.
    """
    image = read_picture(media)
    return [face.to_dict() for face in Analyzer(settings, crops)(image).faces]


def analyze_paths(
    paths: Iterable[str | Path],
    settings: Settings,
    *,
    crops: bool = False,
    every_s: float | None = None,
    annotate_dir: Path | None = None,
    on_progress: Progress | None = None,
) -> Iterator[Record]:
    """Analyse files, folders, patterns and addresses one after another in this process.

    Args:
        crops: Treat every image as one face; skip the detection.
        every_s: Analyse one frame of a video every so many seconds; None analyses all.
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
    files = list(find_media(paths))
    originals = (Path(file.path) for file in files)
    output = AnnotatedOutput(annotate_dir, analyzer.attributes, originals) if annotate_dir else None
    for number, file in enumerate(files):

        def report(fraction: float, number: int = number) -> None:
            if on_progress:
                on_progress((number + fraction) / len(files))

        results = analyzer.results(
            file.path, every_s=every_s, output=output, relative=file.relative, on_progress=report
        )
        yield from (result.to_dict() for result in results)
        report(1.0)


@contextmanager
def open_video(path: str, every_s: float | None) -> Iterator[VideoFile]:
    """Open a video by path or address.

    Raises:
        UnreadableMedia: it is no video.
    """
    if os.path.isdir(path):
        raise UnreadableMedia(f"the folder {path!r} has no image or video; give another one", "empty folder")
    opened = open_url(path) if is_url(path) else nullcontext(path)
    with opened as media, closing(VideoFile(media, name=path, every_s=every_s)) as video:
        yield video


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
