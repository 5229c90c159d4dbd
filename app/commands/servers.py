"""The commands that run until they are stopped: the server, and the parts of one on several machines."""

from __future__ import annotations

import os
from importlib.util import find_spec
from typing import Any

import click

from app.commands.groups import source_hint
from app.commands.options import load_settings, setting_options
from app.errors import SettingsError
from app.settings import Settings


@click.command(context_settings={"allow_extra_args": True})
@setting_options("source", "camera", "detector", "detect_width", "models")
@setting_options("haar_scale", "haar_neighbours", "haar_size")
@setting_options("width", "height", "fps", "max_side", "max_megapixels", "mirror", "loop")
@setting_options("data", "database", "host", "port", "names", "behind_proxy", "server", "cert", "key", "https")
@setting_options("rate", "keep_days", "max_upload_mb", "blur", "race", "enable")
@setting_options("webhook", "webhook_secret_file", "rules")
@setting_options("log_level", "log_json")
@click.pass_context
def run(ctx: click.Context, **options: Any) -> None:
    """Start the server."""
    if ctx.args:
        raise click.UsageError(f"Unexpected argument {ctx.args[0]!r}. {source_hint(ctx.args[0])}", ctx)
    from app.serving.cameras import serve_cameras

    serve_cameras(load_settings(**options))


@click.command()
@click.option("--name", required=True, help="Name of the camera: at most 40 letters and digits.")
@setting_options("source", "redis", "redis_ca", "detector", "detect_width", "models")
@setting_options("haar_scale", "haar_neighbours", "haar_size")
@setting_options("width", "height", "fps", "max_side", "max_megapixels", "mirror", "loop")
@setting_options("blur", "race", "enable", "webhook", "webhook_secret_file", "rules", "log_level", "log_json")
def camera(name: str, **options: Any) -> None:
    """Publish one camera for web nodes, which find it in Redis."""
    settings = _load_shared_settings(**options)
    from app.cluster.camera_command import run_camera

    run_camera(settings.with_options(camera=(f"{name}={settings.source}",)), os.environ)


@click.command()
@setting_options(
    "redis", "redis_ca", "data", "database", "models", "host", "port", "names", "behind_proxy", "server", "cert", "key"
)
@setting_options("https", "rate", "keep_days", "max_upload_mb", "race", "enable")
@setting_options("webhook", "webhook_secret_file", "log_level", "log_json")
def web(**options: Any) -> None:
    """Start a web node: it shows the cameras of all camera processes; any number share the viewers."""
    settings = _load_shared_settings(**options)
    from app.serving.node import serve_node

    # The processes of cameras follow rules: they see every frame, and each node would tell of the same hits.
    serve_node(settings.with_options(rules=""))


@click.command()
@setting_options("redis", "redis_ca", "data", "database", "log_level", "log_json")
def recorder(**options: Any) -> None:
    """Save the rows of all cameras' sessions in the database."""
    settings = _load_shared_settings(**options)
    from app.cluster.row_recorder import run_recorder

    run_recorder(settings, os.environ)


def _load_shared_settings(**options: Any) -> Settings:
    """Settings of a part that needs Redis.

    Raises:
        SettingsError: the Redis client is not installed, or a password would be seen in the list of processes.
    """
    if find_spec("redis") is None:
        raise SettingsError("the Redis client is not installed; install the extra: pip install '.[scale]'")
    if "@" in (options.get("redis") or ""):
        raise SettingsError(
            "redis has a user or password, which everybody on this computer could read; give the URL without it, and "
            "the password in REDIS_PASSWORD or in the file that REDIS_PASSWORD_FILE names"
        )
    return load_settings(**options)
