"""The command `camera`: publish a camera until it is stopped."""

from __future__ import annotations

import signal
from collections.abc import Mapping

from app import logs
from app.errors import SettingsError
from app.settings import Settings
from app.vision.runtime.process_limits import forbid_core_dumps
from app.vision_supervisor import VisionProcessLink


def run_camera(settings: Settings, environ: Mapping[str, str]) -> None:
    """Publish a camera until Ctrl-C or SIGTERM.

    Raises:
        SettingsError: the URL of Redis is missing or malformed, or the source is a browser.
        NotOwner: another process has taken the camera over.
    """
    logs.configure(settings.log_level, settings.log_json, settings.camera_name)
    forbid_core_dumps()
    if settings.source == "browser":
        raise SettingsError("source='browser' is served by `run` alone; give a camera, a file or a stream")
    link = VisionProcessLink(settings)
    link.load()  # beside the imports and the wait for the camera's owner, which take as long
    from app.cluster.camera_process import CameraProcess
    from app.cluster.connection import open_redis

    process = CameraProcess(open_redis(settings, environ), link, settings)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: process.stop())
    process.run()
