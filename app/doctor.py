"""Look at everything `run` needs and say what to do where something is missing."""

from __future__ import annotations

import socket
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.errors import AppError
from app.paths import default_data_folder, resource
from app.settings import Settings


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; `remedy` says what to do, also where the fault is bearable."""

    what: str
    ok: bool
    found: str
    remedy: str | None = None


def examine(settings: Settings) -> Sequence[Finding]:
    """Every check in the order in which `run` would meet it."""
    checks: Sequence[tuple[str, Callable[[Settings], Finding]]] = [
        ("python", _python),
        ("camera", _camera),
        ("face detector", _detector),
        ("models", _models),
        ("port", _port),
        ("browser packages", _browser_packages),
        ("session folder", _session_folder),
    ]
    return [_examined(what, check, settings) for what, check in checks]


def _examined(what: str, check: Callable[[Settings], Finding], settings: Settings) -> Finding:
    """The finding, or the error's own line where a part refuses."""
    try:
        return check(settings)
    except AppError as error:
        found, _, remedy = str(error).partition("; ")
        return Finding(what, False, found, remedy or None)


def _python(_: Settings) -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    ok = (3, 11) <= sys.version_info < (3, 14)
    return Finding("python", ok, version, None if ok else "use Python 3.11 to 3.13: make clean run PYTHON=python3.12")


def _camera(settings: Settings) -> Finding:
    from app.vision.capture.open_source import open_source

    source = open_source(settings)
    try:
        frame = source.read()
        info = source.info
    finally:
        source.close()
    if frame is None:
        return Finding("camera", False, f"{info.name} delivers no picture", "choose another with --source")
    return Finding("camera", True, f"{info.name}, {frame.width}x{frame.height}", info.notice)


def _detector(settings: Settings) -> Finding:
    from app.vision.detection.face_detector import build_detector

    detector = build_detector(settings)
    return Finding("face detector", True, detector.title, detector.notice)


def _models(settings: Settings) -> Finding:
    from app.vision.attributes.predictor import load_predictors

    cards = [predictor.card for predictor in load_predictors(settings.models, race=settings.race)]
    found = f"{', '.join(card.name for card in cards)} in {settings.models}, files as their cards say"
    told = {head.attribute for card in cards for head in card.served_heads}
    in_vain = settings.race and "race" not in told
    return Finding("models", True, found, "none of them reads race, so --race changes nothing" if in_vain else None)


def _port(settings: Settings) -> Finding:
    where = f"{settings.host}:{settings.port}"
    with socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            remedy = f"stop what uses it or choose another with --port {settings.port + 1}"
            return Finding("port", False, f"{where}: {error.strerror}", remedy)
    return Finding("port", True, f"{where} is free")


def _browser_packages(_: Settings) -> Finding:
    packages = resource("static/node_modules")
    missing = [name for name in ("socket.io-client", "echarts") if not (packages / name).is_dir()]
    if missing:
        return Finding("browser packages", False, f"{', '.join(missing)} missing", "fetch them with: make install")
    return Finding("browser packages", True, "socket.io-client, echarts")


def _session_folder(settings: Settings) -> Finding:
    folder = Path(settings.data) if settings.data else default_data_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        return Finding("session folder", False, f"{folder}: {error.strerror}", "choose another with --data DIR")
    return Finding("session folder", True, f"{folder} can be written")
