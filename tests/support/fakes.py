"""Fakes of the app's protocols, and test data as the vision process sends it."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from app.attributes.estimate import UNSURE, ClassEstimate, Estimate, NumberEstimate
from app.domain import Box, FaceResult, FrameResult
from app.wire import Message, frame_to_message

LABELS = ("angry", "disgust", "fear", "happy", "neutral", "sad", "surprise")
RACES = ("white", "black", "asian", "indian", "other")


def make_emotion(label: str, p: float = 0.7) -> ClassEstimate:
    """An emotion with probability `p` for `label`; the other labels share the rest."""
    rest = round((1 - p) / (len(LABELS) - 1), 4)
    return ClassEstimate({other: p if other == label else rest for other in LABELS}, label)


def make_mask(label: str) -> ClassEstimate:
    """A mask prediction with probability 1 for `label`."""
    return ClassEstimate({other: float(other == label) for other in ("none", "mask", "wrong")}, label)


def make_race(label: str) -> ClassEstimate:
    """A perceived race with probability 1 for `label`."""
    return ClassEstimate({other: float(other == label) for other in RACES}, label)


def with_mask(face: FaceResult) -> FaceResult:
    """The same face behind a mask, without emotion, age and race."""
    unsure = ClassEstimate(label=UNSURE)
    return with_estimates(face, emotion=unsure, age=NumberEstimate(), race=unsure, mask=make_mask("mask"))


def with_estimates(face: FaceResult, **estimates: Estimate) -> FaceResult:
    """The same face with other estimates."""
    return replace(face, estimates={**face.estimates, **estimates})


def make_face(person_id: int = 1, label: str = "happy", age_years: float = 30.0, p_female: float = 0.9) -> FaceResult:
    """A face with every attribute that models predict, as the vision process reports it."""
    sex = ClassEstimate({"male": 1 - p_female, "female": p_female}, "female" if p_female >= 0.5 else "male")
    estimates: dict[str, Estimate] = {
        "emotion": make_emotion(label),
        "age": NumberEstimate(age_years, (age_years - 8, age_years + 8)),
        "sex": sex,
        "race": make_race("asian"),
        "mask": make_mask("none"),
    }
    return FaceResult(person_id, Box(10.0, 10.0, 40.0, 50.0), 0.9, estimates)


def make_explanation(person: int = 1) -> tuple[dict[str, Any], bytes]:
    """An explanation of a person's emotion, in which the mouth speaks for "happy", and its patch."""
    falls = [[0.01 * (row >= 5) for _ in range(8)] for row in range(8)]
    body = {
        "person": person,
        "attribute": "emotion",
        "label": "happy",
        "unsure": False,
        "likeliest": "happy",
        "probability": 0.93,
        "falls": falls,
        "regions": {"brows": 0.0, "eyes": 0.0, "nose": 0.0, "mouth": 0.01},
        "strongest_region": "mouth",
        "shape": [48, 48, 1],
    }
    return body, bytes(48 * 48)


def make_result(
    index: int,
    faces: Sequence[FaceResult] = (),
    views: Sequence[str] = (),
    latency_s: float = 0.01,
    padding: int = 0,
) -> FrameResult:
    """The result of a frame read just now, with a fake JPEG for each of `views`, `padding` bytes longer."""
    return FrameResult(
        index=index,
        time_s=index / 30,
        read_at_s=time.monotonic() - latency_s,
        width=640,
        height=480,
        faces=faces,
        stages_ms={"detect": 4.0},
        fps=30.0,
        jpegs={key: fake_jpeg(index, key) + bytes(padding) for key in views},
    )


def fake_jpeg(index: int, key: str) -> bytes:
    """Bytes in place of the JPEG of a frame and view."""
    return b"\xff\xd8" + f"frame {index} showing {key or 'nothing'}".encode() + b"\xff\xd9"


def fake_jpeg_index(jpeg: bytes) -> int:
    """Index of the frame that bytes of `fake_jpeg` stand for."""
    return int(jpeg.split(maxsplit=2)[1])


