"""From a picture to what is said and shown of it, in one straight line."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np

from app.domain import Face, Frame, FrameResult, Track, ViewOptions
from app.vision.attributes.attribute_inference import Reader
from app.vision.attributes.attribute_smoother import AttributeSmoother
from app.vision.attributes.predictor import Predictor
from app.vision.detection.detection_scheduler import DetectionScheduler
from app.vision.detection.face_detector import FaceDetector
from app.vision.drawing.annotate import Annotator
from app.vision.drawing.face_blur import FaceBlur
from app.vision.drawing.jpeg import encode_jpeg
from app.vision.landmarks.landmark_tracking import LandmarkTracker, NullLandmarkTracker
from app.vision.tracking.tracker import Tracker
from app.vision.worker.adaptive_quality import Detail

Clock = Callable[[], float]
RATE_OVER_S = 1.0


class Pipeline:
    """Analyses the pictures of a source one after another.

    Args:
        first_id: Where the numbers of faces begin.
        follower: Finds faces again between looks; motion alone without one.
        blur: Hide every face in every view, whatever it asks for.
    """

    def __init__(
        self,
        detector: FaceDetector,
        predictors: Sequence[Predictor],
        first_id: int = 1,
        clock: Clock = time.perf_counter,
        *,
        landmark_tracker: LandmarkTracker | None = None,
        blur: bool = False,
    ) -> None:
        self.detector, self.predictors, self._blur = detector, predictors, blur
        self._lookout, self._tracker, self._landmark_tracker = (
            DetectionScheduler(),
            Tracker(first_id),
            landmark_tracker or NullLandmarkTracker(),
        )
        self._reader, self._smoother = Reader(predictors), AttributeSmoother()
        self._annotator, self._veil = Annotator(), FaceBlur()
        self._clock, self._rate, self._detail = clock, _Rate(), Detail()

    def step(self, frame: Frame, views: Sequence[ViewOptions] = ()) -> FrameResult:
        """Analyse one picture, and draw and encode it once for every view."""
        stages = StageTimer(self._clock)
        hidden = {view for view in views if self._blur or "blur" in view.show}
        tracks = self.analyse(frame, stages, bool(hidden))
        pictures: dict[str, bytes] = {}
        for view in views:
            with stages.timed("annotate"):
                ground = self._veil.hide(frame.image, frame.time_s) if view in hidden else frame.image
                picture = self._annotator.draw(ground, tracks, view)
            with stages.timed("encode"):
                pictures[view.key] = encode_jpeg(picture)
        return FrameResult(
            index=frame.index,
            time_s=frame.time_s,
            read_at_s=frame.read_at_s,
            width=frame.width,
            height=frame.height,
            faces=[track.to_dict() for track in tracks],
            stages_ms=stages.ms,
            fps=self._rate.after_another(self._clock()),
            pictures=pictures,
        )

    def analyse(self, frame: Frame, stages: StageTimer, hides: bool = False) -> list[Track]:
        """Find, follow and read the faces of one picture; where faces are hidden the detector looks at every one."""
        image, now_s = frame.image, frame.time_s
        with stages.timed("detect"):
            detected = self._detected(image, now_s, hides)
        with stages.timed("landmarks"):
            found = (
                None
                if detected is None
                else self._landmark_tracker.confirm_detections(image, detected, self._tracker.remembered(now_s))
            )
            followed = self._landmark_tracker.track(image, self._tracker.expected(now_s)) if found is None else []
        with stages.timed("track"):
            tracks = self._tracker.follow(followed, now_s) if found is None else self._tracker.update(found, now_s)
            tracks = [track for track in tracks if track.seen or frame.holds(track.face.box)]
        with stages.timed("predict"):
            readings = self._reader.read(image, tracks, now_s)
        with stages.timed("smooth"):
            return self._smoother.update(tracks, readings, now_s)

    def _detected(self, image: np.ndarray, now_s: float, hides: bool) -> list[Face] | None:
        """What the detector finds, which may be hidden whether it is a face or not; None where it need not look."""
        if not self._lookout.is_due(image, now_s, hides or self._tracker.in_doubt, self._tracker.fastest):
            return None
        self.detector.input_scale = 1.0 if hides else self._detail.size  # a small face that is missed would be shown
        faces = self.detector.detect(image)
        self._veil.update(faces, now_s)
        return faces

    def look(self, detail: Detail) -> None:
        """From now on look at faces so closely; at first it is as closely as can be, as it always is to hide them."""
        self._detail = detail
        self._reader.wait(detail.wait)

    def reset(self) -> None:
        """Begin a new source: no track lives on, and no id is given again."""
        for one in (self._lookout, self._tracker, self._reader, self._smoother, self._veil):
            one.reset()
        self._rate = _Rate()


class StageTimer:
    """Adds up milliseconds by stage in `ms`."""

    def __init__(self, clock: Clock = time.perf_counter) -> None:
        self._clock = clock
        self.ms: dict[str, float] = {}

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        started = self._clock()
        yield
        self.ms[stage] = self.ms.get(stage, 0.0) + (self._clock() - started) * 1000


class _Rate:
    """Frames a second over the last second or so."""

    def __init__(self) -> None:
        self._times_s: deque[float] = deque()

    def after_another(self, now_s: float) -> float:
        self._times_s.append(now_s)
        while len(self._times_s) > 2 and self._times_s[0] < now_s - RATE_OVER_S:
            self._times_s.popleft()
        elapsed_s = now_s - self._times_s[0]
        return (len(self._times_s) - 1) / elapsed_s if elapsed_s > 0 else 0.0
