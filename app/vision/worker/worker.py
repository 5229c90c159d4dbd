"""The vision process's own work: take pictures, analyse them, send results, follow commands."""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from app.domain import ViewOptions
from app.errors import CameraUnresponsive, DetectorUnavailable, ModelError, UnknownView
from app.settings import Settings, without_credentials
from app.vision.attributes.predictor import Predictor, load_predictors
from app.vision.capture.camera_list import list_cameras
from app.vision.capture.camera_status import CameraStatus
from app.vision.capture.camera_thread import Camera, Picture
from app.vision.detection.face_detector import FaceDetector, build_detector
from app.vision.landmarks.landmark_tracking import LandmarkTracker, load_landmark_tracker
from app.vision.runtime.stall_timer import EXIT_CAMERA_HANGS
from app.vision.worker.adaptive_quality import DETAILS, Load
from app.vision.worker.pipeline import Pipeline
from app.wire import Message, frame_to_message, pack, read

LEAVE_WITHIN_S = 0.8
LOOK_EVERY_S = 0.25
REDUCED_NOTICE = (
    "The computer that runs the server is busy. To keep the frame rate, faces are detected at a lower resolution and "
    "analysed less often."
)

log = logging.getLogger("vision")


class VisionWorker:
    """Serves one connection to the web process until told to stop, or until the connection ends."""

    def __init__(self, connection: socket.socket, start: Mapping[str, Any]) -> None:
        """Build the pipeline.

        Args:
            start: Body of the first message: `settings`, and from an earlier process `source`, `paused`, `views`,
                `numbers` and `first_id`.
        """
        settings = Settings(**start["settings"])
        self._connection, self._sending = connection, threading.Lock()
        self._saying = threading.Lock()  # so that the last status said is the newest
        self._camera_said: Mapping[str, Any] = {}
        self._configured, self._disable_pacing = settings.source, settings.disable_pacing
        self._stopped = threading.Event()
        self._load, self._opening, self._left_out = Load(), 0, 0
        self._views, self._numbers_wanted = _parsed(start.get("views", ())), bool(start.get("numbers", True))
        detector, predictors, landmark_tracker, self._trouble = _loaded(settings)
        self._pipeline = Pipeline(
            detector, predictors, start.get("first_id", 1), landmark_tracker=landmark_tracker, blur=settings.blur
        )
        source = start.get("source") or settings.source
        paused = bool(start.get("paused"))
        self._camera = Camera(replace(settings, source=self._real(source)), self._say_camera, paused)
        self._say_who_watches()

    def run(self) -> None:
        """Work until the end; the camera is released then."""
        threading.Thread(target=self._follow_commands, name="commands", daemon=True).start()
        self._camera.start()
        try:
            self._work()
        finally:
            self._camera.close()
            log.info("stopped")

    def _work(self) -> None:
        look_at_s = time.monotonic()
        while not self._stopped.is_set():
            picture = self._camera.take(LOOK_EVERY_S)
            if time.monotonic() >= look_at_s:
                look_at_s = time.monotonic() + LOOK_EVERY_S
                self._look_after_camera()
            if picture is not None:
                self._analyse(picture)

    def _analyse(self, picture: Picture) -> None:
        started_s = time.monotonic()
        if picture.opening != self._opening:
            self._opening, self._left_out = picture.opening, 0
            self._pipeline.reset()
        skipped_while_idle, self._left_out = picture.skipped_while_idle - self._left_out, picture.skipped_while_idle
        result = self._pipeline.step(picture.frame, self._views)
        stages = {"capture": picture.read_ms, **result.stages_ms}
        self._send(frame_to_message(replace(result, stages_ms=stages, skipped_while_idle=skipped_while_idle)))
        if not self._disable_pacing and not skipped_while_idle and self._load.has_changed(started_s, time.monotonic()):
            self._change_detail()

    def _change_detail(self) -> None:
        """Look at faces as closely as there is time for, and say so."""
        level = self._load.level
        log.info("detail: %s", f"reduced by {level} of {len(DETAILS) - 1} steps, to keep up" if level else "full again")
        self._pipeline.look(DETAILS[level])
        self._say_status()

    def _look_after_camera(self) -> None:
        """Say that this process works, and end it where it could not let go of its camera."""
        self._send(Message("alive", {}))
        try:
            self._camera.check()
        except CameraUnresponsive as error:
            log.error("%s", error)
            os._exit(EXIT_CAMERA_HANGS)

    def _follow_commands(self) -> None:
        try:
            while not self._stopped.is_set():
                message = read(self._connection)
                if message is None or message.type == "stop":
                    break
                self._follow(message)
        except OSError:
            pass
        self._leave()

    def _follow(self, message: Message) -> None:
        if message.type == "views":
            self._views = _parsed(message.body["views"])
            self._say_who_watches()
        elif message.type == "numbers":
            self._numbers_wanted = bool(message.body["wanted"])
            self._say_who_watches()
        elif message.type == "pause":
            self._camera.pause()
        elif message.type == "resume":
            self._camera.resume()
        elif message.type == "select":
            self._camera.select(self._real(message.body["source"]))
        elif message.type == "list_cameras":
            self._send(Message("cameras", {"cameras": list_cameras(self._configured)}))
        else:
            log.warning("unknown command %r", message.type)

    def _say_who_watches(self) -> None:
        """Let the camera rest while nobody sees its pictures or what is read from them."""
        self._camera.watched = self._numbers_wanted or bool(self._views)

    def _leave(self) -> None:
        """End soon, even where a device keeps its thread waiting."""
        self._stopped.set()
        timer = threading.Timer(LEAVE_WITHIN_S, os._exit, [0])
        timer.daemon = True
        timer.start()

    def _real(self, source: str) -> str:
        """The configured source where its text without credentials is meant."""
        return self._configured if source == without_credentials(self._configured) else source

    def _say_camera(self, status: CameraStatus) -> None:
        camera = status.to_dict()
        log.info("camera %s: %s%s", camera["name"], status.state, f" ({status.error})" if status.error else "")
        self._say_status(camera)

    def _say_status(self, camera: Mapping[str, Any] | None = None) -> None:
        """Say how all is; of the camera what was said last, unless there is news."""
        with self._saying:
            self._camera_said = camera or self._camera_said
            self._send(Message("status", self._status()))

    def _status(self) -> dict[str, Any]:
        detector, level = self._pipeline.detector, self._load.level
        return {
            "camera": self._camera_said,
            "detail": {"reduced": level, "notice": REDUCED_NOTICE if level else None},
            "detector": {"name": detector.name, "title": detector.title, "notice": detector.notice},
            "models": {
                predictor.card.name: {
                    "title": predictor.card.title,
                    "attributes": [head.attribute for head in predictor.card.served_heads],
                    "labels": predictor.card.class_labels,
                }
                for predictor in self._pipeline.predictors
            },
            "trouble": self._trouble,
        }

    def _send(self, message: Message) -> None:
        try:
            with self._sending:
                self._connection.sendall(pack(message))
        except OSError:
            self._leave()


def _parsed(keys: Sequence[str]) -> list[ViewOptions]:
    views = []
    for key in keys:
        try:
            views.append(ViewOptions.parse(key))
        except UnknownView as error:
            log.warning("%s", error)
    return views


def _loaded(settings: Settings) -> tuple[FaceDetector, list[Predictor], LandmarkTracker | None, str | None]:
    """Detector and models; where one cannot be used the picture still runs, and the viewer is told why."""
    try:
        detector = build_detector(settings)
    except (DetectorUnavailable, ModelError) as error:
        log.error("%s", error)
        detector = build_detector(replace(settings, detector="haar"))
        detector.notice = f"OpenCV's Haar cascade is used for face detection: {error}."
    try:
        return (
            detector,
            load_predictors(settings.models, race=settings.race),
            load_landmark_tracker(settings.models),
            None,
        )
    except ModelError as error:
        log.error("%s", error)
        return detector, [], None, f"Nothing is read from faces: {error}."
