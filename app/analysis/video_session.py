"""`analyze VIDEO --session NAME`: a session of a video, at the times of the video."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

import click

from app.analysis.analyzer import Analyzer, open_video
from app.analysis.inputs import is_picture
from app.analysis.remote import is_url
from app.errors import SettingsError
from app.face_json import face_result
from app.sessions.edits.texts import parse_name
from app.sessions.export.archive import write_archive
from app.sessions.imports.command import locked_store, summary_line
from app.sessions.imports.frame_import import FrameImport
from app.sessions.store import SessionStore
from app.settings import Settings

ARCHIVE_SUFFIX = ".zip"
PERCENT = 100

OnProgress = Callable[[float], None]


def write_session(
    paths: Sequence[str],
    name: str,
    settings: Settings,
    out: Path | None,
    every_s: float | None,
    others: Mapping[str, object],
) -> str:
    """Make a session with a progress bar; returns a line about it. Arguments and errors as below."""
    path = check_arguments(paths, out, others)
    with click.progressbar(length=PERCENT, label="Analysing", file=sys.stderr) as bar:

        def report(fraction: float) -> None:
            bar.update(max(0, round(PERCENT * fraction) - bar.pos))

        summary = record_video(path, name, settings, out=out, every_s=every_s, on_progress=report)
    return summary_line(summary, None if out is None else f"in {out}")


def check_arguments(paths: Sequence[str], out: Path | None, others: Mapping[str, object]) -> str:
    """The one video of `--session`.

    Args:
        others: Values of the options that `--session` does not have, by name; None or False if they are not given.
    Raises:
        SettingsError: there are several files, a picture or a folder, or one of these options is given.
    """
    given = next((name for name, value in others.items() if value), None)
    if given is not None:
        raise SettingsError(f"--session does not go with {given}; run the command once for each")
    if out is not None and out.suffix.lower() != ARCHIVE_SUFFIX:
        raise SettingsError(
            f"--session writes a ZIP archive, not {out.name!r}; give --out NAME.zip, or leave --out away"
        )
    if len(paths) != 1:
        raise SettingsError(f"--session makes a session of one video, and {len(paths)} paths are given; give one")
    if is_picture(paths[0]) or os.path.isdir(paths[0]):
        raise SettingsError(f"--session needs a video, and {paths[0]!r} is none; give a video, or leave --session away")
    return paths[0]


def record_video(
    path: str, name: str, settings: Settings, *, out: Path | None, every_s: float | None, on_progress: OnProgress
) -> dict[str, Any]:
    """Make a session of a video in the folder of `settings`, or as an archive; returns its summary.

    Args:
        path: Path or address.
        out: Archive to write instead.
        every_s: Analyse one frame every so many seconds; None analyses all.
        on_progress: Called with the finished share, 0 to 1.
    Raises:
        InvalidRequest: the name cannot be one.
        UnreadableMedia: the file is no video.
        SessionError: the folder is in use by a server, or the session cannot be saved.
        ModelError, DetectorUnavailable: a model or the detector cannot be loaded.
    """
    name = parse_name(name)
    with _open_store(settings, out) as store, open_video(path, every_s) as video:
        analyzer = Analyzer(settings)
        analyze_frame = analyzer.frame_analyzer()
        frames_per_s = video.fps if every_s is None else min(video.fps, 1 / every_s)
        source = PurePosixPath(path.partition("?")[0]).name if is_url(path) else Path(path).name
        rates = {"frames_per_s": frames_per_s, "max_rate": settings.rate}
        with FrameImport(store, analyzer.attributes, source=source, **rates) as session:
            for frame in video.frames():
                faces = [face_result(track, analyzer.attributes) for track in analyze_frame(frame)]
                session.add(frame.time_s, faces)
                if video.duration_s:
                    on_progress(min(1.0, (frame.time_s + 1 / frames_per_s) / video.duration_s))
            summary = session.finish(name)
        if out is not None:
            _write_archive(store, summary["id"], out)
        return summary


@contextmanager
def _open_store(settings: Settings, out: Path | None) -> Iterator[SessionStore]:
    """The sessions of the settings' folder, or new ones in a folder that is removed afterwards."""
    if out is not None:
        with tempfile.TemporaryDirectory(prefix="video-session-") as temporary:
            yield SessionStore(temporary)
        return
    hint = f"or write a file with --out NAME{ARCHIVE_SUFFIX} and import it on the page of sessions"
    with locked_store(settings, "analyze --session", hint) as store:
        yield store


def _write_archive(store: SessionStore, session_id: int, out: Path) -> None:
    """Write an archive; a former one is replaced when it is complete."""
    part = out.with_name(out.name + ".part")
    try:
        write_archive(part, partial(store.read, session_id))
        part.replace(out)
    except OSError as error:
        raise SettingsError(f"cannot write {str(out)!r} ({error.strerror}); choose another file") from None
    finally:
        part.unlink(missing_ok=True)
