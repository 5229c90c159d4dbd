"""The app's settings: default, help text, environment variable and limits of each stand at its field, once."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cache
from typing import Any

from app.errors import SettingsError
from app.logs import LEVELS
from app.paths import resource
from app.setting_fields import SettingSpec, declared_settings, setting
from app.source_names import named_sources

# Name of the only camera of a server, where none is given.
DEFAULT_CAMERA = "main"
# Modules `app/web/servers/NAME_server.py`, named like the async modes of Flask-SocketIO.
SERVERS = ("eventlet", "threading")
# The sensors of most cameras have fewer.
DEFAULT_MAX_MEGAPIXELS = 100.0


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings. The defaults are those of `make run`."""

    source: str = setting(
        "auto",
        "Webcam index, video file, folder of images, RTSP/HTTP URL, browser (a phone's or any browser's camera), demo, "
        "or auto (a webcam, else the demo).",
        env=("CAMERA",),
    )
    camera: Sequence[str] = setting(
        (),
        "NAME=SOURCE: one of several cameras, each with a vision process of its own; repeatable, in place of --source.",
        env=("CAMERAS",),
    )
    width: int | None = setting(
        None, "Frame width requested from the source.", env=("CAMERA_WIDTH",), limits=(32, 7680)
    )
    height: int | None = setting(
        None, "Frame height requested from the source.", env=("CAMERA_HEIGHT",), limits=(32, 4320)
    )
    fps: float | None = setting(
        None, "Frames per second requested from the source.", env=("CAMERA_FPS",), limits=(0.1, 240)
    )
    max_side: int = setting(
        1920,
        "Longer side of the frames that are analysed and shown, in pixels; larger ones are reduced on reading.",
        env=("MAX_SIDE",),
        limits=(320, 7680),
    )
    max_megapixels: float = setting(
        DEFAULT_MAX_MEGAPIXELS,
        "Largest image of a folder, in megapixels; a larger one is left out unless it is reduced while it is decoded.",
        env=("MAX_MEGAPIXELS",),
        limits=(1, 170),
    )
    mirror: bool = setting(True, "Mirror the image of a webcam.", env=("CAMERA_MIRROR",))
    loop: bool = setting(False, "Restart a file or folder at its end.", env=("CAMERA_LOOP",))
    disable_pacing: bool = setting(False, "Read files and the demo as fast as they can be processed, for benchmarks.")
    open_timeout_s: float = setting(3.0, "Timeout for opening a stream, in seconds.", limits=(0.1, 60))
    read_timeout_s: float = setting(3.0, "Timeout for the next frame of a stream, in seconds.", limits=(0.1, 60))
    detector: str = setting(
        "own",
        "Face detector: own (trained by this project), haar, or a YuNet .onnx file.",
        env=("FACE_DETECTOR", "FACE_DETECTOR_MODEL"),
    )
    detect_width: int | None = setting(
        None,
        "Longer side of the image passed to the detector, in pixels; 640 detects smaller faces, but takes longer.",
        env=("DETECT_WIDTH",),
        default_text="320",
        limits=(64, 1920),
    )
    # Parameters of `cv2.CascadeClassifier.detectMultiScale`.
    haar_scale: float = setting(
        1.2, "Scale step between two image sizes of the Haar cascade.", env=("HAAR_SCALE",), limits=(1.01, 2)
    )
    haar_neighbours: int = setting(
        5, "Overlapping detections that the Haar cascade requires.", env=("HAAR_NEIGHBOURS",), limits=(0, 50)
    )
    haar_size: int = setting(
        24,
        "Smallest face of the Haar cascade, in pixels of the reduced image (see --detect-width).",
        env=("HAAR_SIZE",),
        limits=(8, 500),
    )
    models: str = setting(
        str(resource("models")), "Folder of the models.", env=("MODELS",), default_text="models/", is_path=True
    )
    data: str | None = setting(
        None,
        "Folder of the sessions file.",
        env=("DATA",),
        default_text="instance/, or the user's data folder when installed",
        is_path=True,
    )
    database: str | None = setting(
        None,
        "Keep sessions in PostgreSQL instead: postgresql+psycopg://USER@HOST/DATABASE, without a password.",
        env=("DATABASE_URL",),
    )
    host: str = setting(
        "127.0.0.1", "Address to listen on; if other computers can reach it, the link contains a token.", env=("HOST",)
    )
    port: int = setting(5000, "Port to listen on.", env=("PORT",), limits=(0, 65535))
    names: str = setting("", "Further host names of this server, separated by commas.", env=("NAMES",))
    behind_proxy: str = setting(
        "",
        "Addresses of proxies in front of this server, separated by commas; only their X-Forwarded headers count.",
        env=("BEHIND_PROXY",),
    )
    server: str = setting(
        "eventlet", "Web server: eventlet, or gunicorn's with threads.", env=("SERVER",), choices=SERVERS
    )
    cert: str | None = setting(
        None, "Certificate as a PEM file, to serve over HTTPS; needs --key.", env=("TLS_CERT",), is_path=True
    )
    key: str | None = setting(None, "Private key of --cert as a PEM file.", env=("TLS_KEY",), is_path=True)
    https: bool = setting(
        False, "Serve over HTTPS with a self-signed certificate, where --cert is not given.", env=("TLS_SELF_SIGNED",)
    )
    keep_days: int = setting(
        30, "Days after which sessions are deleted; 0 keeps them forever.", env=("KEEP_DAYS",), limits=(0, 36500)
    )
    max_upload_mb: int = setting(
        2000,
        "Largest video or ZIP archive of a job, and most that an archive may hold, in megabytes.",
        env=("MAX_UPLOAD_MB",),
        limits=(1, 1_000_000),
    )
    rate: int = setting(
        1, "Rows that a session keeps of each person and second.", env=("SESSION_RATE",), choices=(1, 2, 5, 10)
    )
    redis: str | None = setting(
        None,
        "URL of the Redis server that cameras, web nodes and recorders share, without a password.",
        env=("REDIS_URL",),
    )
    redis_ca: str | None = setting(
        None,
        "Certificates that sign that of a rediss:// server, as a PEM file.",
        env=("REDIS_CA",),
        default_text="those of this computer",
        is_path=True,
    )
    webhook: str | None = setting(
        None, "URL that gets new markers and the hits of --rules; needs a secret.", env=("WEBHOOK",)
    )
    webhook_secret_file: str | None = setting(
        None,
        "File with the secret that signs what the webhook gets; else the variable WEBHOOK_SECRET.",
        env=("WEBHOOK_SECRET_FILE",),
        is_path=True,
    )
    rules: str = setting(
        "",
        "When to tell the webhook, separated by semicolons, such as 'nobody for 60s; mean happy > 0.5 for 10s'.",
        env=("RULES",),
    )
    blur: bool = setting(False, "Blur all faces for all viewers.", env=("BLUR",))
    race: bool = setting(False, "Also predict perceived race, if a model supports it.", env=("RACE",))
    enable: str = setting(
        "", "Further attributes of models that the operator must enable, separated by commas.", env=("ENABLE",)
    )
    log_level: str = setting("info", "Minimum log level.", env=("LOG_LEVEL",), choices=LEVELS)
    log_json: bool = setting(False, "Log each event as one line of JSON.", env=("LOG_JSON",))

    def __post_init__(self) -> None:
        _check(self)

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Settings:
        """Settings from `environ`; a variable that is missing or empty leaves the default.

        Raises:
            SettingsError: a value does not have the setting's type.
        """
        values: dict[str, Any] = {}
        for spec in setting_specs():
            variable = next((name for name in spec.env if environ.get(name)), None)
            if variable is not None:
                values[spec.name] = spec.parse(variable, environ[variable])
        return cls(**values)

    def with_options(self, **options: Any) -> Settings:
        """A copy with all options that are given: neither None nor an empty list."""
        return replace(self, **{name: value for name, value in options.items() if value is not None and value != ()})

    @property
    def cameras(self) -> Mapping[str, Settings]:
        """The settings of each camera by its name, in order; without `--camera` the source is the only one."""
        cameras = {
            name: replace(self, source=source, camera=(f"{name}={source}",))
            for name, source in named_sources(self.camera).items()
        }
        return cameras or {DEFAULT_CAMERA: self}

    @property
    def camera_name(self) -> str | None:
        """The name that `--camera` gives the only camera of these settings; None without one."""
        return next(iter(named_sources(self.camera))) if len(self.camera) == 1 else None

    @property
    def enabled_attributes(self) -> frozenset[str]:
        """Names of the attributes that the operator has enabled, of those that need it."""
        names = {name.strip() for name in self.enable.split(",")} - {""}
        return frozenset(names | {"race"} if self.race else names)

    def to_dict(self) -> dict[str, Any]:
        """The values by name, for `Settings(**values)` in another process."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


@cache
def setting_specs() -> Sequence[SettingSpec]:
    """The declarations of all settings, in order."""
    return declared_settings(Settings)


def parse_networks(text: str) -> Sequence[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    """The addresses and networks of `--behind-proxy`; a single address is a network of its own.

    Raises:
        SettingsError: one of them is neither.
    """
    networks = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        try:
            networks.append(ipaddress.ip_network(part))
        except ValueError:
            raise SettingsError(
                f"behind_proxy: {part!r} is no IP address or network; give addresses such as 127.0.0.1 or 172.18.0.0/16"
            ) from None
    return networks


def _check(settings: Settings) -> None:
    """Refuse values outside their limits, and combinations that cannot work."""
    if not settings.source.strip():
        raise SettingsError("source is empty; give a webcam index, a file, a folder, a URL, browser, demo or auto")
    named_sources(settings.camera)
    if (settings.cert is None) != (settings.key is None):
        raise SettingsError("a certificate and its key belong together; give both --cert and --key")
    if settings.rules.strip() and not settings.webhook:
        raise SettingsError("rules have nobody to tell; give the URL of a receiver with --webhook")
    parse_networks(settings.behind_proxy)
    for spec in setting_specs():
        spec.check(getattr(settings, spec.name))
