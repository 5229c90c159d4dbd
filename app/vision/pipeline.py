"""From a picture to what is said and shown of it, in one straight line."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields, replace

import numpy as np

from app.domain import Attributes, Frame, FrameResult, Track, ViewOptions
from app.vision.annotate import Annotator
from app.vision.detect import FaceDetector
from app.vision.encode import encode_jpeg
from app.vision.predict import Predictor
from app.vision.smooth import Smoother
from app.vision.track import Tracker
from app.vision.veil import Veil

Clock = Callable[[], float]
RATE_OVER_S = 1.0


class Pipeline:
    """Analyses the pictures of a source one after another.

    Args:
        first_id: Where the numbers of faces begin.
        blur: Hide every face in every view, whatever it asks for.
    """

    def __init__(
        self,
        detector: FaceDetector,
        predictors: Sequence[Predictor],
        first_id: int = 1,
        clock: Clock = time.perf_counter,
        *,
        blur: bool = False,
    ) -> None:
        self.detector, self.predictors, self._blur = detector, predictors, blur
        self._tracker, self._smoother, self._annotator = Tracker(first_id), Smoother(), Annotator()
        self._veil = Veil()
        self._clock, self._rate = clock, _Rate()

    def step(self, frame: Frame, views: Sequence[ViewOptions] = ()) -> FrameResult:
        """Analyse one picture, and draw and encode it once for every view."""
        stages = Stages(self._clock)
        tracks = self.analyse(frame, stages)
        pictures: dict[str, bytes] = {}
        for view in views:
            with stages.timed("annotate"):
                hidden = self._blur or "blur" in view.show
                ground = self._veil.hide(frame.image, frame.time_s) if hidden else frame.image
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

    def analyse(self, frame: Frame, stages: Stages) -> list[Track]:
        """Find, follow and read the faces of one picture."""
        with stages.timed("detect"):
            faces = self.detector.detect(frame.image)
        with stages.timed("track"):
            self._veil.update(faces, frame.time_s)
            tracks = self._tracker.update(faces, frame.time_s)
        with stages.timed("predict"):
            read = self._read(frame.image, tracks)
        with stages.timed("smooth"):
            return self._smoother.update(tracks, read, frame.time_s)

    def forget(self) -> None:
        """Begin a new source: no track lives on, and no id is given again."""
        self._tracker.forget()
        self._smoother.forget()
        self._veil.forget()
        self._rate = _Rate()

    def _read(self, image: np.ndarray, tracks: Sequence[Track]) -> list[Attributes]:
        """What every model says of every track."""
        faces = [track.face for track in tracks]
        read = [Attributes() for _ in tracks]
        for predictor in self.predictors if tracks else ():
            rows = predictor.predict(image, faces)
            read = [joined(known, predictor.card.attributes(row)) for known, row in zip(read, rows, strict=True)]
        return read


def joined(known: Attributes, more: Attributes) -> Attributes:
    """Both together; `more` counts where both speak."""
    spoken = {one.name: value for one in fields(more) if (value := getattr(more, one.name)) is not None}
    return replace(known, **spoken)


class Stages:
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
