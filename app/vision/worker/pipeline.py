"""The frame pipeline: detect, track, run the models, smooth, draw and encode."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence

import numpy as np

from app.attributes.attribute_set import AttributeSet
from app.domain import Box, Face, Frame, FrameResult, Track, ViewOptions
from app.vision.attributes.attribute_inference import AttributeInference
from app.vision.attributes.attribute_smoother import AttributeSmoother
from app.vision.attributes.neutral_face import NeutralFaces
from app.vision.attributes.predictor import Predictor
from app.vision.detection.detection_scheduler import DetectionScheduler
from app.vision.detection.face_detector import FaceDetector
from app.vision.drawing.face_blur import FaceBlur, is_at_edge
from app.vision.landmarks.landmark_tracking import LandmarkTracker, NullLandmarkTracker
from app.vision.tracking.tracker import Tracker
from app.vision.worker.adaptive_quality import QualityLevel
from app.vision.worker.stage_timer import Clock, StageTimer
from app.vision.worker.view_rendering import AnalyzedFrame, ViewRenderer

# Short enough to follow a change of speed, long enough for a stable figure at 2 frames per second.
FRAME_RATE_WINDOW_S = 1.0


class Pipeline:
    """Analyses the frames of a source one after another.

    Args:
        first_id: First track id.
        attributes: The app's attributes; by default only its own ones.
        landmark_tracker: Tracks faces between detections; without one only the motion model does.
        blur: Blur all faces in every view, whatever its options.

    Attributes:
        neutral_faces: By which the readings of single people are corrected.
        tracks: The faces of the newest frame.
    """

    def __init__(
        self,
        detector: FaceDetector,
        predictors: Sequence[Predictor],
        first_id: int = 1,
        clock: Clock = time.perf_counter,
        *,
        attributes: AttributeSet | None = None,
        landmark_tracker: LandmarkTracker | None = None,
        blur: bool = False,
    ) -> None:
        self.detector, self.predictors = detector, predictors
        self.attributes = attributes or AttributeSet()
        self._detection_scheduler = DetectionScheduler()
        self._landmark_tracker = landmark_tracker or NullLandmarkTracker()
        self._tracker = Tracker(first_id)
        self._inference = AttributeInference(predictors, self.attributes)
        self.neutral_faces, self.tracks = NeutralFaces(), list[Track]()
        self._smoother = AttributeSmoother(self.attributes)
        self._renderer, self._is_unrelated = ViewRenderer(self.attributes), False
        self._blur_all, self._face_blur = blur, FaceBlur()
        self._clock, self._frame_rate, self._quality = clock, _FrameRate(), QualityLevel()

    def step(self, frame: Frame, views: Sequence[ViewOptions] = ()) -> FrameResult:
        """Analyse one frame, then draw and encode it once per view."""
        return self.render(self.analyze_for_views(frame, views))

    def analyze_for_views(self, frame: Frame, views: Sequence[ViewOptions]) -> AnalyzedFrame:
        """Analyse one frame, for `render`."""
        stages = StageTimer(self._clock)
        blurred = {view for view in views if self._blur_all or "blur" in view.show}
        self.tracks = tracks = self.analyze(frame, stages, bool(blurred))
        without_faces = self._blur(frame, stages) if blurred else frame.image
        images = [(view, without_faces if view in blurred else frame.image) for view in views]
        fps = self._frame_rate.update(self._clock())
        is_unrelated, self._is_unrelated = self._is_unrelated, False
        return AnalyzedFrame(frame, tracks, images, stages, fps, is_unrelated)

    def render(self, analyzed: AnalyzedFrame) -> FrameResult:
        """Draw and encode a frame; another thread may call this, frame after frame, while the next one is analysed."""
        return self._renderer.render(analyzed)

    def analyze(self, frame: Frame, stages: StageTimer, blurs: bool = False) -> list[Track]:
        """Detect, track and classify the faces of one frame; `blurs` forces a detection in every frame."""
        image, now_s = frame.image, frame.time_s
        with stages.measure("detect"):
            detections = self._detect_if_due(image, now_s, blurs)
        with stages.measure("landmarks"):
            confirmed = None if detections is None else self._confirm(image, detections, now_s)
            tracked = self._track_landmarks(image, now_s) if confirmed is None else ()
        with stages.measure("track"):
            tracker = self._tracker
            tracks = tracker.update_tracked(tracked, now_s) if confirmed is None else tracker.update(confirmed, now_s)
            tracks = [track for track in tracks if track.is_detected or frame.contains_center_of(track.face.box)]
        with stages.measure("predict"):
            predictions = self._inference.run(image, tracks, now_s)
        with stages.measure("smooth"):
            corrected = self.neutral_faces.correct(tracks, predictions, now_s)
            smoothed = self._smoother.update(tracks, corrected, (frame.width, frame.height), now_s)
            return self.neutral_faces.mark(smoothed)

    def _detect_if_due(self, image: np.ndarray, now_s: float, blurs: bool) -> list[Face] | None:
        """Detections for this frame, also passed to the blur filter; None if detection is skipped."""
        urgent = blurs or self._tracker.needs_detection
        if not self._detection_scheduler.is_due(image, now_s, urgent, self._tracker.max_untracked_speed):
            return None
        # Blurring needs full resolution: a small face that is missed would be shown.
        self.detector.input_scale = 1.0 if blurs else self._quality.detection_scale
        return self._detect_for_blur(image, now_s) if blurs else self._detect(image, now_s)

    def _detect(self, image: np.ndarray, now_s: float) -> list[Face]:
        faces = self.detector.detect(image)
        self._face_blur.update(faces, now_s)
        return faces

    def _detect_for_blur(self, image: np.ndarray, now_s: float) -> list[Face]:
        """Detections; the blur filter also gets what might be a face at the edge of the image or where one was."""
        found, min_score = self.detector.detect_candidates(image), self.detector.min_score
        hidden = [face for face in found if face.score >= min_score or self._might_be_face(face.box, image)]
        self._face_blur.update(hidden, now_s)
        return [face for face in found if face.score >= min_score]

    def _blur(self, frame: Frame, stages: StageTimer) -> np.ndarray:
        with stages.measure("annotate"):
            return self._face_blur.apply(frame.image, frame.time_s)

    def _might_be_face(self, box: Box, image: np.ndarray) -> bool:
        """Whether the blur filter takes a detection of a low score for a face."""
        return is_at_edge(box, image.shape[1], image.shape[0]) or self._face_blur.overlaps(box)

    def _confirm(self, image: np.ndarray, detections: Sequence[Face], now_s: float) -> Sequence[Face]:
        """Detections that the landmark network accepts as faces."""
        return self._landmark_tracker.confirm_detections(image, detections, self._tracker.predict_all(now_s))

    def _track_landmarks(self, image: np.ndarray, now_s: float) -> Sequence[Face | None]:
        """Trackable faces at their positions in a frame without detection."""
        return self._landmark_tracker.track(image, self._tracker.predict_trackable(now_s))

    def set_quality(self, quality: QualityLevel) -> None:
        """Change the amount of work per frame; detection keeps full quality while faces are blurred."""
        self._quality = quality
        self._inference.set_interval_factor(quality.interval_factor)

    def reset(self) -> None:
        """Start a new source: drop all tracks; ids are not reused."""
        self.forget_faces()
        self._frame_rate = _FrameRate()

    def forget_faces(self) -> None:
        """Treat the next frame as a picture of its own, unrelated to those before."""
        for part in (self._detection_scheduler, self._tracker, self._inference, self.neutral_faces, self._smoother):
            part.reset()
        self._face_blur.reset()
        self._is_unrelated = True


class _FrameRate:
    """Frames per second over the last `FRAME_RATE_WINDOW_S`."""

    def __init__(self) -> None:
        self._times_s: deque[float] = deque()

    def update(self, now_s: float) -> float:
        self._times_s.append(now_s)
        while len(self._times_s) > 2 and self._times_s[0] < now_s - FRAME_RATE_WINDOW_S:
            self._times_s.popleft()
        elapsed_s = now_s - self._times_s[0]
        return (len(self._times_s) - 1) / elapsed_s if elapsed_s > 0 else 0.0
