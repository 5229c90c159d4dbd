"""Main loop of the vision process: read frames, analyse them, send results and handle commands."""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from app.attributes.attribute_set import AttributeSet, load_attributes
from app.domain import ViewOptions
from app.errors import CameraUnresponsive, DetectorUnavailable, ModelError
from app.settings import Settings
from app.source_names import without_credentials
from app.vision.attributes.predictor import Predictor, load_predictors
from app.vision.browser_camera.browser_source import BrowserFrame, BrowserFrames, open_any_source
from app.vision.capture.camera_list import list_cameras
from app.vision.capture.camera_status import FAILURE_STATES, CameraStatus
from app.vision.capture.camera_thread import Camera
from app.vision.capture.frame_source import CapturedFrame
from app.vision.detection.face_detector import FaceDetector, build_detector
from app.vision.explanation.explainer import Explainer
from app.vision.landmarks.landmark_tracking import LandmarkTracker, load_landmark_tracker
from app.vision.runtime.process_priority import lower_priority
from app.vision.runtime.stall_timer import EXIT_CAMERA_HANGS
from app.vision.worker.adaptive_quality import QUALITY_LEVELS, AdaptiveQuality
from app.vision.worker.pipeline import Pipeline
from app.vision.worker.view_rendering import AnalyzedFrame, RenderingThread
from app.wire import Message, frame_to_message, pack_message, read_message

# Below the time after which the web process kills this one (`STOP_TIMEOUT_S`).
EXIT_TIMEOUT_S = 0.8
# Period of the camera check and of the `alive` message; several fit into the web process's stall limit.
CAMERA_CHECK_PERIOD_S = 0.25
REDUCED_NOTICE = (
    "The computer that runs the server is busy. To keep the frame rate, faces are detected at a lower resolution and "
    "analysed less often."
)

log = logging.getLogger("vision")


