"""The commands of `python -m app`; `run` is the default."""

from __future__ import annotations

import json
import os
import shlex
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click

from app import __version__
from app.errors import AppError, SettingsError
from app.paths import NAME
from app.settings import Settings, SettingSpec, setting_specs

INPUT_PATH = click.Path(exists=True, path_type=Path)

Command = Callable[..., Any]


class OutputFile(click.Path):
    """A file to write. An unwritable one is refused before the command starts its work."""

    def __init__(self) -> None:
        super().__init__(dir_okay=False, writable=True, allow_dash=True, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """The path; a usage error if its folder cannot be written."""
        path = Path(str(super().convert(value, param, ctx)))
        if str(path) != "-" and not os.access(path.parent, os.W_OK | os.X_OK):
            self.fail(f"folder {str(path.parent)!r} cannot be written; create it or choose another", param, ctx)
        return path


class Interval(click.ParamType):
    """An interval such as `0.5s`, in seconds."""

    name = "interval"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Seconds; a usage error for another text."""
        from app.analysis.batch.command import parse_interval

        try:
            return parse_interval(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


class OneLineErrors(click.Group):
    """A group that shows an AppError as one line instead of a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; an AppError ends it with its message."""
        try:
            return super().invoke(ctx)
        except AppError as error:
            raise click.ClickException(str(error)) from None


class AppCommands(OneLineErrors):
    """The commands of the app."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command of the first argument; a usage error that suggests `--source` if there is none."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            raise click.UsageError(f"{error.message} {_source_hint(args[0])}", ctx) from None


def setting_options(*names: str) -> Callable[[Command], Command]:
    """Add the options of settings to a command, in this order."""
    specs = {spec.name: spec for spec in setting_specs()}

    def add_options(command: Command) -> Command:
        for name in reversed(names):
            command = setting_option(specs[name])(command)
        return command

    return add_options


def setting_option(spec: SettingSpec) -> Callable[[Command], Command]:
    """The option of one setting. It is None unless given, so that the environment counts."""
    option = "--" + spec.name.replace("_", "-")
    if spec.type is bool:
        names = f"{option}/--no-{option[2:]}" if spec.default else option
        return click.option(names, is_flag=True, default=None, help=_option_help(spec))
    if spec.is_list:
        return click.option(option, multiple=True, metavar=spec.help.partition(":")[0], help=_option_help(spec))
    value_type: Any = click.Choice(spec.choices) if spec.choices else click.Path() if spec.is_path else spec.type
    return click.option(option, type=value_type, help=_option_help(spec))


def _option_help(spec: SettingSpec) -> str:
    """The help text with the default and the environment variables, in Click's style."""
    default = spec.default_text or ("yes" if spec.default is True else spec.default)
    facts = [f"default: {default}"] if default else []
    if spec.env:
        facts.append(f"env: {' or '.join(spec.env)}")
    return f"{spec.help}  [{'; '.join(facts)}]" if facts else spec.help


@click.group(cls=AppCommands)
@click.version_option(__version__, prog_name=NAME)
def cli() -> None:
    """Real-time facial analysis in the browser. Without a command: run, whose options may follow directly."""


@cli.command(context_settings={"allow_extra_args": True})
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
        raise click.UsageError(f"Unexpected argument {ctx.args[0]!r}. {_source_hint(ctx.args[0])}", ctx)
    from app.serving.cameras import serve_cameras

    serve_cameras(_load_settings(**options))


@cli.command()
@click.option("--name", required=True, help="Name of the camera: at most 40 letters and digits.")
@setting_options("source", "redis", "redis_ca", "detector", "detect_width", "models")
@setting_options("haar_scale", "haar_neighbours", "haar_size")
@setting_options("width", "height", "fps", "max_side", "max_megapixels", "mirror", "loop")
@setting_options("blur", "race", "enable", "log_level", "log_json")
def camera(name: str, **options: Any) -> None:
    """Publish one camera for web nodes, which find it in Redis."""
    settings = _load_shared_settings(**options)
    from app.cluster.camera_command import run_camera

    run_camera(settings.with_options(camera=(f"{name}={settings.source}",)), os.environ)


@cli.command()
@setting_options(
    "redis", "redis_ca", "data", "database", "models", "host", "port", "names", "behind_proxy", "server", "cert", "key"
)
@setting_options("https", "rate", "keep_days", "max_upload_mb", "race", "enable")
@setting_options("webhook", "webhook_secret_file", "log_level", "log_json")
def web(**options: Any) -> None:
    """Start a web node: it shows the cameras of all camera processes; any number share the viewers."""
    settings = _load_shared_settings(**options)
    from app.serving.node import serve_node

    serve_node(settings.with_options(rules=""))  # each node would tell of the same hits


@cli.command()
@setting_options("redis", "redis_ca", "data", "database", "log_level", "log_json")
def recorder(**options: Any) -> None:
    """Save the rows of all cameras' sessions in the database."""
    settings = _load_shared_settings(**options)
    from app.cluster.row_recorder import run_recorder

    run_recorder(settings, os.environ)


@cli.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(allow_dash=True))
@click.option(
    "--out", type=OutputFile(), help="Add rows as they come to this .jsonl, .csv or .parquet file; resume a former run."
)
@click.option(
    "--session",
    metavar="NAME",
    help="Make a session of one video, in the folder of --data, or with --out as a .zip file.",
)
@click.option("--workers", type=click.IntRange(1), help="Processes for --out.  [default: one per core]")
@click.option(
    "--timeout", type=Interval(), metavar="TIME", help="Give up a file without a result for so long.  [default: 5min]"
)
@click.option("--ray", metavar="ADDRESS", help="Run on this Ray cluster (HOST:6379, or auto) instead of processes.")
@click.option("--every", type=Interval(), metavar="TIME", help="Analyse one video frame every 0.5s, 500ms, 2min, ...")
@click.option("--json", "json_file", type=OutputFile(), help="Write the records as a JSON list ('-' for the terminal).")
@click.option("--csv", "csv_file", type=OutputFile(), help="Write one CSV row per face ('-' for the terminal).")
@click.option("--annotate", type=click.Path(path_type=Path), help="Write annotated copies to this folder.")
@click.option("--crops", is_flag=True, help="Treat each image as one face and skip detection.")
@setting_options("detector", "detect_width", "haar_scale", "haar_neighbours", "haar_size")
@setting_options("models", "rate", "data", "race", "enable")
def analyze(
    paths: tuple[str, ...],
    out: Path | None,
    session: str | None,
    workers: int | None,
    timeout: float | None,
    ray: str | None,
    every: float | None,
    json_file: Path | None,
    csv_file: Path | None,
    annotate: Path | None,
    crops: bool,
    **options: Any,
) -> None:
    """Analyse images, videos and folders.

    PATHS are files, folders, patterns such as '**/*.jpg', addresses (s3://, https://), or - for a list on standard
    input.
    """
    from app.analysis.batch import command
    from app.analysis.batch.ray_pool import open_ray_pool
    from app.analysis.batch.run import BatchOptions
    from app.analysis.pool import HANG_TIMEOUT_S

    settings = _load_settings(**options)
    expanded = command.expand_lists(paths, sys.stdin)
    if session is not None:
        from app.analysis.video_session import write_session

        others: dict[str, object] = {"--json": json_file, "--csv": csv_file, "--annotate": annotate, "--crops": crops}
        pool = {"--workers": workers, "--timeout": timeout, "--ray": ray}
        click.echo(write_session(expanded, session, settings, out, every, others | pool), err=True)
        return
    if out is None:
        from app.analysis.batch.record_files import write_lists

        write_lists(expanded, settings, json_file, csv_file, annotate=annotate, crops=crops, every=every)
        return
    command.check_out_alone((json_file, csv_file, annotate))
    batch = BatchOptions(crops, every, workers or command.default_workers(), timeout or HANG_TIMEOUT_S)
    open_pool = open_ray_pool(ray, workers, batch.timeout_s) if ray else None
    sys.exit(command.write_output(expanded, out, settings, batch, open_pool))


