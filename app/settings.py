"""Every setting of the app, read once from the environment and the command line."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from app.errors import SettingsError
from app.logs import LEVELS
from app.paths import resource


@dataclass(frozen=True, slots=True)
class Settings:
    """What can be set; the defaults serve `make run`.

    Attributes:
        source: Webcam index, video file, folder of images, RTSP/HTTP URL, `demo` or `auto`.
        width, height, fps: What is asked of a webcam or made by the demo; None leaves the source's own.
        mirror: Show a webcam as a mirror does.
        loop: Start a file or folder again at its end.
        flat_out: Read files and the demo as fast as they can be worked on (for measuring).
        open_timeout_s, read_timeout_s: Bounds on opening a stream and on waiting for its next picture.
        detector: `own` (the network trained here), `haar`, or a YuNet file (`.onnx`).
        detect_width: Longer side in pixels of the picture that faces are looked for in; None is the detector's own,
            320. A larger one finds smaller faces and takes longer: 640 suits pictures of 1080 lines.
        haar_scale_factor, haar_min_neighbors, haar_min_size: As in `cv2.CascadeClassifier.detectMultiScale`.
        models: Folder with one folder a network, each with its `card.json`.
        data: Folder for the sessions file; None is Flask's instance folder.
        host, port: Where the page is served. Beyond this computer a token is asked of everyone.
        names: Further names that this server is reached by, between commas.
        cert, key: PEM files of a certificate and its key; the page is then served over HTTPS.
        keep_days: A session is deleted so many days after its end; 0 keeps it for ever.
        blur: Hide every face from every viewer.
        race: Tell perceived race too, where a model reads it; without it nothing of it is worked out or kept.
        log_level, log_json: From which level on events are logged, and whether as JSON.
    """

    source: str = "auto"
    width: int | None = None
    height: int | None = None
    fps: float | None = None
    mirror: bool = True
    loop: bool = False
    flat_out: bool = False
    open_timeout_s: float = 3.0
    read_timeout_s: float = 3.0
    detector: str = "own"
    detect_width: int | None = None
    haar_scale_factor: float = 1.2
    haar_min_neighbors: int = 5
    haar_min_size: int = 24
    models: str = str(resource("models"))
    data: str | None = None
    host: str = "127.0.0.1"
    port: int = 5000
    names: str = ""
    cert: str | None = None
    key: str | None = None
    keep_days: int = 30
    blur: bool = False
    race: bool = False
    log_level: str = "info"
    log_json: bool = False

    def __post_init__(self) -> None:
        _check(self)

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Settings:
        """Settings from `environ`; a variable that is absent or empty leaves the default.

        Raises:
            SettingsError: a value is not of its kind; names the variable.
        """
        values: dict[str, Any] = {}
        for variable, (name, convert) in ENVIRONMENT.items():
            text = environ.get(variable, "")
            if text:
                values[name] = _converted(variable, text, convert)
        return cls(**values)

    def with_options(self, **options: Any) -> Settings:
        """The same settings with every option that is not None put in place."""
        return replace(self, **{name: value for name, value in options.items() if value is not None})

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for `Settings(**values)` in another process."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


def without_credentials(source: str) -> str:
    """A source as it may be shown: a URL without its user, password and values, anything else as it is.

    Cameras take passwords as `//user:password@` and as values (`?pwd=1`, or even `/user=me&password=1`); one that
    holds a slash is hidden too, at the price of a path before an `@`.
    """
    scheme, separator, rest = source.partition("://")
    if not separator:
        return source
    return scheme + separator + re.sub(r"=[^&#]+", "=...", rest.rpartition("@")[2])


def _truth(text: str) -> bool:
    words = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
    return words[text.lower()]


ENVIRONMENT: Mapping[str, tuple[str, Callable[[str], Any]]] = {
    "CAMERA": ("source", str),
    "CAMERA_WIDTH": ("width", int),
    "CAMERA_HEIGHT": ("height", int),
    "CAMERA_FPS": ("fps", float),
    "CAMERA_MIRROR": ("mirror", _truth),
    "CAMERA_LOOP": ("loop", _truth),
    "FACE_DETECTOR_MODEL": ("detector", str),  # of both, FACE_DETECTOR counts
    "FACE_DETECTOR": ("detector", str),
    "DETECT_WIDTH": ("detect_width", int),
    "MODELS": ("models", str),
    "DATA": ("data", str),
    "HOST": ("host", str),
    "PORT": ("port", int),
    "NAMES": ("names", str),
    "TLS_CERT": ("cert", str),
    "TLS_KEY": ("key", str),
    "KEEP_DAYS": ("keep_days", int),
    "BLUR": ("blur", _truth),
    "RACE": ("race", _truth),
    "LOG_LEVEL": ("log_level", str),
    "LOG_JSON": ("log_json", _truth),
}


def _converted(variable: str, text: str, convert: Callable[[str], Any]) -> Any:
    try:
        return convert(text)
    except (ValueError, KeyError):
        kind = {int: "a whole number", float: "a number", _truth: "yes or no"}.get(convert, "text")
        raise SettingsError(f"{variable}={text!r} is not {kind}; set {variable} to one or unset it") from None


def _check(settings: Settings) -> None:
    """Refuse values that no part of the app could work with."""
    if settings.log_level not in LEVELS:
        raise SettingsError(f"log_level={settings.log_level!r} is no level; give one of {', '.join(LEVELS)}")
    if not settings.source.strip():
        raise SettingsError("source is empty; give a webcam index, a file, a folder, a URL, demo or auto")
    if (settings.cert is None) != (settings.key is None):
        raise SettingsError("a certificate and its key go together; give both --cert and --key")
    bounds: Mapping[str, tuple[float, float]] = {
        "width": (32, 7680),
        "height": (32, 4320),
        "fps": (0.1, 240),
        "open_timeout_s": (0.1, 60),
        "read_timeout_s": (0.1, 60),
        "detect_width": (64, 1920),
        "haar_scale_factor": (1.01, 2),
        "haar_min_neighbors": (0, 50),
        "haar_min_size": (8, 500),
        "port": (0, 65535),
        "keep_days": (0, 36500),
    }
    for name, (low, high) in bounds.items():
        value = getattr(settings, name)
        if value is not None and not low <= value <= high:
            raise SettingsError(f"{name}={value} is out of range; give {low:g} to {high:g}")