class VisionWorker:
    """Serves one connection to the web process until a `stop` command or the end of the connection."""

    def __init__(self, connection: socket.socket, start: Mapping[str, Any]) -> None:
        """Load the models and prepare the camera.

        Args:
            start: Body of the first message: `settings`, and after a restart `source`, `paused`, `views`, `numbers` and
                `first_id`.
        """
        settings = Settings(**start["settings"])
        self._connection, self._send_lock = connection, threading.Lock()
        self._status_lock = threading.Lock()  # the last status sent must be the newest
        self._camera_status: Mapping[str, Any] = {}
        self._configured_source, self._disable_pacing = settings.source, settings.disable_pacing
        self._stopped = threading.Event()
        self._adaptive_quality, self._opening, self._skipped_while_idle = AdaptiveQuality(), 0, 0
        self._views = [ViewOptions.from_key(key) for key in start.get("views", ())]
        self._numbers_wanted = bool(start.get("numbers", True))
        models = _load_models(settings)
        self._model_error = models.error
        self._pipeline = Pipeline(
            models.detector,
            models.predictors,
            start.get("first_id", 1),
            attributes=models.attributes,
            landmark_tracker=models.landmark_tracker,
            blur=settings.blur,
        )
        self._rendering = RenderingThread()
        self._explainer = Explainer(models.predictors, self._pipeline.neutral_faces, self._send)
        source = self._with_credentials(start.get("source") or settings.source)
        self._browser_frames = BrowserFrames()
        self._camera = Camera(
            replace(settings, source=source),
            self._send_camera_status,
            bool(start.get("paused")),
            open_source=partial(open_any_source, frames=self._browser_frames),
        )
        self._update_viewer_presence()

    def run(self) -> None:
        """Process frames until stopped; release the camera at the end."""
        threading.Thread(target=self._read_commands, name="commands", daemon=True).start()
        self._camera.start()
        try:
            self._process_frames()
        finally:
            self._camera.close()
            log.info("stopped")

    def _process_frames(self) -> None:
        next_check_s, has_started = time.monotonic(), False
        while not self._stopped.is_set():
            captured = self._camera.take(CAMERA_CHECK_PERIOD_S)
            if time.monotonic() >= next_check_s:
                next_check_s = time.monotonic() + CAMERA_CHECK_PERIOD_S
                self._check_camera()
            if captured is not None:
                self._process(captured)
                if not has_started:
                    has_started = True
                    lower_priority()

    def _process(self, captured: CapturedFrame) -> None:
        started_s = time.monotonic()
        if captured.opening != self._opening:
            self._opening, self._skipped_while_idle = captured.opening, 0
            self._pipeline.reset()
        if captured.unrelated:
            self._pipeline.forget_faces()
        skipped = captured.skipped_while_idle - self._skipped_while_idle
        self._skipped_while_idle = captured.skipped_while_idle
        analyzed = self._pipeline.analyze_for_views(captured.frame, self._views)
        self._rendering.submit(partial(self._render_and_send, analyzed, captured, skipped))
        self._explainer.update(captured.frame.image, self._pipeline.tracks)
        if self._is_quality_changed(captured.unrelated, not skipped, started_s):
            self._apply_quality()

    def _render_and_send(self, analyzed: AnalyzedFrame, captured: CapturedFrame, skipped: int) -> None:
        result = self._pipeline.render(analyzed)
        stages_ms = {"capture": captured.read_ms, **result.stages_ms}
        self._send(
            frame_to_message(
                replace(result, stages_ms=stages_ms, skipped_while_idle=skipped, position_s=captured.position_s)
            )
        )

    def _is_quality_changed(self, unrelated: bool, counts: bool, started_s: float) -> bool:
        """Whether the frame that was begun at this time changes the quality level.

        Pictures of a folder are read as `analyze` reads them, however long that takes: small faces would disappear.
        """
        if unrelated:
            return self._adaptive_quality.restore()
        return not self._disable_pacing and counts and self._adaptive_quality.update(started_s, time.monotonic())

    def _apply_quality(self) -> None:
        """Pass a changed quality level to the pipeline and report it."""
        level = self._adaptive_quality.level
        steps = len(QUALITY_LEVELS) - 1
        log.info("quality: %s", f"reduced by {level} of {steps} steps to keep up" if level else "full again")
        self._pipeline.set_quality(QUALITY_LEVELS[level])
        self._send_status()

    def _check_camera(self) -> None:
        """Send a sign of life; end this process if the camera hangs, since only that releases the device."""
        self._send(Message("alive", {}))
        try:
            self._camera.check()
        except CameraUnresponsive as error:
            log.error("%s", error)
            os._exit(EXIT_CAMERA_HANGS)

    def _read_commands(self) -> None:
        try:
            while not self._stopped.is_set():
                message = read_message(self._connection)
                if message is None or message.type == "stop":
                    break
                self._handle(message)
        except OSError:
            pass
        self._exit_soon()

    def _handle(self, message: Message) -> None:
        if message.type == "views":
            self._views = [ViewOptions.from_key(key) for key in message.body["views"]]
            self._update_viewer_presence()
        elif message.type == "numbers":
            self._numbers_wanted = bool(message.body["wanted"])
            self._update_viewer_presence()
        elif message.type == "camera_frame":
            self._browser_frames.put(BrowserFrame(message.parts[0], **message.body))
        elif message.type == "camera_gone":
            self._browser_frames.clear()
        elif message.type == "pause":
            self._camera.pause()
            self._browser_frames.clear()
        elif message.type == "resume":
            self._camera.resume()
        elif message.type == "seek":
            self._camera.seek(message.body["position_s"])
        elif message.type == "select":
            self._camera.select(self._with_credentials(message.body["source"]))
            self._browser_frames.clear()
        elif message.type == "explain":
            self._explainer.request(message.body)
        elif message.type == "measure_neutral_face":
            self._pipeline.neutral_faces.measure(message.body["person"])
        elif message.type == "forget_neutral_face":
            self._pipeline.neutral_faces.forget(message.body["person"])
        elif message.type == "list_cameras":
            self._send(Message("cameras", {"cameras": list_cameras(self._configured_source)}))
        else:
            log.warning("unknown command %r", message.type)

    def _update_viewer_presence(self) -> None:
        """Let the camera skip frames while nobody uses images or statistics."""
        self._camera.has_viewers = self._numbers_wanted or bool(self._views)

    def _exit_soon(self) -> None:
        """Stop, and force the exit if a device blocks its thread."""
        self._stopped.set()
        timer = threading.Timer(EXIT_TIMEOUT_S, os._exit, [0])
        timer.daemon = True
        timer.start()

    def _with_credentials(self, source: str) -> str:
        """The configured source if `source` is its text without credentials."""
        return self._configured_source if source == without_credentials(self._configured_source) else source

    def _send_camera_status(self, status: CameraStatus) -> None:
        camera = status.to_dict()
        level = logging.WARNING if status.state in FAILURE_STATES else logging.INFO
        log.log(level, "source %s: %s%s", camera["name"], status.state, f" ({status.error})" if status.error else "")
        self._send_status(camera)

    def _send_status(self, camera: Mapping[str, Any] | None = None) -> None:
        """Send the whole status, with the last known camera status unless a new one is given."""
        with self._status_lock:
            self._camera_status = camera or self._camera_status
            self._send(Message("status", self._status()))

    def _status(self) -> dict[str, Any]:
        detector, level = self._pipeline.detector, self._adaptive_quality.level
        return {
            "camera": self._camera_status,
            "detail": {"reduced": level, "notice": REDUCED_NOTICE if level else None},
            "detector": {"name": detector.name, "title": detector.title, "notice": detector.notice},
            "models": {predictor.card.name: _model_summary(predictor) for predictor in self._pipeline.predictors},
            "trouble": self._model_error,
        }

    def _send(self, message: Message) -> None:
        try:
            with self._send_lock:
                self._connection.sendall(pack_message(message))
        except OSError:
            self._exit_soon()


def _model_summary(predictor: Predictor) -> dict[str, Any]:
    card = predictor.card
    attributes = [head.attribute for head in card.served_heads]
    return {"title": card.title, "attributes": attributes, "labels": card.class_labels}


@dataclass(frozen=True, slots=True)
class _Models:
    """Detector and models; `error` states for the viewer why models are missing."""

    detector: FaceDetector
    attributes: AttributeSet
    predictors: Sequence[Predictor] = ()
    landmark_tracker: LandmarkTracker | None = None
    error: str | None = None


def _load_models(settings: Settings) -> _Models:
    """Load detector and models; if one fails, run without it."""
    detector = _load_detector(settings)
    try:
        attributes = load_attributes(settings.models, settings.enabled_attributes)
        predictors = load_predictors(settings.models, attributes.served)
        return _Models(detector, attributes, predictors, load_landmark_tracker(settings.models))
    except ModelError as error:
        log.error("%s", error)
        return _Models(detector, AttributeSet(), error=f"Nothing is read from faces: {error}.")


def _load_detector(settings: Settings) -> FaceDetector:
    try:
        return build_detector(settings)
    except (DetectorUnavailable, ModelError) as error:
        log.error("%s", error)
        detector = build_detector(replace(settings, detector="haar"))
        detector.notice = f"OpenCV's Haar cascade is used for face detection: {error}."
        return detector
