"""The command `camera`: publish a camera until it is stopped."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from typing import TYPE_CHECKING

from app import logs
from app.errors import SettingsError
from app.processes.vision_supervisor import VisionProcessLink
from app.settings import Settings
from app.vision.runtime.process_limits import forbid_core_dumps

if TYPE_CHECKING:
    from app.webhook.notifications import Notifications


def run_camera(settings: Settings, environ: Mapping[str, str]) -> None:
    """Publish a camera until Ctrl-C or SIGTERM.

    Raises:
        SettingsError: the URL of Redis is missing or malformed, the source is a browser, or a rule or the secret of the
            webhook is none.
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

    redis, notifications = open_redis(settings, environ), _open_notifications(settings, environ)
    process = CameraProcess(redis, link, settings, notifications)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: process.stop())
    process.run()


def _open_notifications(settings: Settings, environ: Mapping[str, str]) -> Notifications | None:
    """What tells of the hits of --rules; None without any, and then nothing of it is imported."""
    if not settings.rules.strip():
        return None
    from app.attributes.attribute_set import load_attributes
    from app.webhook.notifications import build_notifications
    from app.webhook.secret import read_secret

    attributes = load_attributes(settings.models, settings.enabled_attributes)
    return build_notifications(settings, read_secret(settings, environ), attributes)