def status_body(**camera: Any) -> dict[str, Any]:
    """A `status` message of a running demo; `camera` overrides values of its camera."""
    return {
        "camera": {
            "state": "live",
            "requested": "auto",
            "source": "demo",
            "kind": "demo",
            "name": "Demo scene",
            "demo": True,
            "width": 640,
            "height": 480,
            "fps": 30.0,
            "duration_s": None,
            "ended": False,
            "mirrored": False,
            "notice": None,
            "error": None,
            **camera,
        },
        "detail": {"reduced": 0, "notice": None},
        "detector": {"name": "yunet", "title": "YuNet", "notice": None},
        "models": {
            "emotion": {"title": "Emotion", "attributes": ["emotion"], "labels": list(LABELS)},
            "demographics": {
                "title": "Age and perceived sex",
                "attributes": ["age", "sex"],
                "labels": ["male", "female"],
            },
        },
        "trouble": None,
    }


class FakeLink:
    """A `VisionLink` to which the test feeds messages and from which it reads commands.

    Attributes:
        sent: All commands, as (type, body).
        parts: The binary parts of all commands.
        cameras: The reply to `list_cameras`; None sends no reply.
        explanation: The reply to `explain`, without the number of the request, and its part; None sends no reply.
    """

    def __init__(self) -> None:
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self.parts: list[bytes] = []
        self.cameras: list[dict[str, str]] | None = [{"source": "demo", "name": "Demo scene"}]
        self.explanation: tuple[dict[str, Any], bytes] | None = None
        self.closed = False
        self._messages: queue.Queue[Message | None] = queue.Queue()
        self._changed = threading.Condition()

    def receive(self) -> Message | None:
        return self._messages.get()

    def send(self, type: str, body: Mapping[str, Any] | None = None, parts: Sequence[bytes] = ()) -> None:
        with self._changed:
            self.sent.append((type, dict(body or {})))
            self.parts.extend(parts)
            self._changed.notify_all()
        if type == "list_cameras" and self.cameras is not None:
            self.feed("cameras", {"cameras": self.cameras})
        if type == "explain" and self.explanation is not None and body is not None:
            reply, part = self.explanation
            self.feed("explanation", {"request": body["request"], **reply}, [part])

    def close(self) -> None:
        self.closed = True
        self._messages.put(None)

    def feed(self, type: str, body: Mapping[str, Any], parts: Sequence[bytes] = ()) -> None:
        """Send a message as the vision process would."""
        self._messages.put(Message(type, body, parts))

    def feed_frame(
        self, index: int, faces: Sequence[FaceResult] = (), latency_s: float = 0.01, padding: int = 0
    ) -> None:
        """Send a frame with a fake JPEG for each view in use."""
        self._messages.put(frame_to_message(make_result(index, faces, self.views, latency_s, padding)))

    @property
    def views(self) -> list[str]:
        """The views in use, from the last command."""
        return next((body["views"] for type, body in reversed(self.sent) if type == "views"), [])

    @property
    def user_commands(self) -> list[tuple[str, dict[str, Any]]]:
        """The commands of users, without those that the web process sends when viewers come and go."""
        return [(type, body) for type, body in self.sent if type not in ("views", "numbers")]

    def wait_for_views(self, *keys: str, timeout_s: float = 5.0) -> None:
        """Wait until exactly these views are in use."""
        with self._changed:
            if not self._changed.wait_for(lambda: sorted(self.views) == sorted(keys), timeout_s):
                raise AssertionError(f"views in use are {self.views}, not {list(keys)}")


class FakeCapture:
    """A fake `cv2.VideoCapture`.

    Attributes:
        pictures: Remaining BGR frames; without one `read` fails, as with a lost camera.
        released: Whether the device was released.
    """

    def __init__(self, pictures: Sequence[Any], opened: bool = True, fps: float = 30.0) -> None:
        self.pictures, self.released = list(pictures), False
        self._opened, self._fps = opened, fps

    def isOpened(self) -> bool:  # noqa: N802 - OpenCV's name
        return self._opened

    def read(self) -> tuple[bool, Any]:
        return (True, self.pictures.pop(0)) if self.pictures else (False, None)

    def grab(self) -> bool:
        return self.read()[0]

    def get(self, property_id: int, /) -> float:
        import cv2

        return self._fps if property_id == cv2.CAP_PROP_FPS else 0.0

    def set(self, property_id: int, value: float, /) -> bool:
        return False

    def release(self) -> None:
        self.released = True


class FakeClock:
    """A clock that advances by `step_s` per call, and by changing `now_s`."""

    def __init__(self, now_s: float = 100.0, step_s: float = 0.0) -> None:
        self.now_s, self.step_s = now_s, step_s

    def __call__(self) -> float:
        self.now_s += self.step_s
        return self.now_s