@cli.command("import")
@click.argument("archive", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@setting_options("data", "database", "keep_days")
def import_archive(archive: Path, **options: Any) -> None:
    """Import the session of a ZIP ARCHIVE that was downloaded from its page."""
    from app.sessions.imports.command import import_file

    click.echo(import_file(archive, _load_settings(**options)))


@cli.command()
@click.option("--source", help="Measure this source instead of synthetic scenes (as in run).")
@setting_options("detector", "detect_width", "models", "width", "height")
@click.option("--scene", "scenes", multiple=True, metavar="NAME", help="Measure only this synthetic scene; repeatable.")
@click.option("--faces", type=INPUT_PATH, help="Folder or tar archive of face images: also render scenes from them.")
@click.option("--expressions", type=INPUT_PATH, help="The same, with one folder per expression.")
@click.option("--clip", "clips", type=INPUT_PATH, multiple=True, help="Also measure this video; repeatable.")
@click.option("--seconds", type=float, default=3.0, show_default=True, help="Duration of each measurement.")
@click.option("--json", "json_file", type=OutputFile(), help="Write the results as JSON.")
@click.option("--tutorial-loop/--no-tutorial-loop", default=True, help="Also measure the loop of common tutorials.")
@click.option("--write-baseline", is_flag=True, help="Save the results as the baseline of later comparisons.")
def bench(
    source: str | None,
    scenes: tuple[str, ...],
    faces: Path | None,
    expressions: Path | None,
    clips: tuple[Path, ...],
    seconds: float,
    json_file: Path | None,
    tutorial_loop: bool,
    write_baseline: bool,
    **options: Any,
) -> None:
    """Measure speed, latency, memory and stability on synthetic scenes or one --source."""
    from app.bench import baseline
    from app.bench.scenarios import build_scenarios, select_scenarios
    from app.bench.suite import measure_scenarios, measure_source
    from app.bench.table import format_table

    if write_baseline and (source or scenes or not tutorial_loop):
        raise SettingsError(
            "a baseline contains every scene and the tutorial loop; remove the options that skip some of them"
        )
    settings = _load_settings(source=source, **options)
    if source:
        figures = measure_source(settings, seconds, tutorial_loop)
    else:
        rows = select_scenarios(build_scenarios(settings, faces, expressions), scenes)
        figures = measure_scenarios(
            settings, rows, seconds, tutorial_loop, clips, lambda name: click.echo(name, err=True)
        )
    click.echo(format_table(figures))
    if json_file:
        from app.analysis.batch.record_files import write_text

        write_text(json_file, json.dumps(figures, indent=2) + "\n")
    if write_baseline:
        baseline.write_baseline(figures)
    elif not source:
        click.echo("\n".join(["", *baseline.compare_with_baseline(figures)]))


@cli.command()
@click.argument("lesson")
@click.argument("picture", required=False, type=INPUT_PATH)
@click.option("--set", "assignments", multiple=True, metavar="NAME=VALUE", help="Choose a parameter; repeatable.")
@click.option("--out", type=click.Path(path_type=Path), help="Write the images of the lesson to this folder.")
@setting_options("detector", "detect_width", "models", "race", "enable")
def learn(lesson: str, picture: Path | None, assignments: tuple[str, ...], out: Path | None, **options: Any) -> None:
    """Print the answer of a LESSON of the page /learn.

    PICTURE is an image file; without one, the bundled portrait is used.
    """
    from app.learn.command import answer_lesson

    click.echo(answer_lesson(lesson, picture, assignments, out, _load_settings(**options)), nl=False)


@cli.command()
@setting_options("source", "camera", "detector", "detect_width", "models", "race", "data", "host", "port")
def doctor(**options: Any) -> None:
    """Check the requirements of run and print a remedy for each problem."""
    from app.doctor import run_checks

    checks = run_checks(_load_settings(**options))
    for check in checks:
        click.echo(f"{'ok  ' if check.passed else 'FAIL'}  {check.name:<17} {check.result}")
        if check.remedy:
            click.echo(f"      {'':<17} -> {check.remedy}")
    if not all(check.passed for check in checks):
        sys.exit(1)


def _source_hint(text: str) -> str:
    """What to type to show a camera, file or folder that was given without its option."""
    return f"To show a camera, file or folder, give: run --source {shlex.quote(text)}"


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
    return _load_settings(**options)


def _load_settings(**options: Any) -> Settings:
    return Settings.from_env(os.environ).with_options(**options)
