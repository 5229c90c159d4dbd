"""Check everything that `run` needs and suggest a remedy for each problem."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from app.errors import AppError, NoBrowserCamera
from app.paths import data_folder, resource
from app.settings import Settings

# The range of `requires-python` in pyproject.toml.
MIN_PYTHON = (3, 11)
FIRST_UNSUPPORTED_PYTHON = (3, 14)


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The result of one check. A passed check has a remedy too where something could be better."""

    name: str
    passed: bool
    result: str
    remedy: str | None = None


def run_checks(settings: Settings) -> Sequence[CheckResult]:
    """Run all checks, in the order in which `run` would meet the problems."""
    checks: Sequence[tuple[str, Callable[[Settings], CheckResult]]] = [
        ("python", _check_python),
        *((_source_title(one), partial(_check_camera, one)) for one in settings.cameras.values()),
        ("face detector", _check_detector),
        ("models", _check_models),
        ("port", _check_port),
        ("browser packages", _check_browser_packages),
        ("session folder", _check_session_folder),
    ]
    return [_run_check(name, check, settings) for name, check in checks]


def _run_check(name: str, check: Callable[[Settings], CheckResult], settings: Settings) -> CheckResult:
    """The result of a check; an AppError becomes a failed one with the error's message and remedy."""
    try:
        return check(settings)
    except AppError as error:
        problem, _, remedy = str(error).partition("; ")
        return CheckResult(name, False, problem, remedy or None)


def _check_python(_: Settings) -> CheckResult:
    version = ".".join(map(str, sys.version_info[:3]))
    is_supported = MIN_PYTHON <= sys.version_info < FIRST_UNSUPPORTED_PYTHON
    remedy = None if is_supported else "use Python 3.11 to 3.13: make clean run PYTHON=python3.12"
    return CheckResult("python", is_supported, version, remedy)


def _source_title(camera: Settings) -> str:
    return f"source {camera.camera_name}" if camera.camera_name else "source"


def _check_camera(camera: Settings, _: Settings) -> CheckResult:
    """The check of one camera, whose settings are `camera`."""
    result = _check_source(camera)
    return replace(result, name=_source_title(camera)) if camera.camera_name else result


def _check_source(settings: Settings) -> CheckResult:
    from app.vision.capture.open_source import open_source

    try:
        source = open_source(settings)
    except NoBrowserCamera:
        return CheckResult("camera", True, "a browser's, for which `run` waits")
    try:
        frame = source.read()
        info = source.info
    finally:
        source.close()
    if frame is None:
        return CheckResult("source", False, f"{info.name} delivers no frame", "choose another with --source")
    return CheckResult("source", True, f"{info.name}, {frame.width}x{frame.height}", info.notice)


def _check_detector(settings: Settings) -> CheckResult:
    from app.vision.detection.face_detector import build_detector

    detector = build_detector(settings)
    return CheckResult("face detector", True, detector.title, detector.notice)


def _check_models(settings: Settings) -> CheckResult:
    from app.attributes.attribute_set import load_attributes
    from app.vision.attributes.predictor import load_predictors

    served = load_attributes(settings.models, settings.enabled_attributes).served
    cards = [predictor.card for predictor in load_predictors(settings.models, served)]
    result = f"{', '.join(card.name for card in cards)} in {settings.models}; files match their cards"
    missing = sorted(settings.enabled_attributes - served)
    remedy = f"no model predicts {', '.join(missing)}, so enabling it has no effect" if missing else None
    return CheckResult("models", True, result, remedy)


def _check_port(settings: Settings) -> CheckResult:
    from app.web.servers.listener import open_listener

    with open_listener(settings):
        return CheckResult("port", True, f"{settings.host}:{settings.port} is free")


def _check_browser_packages(_: Settings) -> CheckResult:
    packages = resource("static/node_modules")
    if not (packages / "socket.io-client").is_dir():
        return CheckResult("browser packages", False, "socket.io-client missing", "run make install")
    return CheckResult("browser packages", True, "socket.io-client")


def _check_session_folder(settings: Settings) -> CheckResult:
    folder = data_folder(settings.data)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        return CheckResult("session folder", False, f"{folder}: {error.strerror}", "choose another with --data DIR")
    return CheckResult("session folder", True, f"{folder} is writable")
