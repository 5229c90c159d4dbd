"""Draw and encode analysed frames, in a thread of its own while the next frame is analysed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from queue import Queue

import numpy as np

from app.attributes.attribute_set import AttributeSet
from app.domain import Frame, FrameResult, Track, ViewOptions
from app.face_json import FaceResults
from app.vision.drawing.annotate import Annotator
from app.vision.drawing.jpeg import encode_jpeg
from app.vision.drawing.picture_scale import enlarge, view_enlargement
from app.vision.worker.stage_timer import StageTimer


@dataclass(frozen=True, slots=True)
class AnalyzedFrame:
    """A frame with what was found in it, not drawn yet.

    Attributes:
        images: What each view shows below its overlays: the frame, or a copy with blurred faces. RGB uint8, shape
            (height, width, 3).
        stages: Durations so far; drawing and encoding are added.
        fps: Frames per second over the last second.
        is_unrelated: Whether the frame is a picture of its own, so that labels need not keep their places.
    """

    frame: Frame
    tracks: Sequence[Track]
    images: Sequence[tuple[ViewOptions, np.ndarray]]
    stages: StageTimer
    fps: float
    is_unrelated: bool


class ViewRenderer:
    """Draws and encodes analysed frames, one after another."""

    def __init__(self, attributes: AttributeSet) -> None:
        self._annotator, self._face_results = Annotator(attributes), FaceResults(attributes)

    def render(self, analyzed: AnalyzedFrame) -> FrameResult:
        """Draw and encode a frame once per view."""
        if analyzed.is_unrelated:
            self._annotator.reset()
        frame, stages = analyzed.frame, analyzed.stages
        jpegs: dict[str, bytes] = {}
        for view, image in analyzed.images:
            with stages.measure("annotate"):
                large, drawn = enlarge(image, analyzed.tracks, view_enlargement(image, view.size))
                annotated = self._annotator.draw(large, drawn, view, frame.time_s)
            with stages.measure("encode"):
                jpegs[view.key] = encode_jpeg(annotated)
        return FrameResult(
            index=frame.index,
            time_s=frame.time_s,
            read_at_s=frame.read_at_s,
            width=frame.width,
            height=frame.height,
            faces=self._face_results.of(analyzed.tracks),
            stages_ms=stages.elapsed_ms,
            fps=analyzed.fps,
            jpegs=jpegs,
        )


class RenderingThread:
    """Runs jobs in their order, at most one at a time beside the caller.

    Drawing, encoding and sending take a third of a frame's time, most of it in libraries that release the interpreter's
    lock, so that the next frame is analysed meanwhile.
    """

    def __init__(self) -> None:
        self._jobs: Queue[Callable[[], None]] = Queue()
        threading.Thread(target=self._run, name="rendering", daemon=True).start()

    def submit(self, job: Callable[[], None]) -> None:
        """Run a job once the one before is done; waits for that one, so that frames never queue up."""
        self._jobs.join()
        self._jobs.put(job)

    def _run(self) -> None:
        while True:
            job = self._jobs.get()
            job()
            self._jobs.task_done()
