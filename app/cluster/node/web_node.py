"""A web node: shows the cameras that others publish in Redis. Any number of them share the viewers."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import replace
from typing import cast

from flask import Flask

from app.cluster.connection import RedisLoop, open_redis
from app.cluster.keys import TOKEN
from app.cluster.node.camera_directory import CameraDirectory
from app.cluster.node.page_events import PageEvents
from app.cluster.node.redis_link import RedisLink
from app.cluster.node.remote_recorder import RemoteRecorder
from app.settings import Settings
from app.web import add_camera, remove_camera
from app.web.live.services import EXTENSION_NAME, Services
from app.web.security.token_auth import new_token


class WebNode:
    """Connects the web app of a node with Redis.

    Args:
        environ: Has the password of Redis.
    """

    def __init__(self, settings: Settings, environ: Mapping[str, str]) -> None:
        self._settings, self._redis = settings, open_redis(settings, environ)
        self._closing = threading.Event()
        self._token: str | None = None
        self._parts: list[CameraDirectory | PageEvents] = []

    def shared_token(self) -> str:
        """The token of all web nodes: the first one has made it. Waits for Redis."""
        loop = RedisLoop("web node", self._closing)
        while not loop.try_once(self._agree_on_token):
            pass
        return str(self._token)

    def start(self, app: Flask) -> None:
        """Show cameras as they appear."""
        services = cast(Services, app.extensions[EXTENSION_NAME])

        def add(link: RedisLink, blur: bool) -> None:
            named = (f"{link.name}={link.name}",)
            settings = replace(self._settings, source=link.name, camera=named, blur=blur)
            add_camera(app, link.name, link, settings, RemoteRecorder(link, services.store, services.disk_worker))

        directory = CameraDirectory(self._redis, add, lambda name: remove_camera(app, name), token=self._token)
        services.cameras.is_connected = lambda: directory.is_ready
        events = PageEvents(self._redis, services.emit)
        services.emit = events.send
        self._parts = [directory, events]
        for part in self._parts:
            threading.Thread(target=part.run, name=type(part).__name__, daemon=True).start()

    def close(self) -> None:
        """Look for cameras no more."""
        self._closing.set()
        for part in self._parts:
            part.close()

    def _agree_on_token(self) -> None:
        self._redis.set(TOKEN, new_token(), nx=True)
        self._token = cast(bytes, self._redis.get(TOKEN)).decode()
