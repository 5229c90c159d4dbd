"""Analyse any number of files with several workers; an interrupted run goes on where it stopped."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from app import __version__
from app.analysis.batch.manifest import Manifest, Outcome, PlannedFile, local_version, manifest_path
from app.analysis.batch.output_formats import encoder, header, output_format, rows_path, write_parquet
from app.analysis.batch.progress import Progress, Summary, summarize
from app.analysis.batch.row_file import RowFile
from app.analysis.batch.row_job import RowJob
from app.analysis.inputs import MediaFile, find_media
from app.analysis.parallel import LOST_REASON, lost_result
from app.analysis.pool import HANG_TIMEOUT_S, Part, ProcessPool, TaskPool
from app.analysis.remote import is_url, url_version
from app.attributes.attribute_set import AttributeSet, load_attributes
from app.errors import SettingsError, UnreadableMedia
from app.settings import Settings
from app.vision.attributes.predictor import load_predictors
from app.vision.detection.face_detector import build_detector

# Settings that change results; all others leave the rows as they are.
RESULT_SETTINGS = ("detector", "detect_width", "haar_scale", "haar_neighbours", "haar_size")

OnProgress = Callable[[Progress], None]
OpenPool = Callable[[RowJob], TaskPool]


@dataclass(frozen=True, slots=True)
class BatchOptions:
    """How to analyse.

    Attributes:
        crops: Treat every picture as one face; skip the detection.
        every_s: Analyse one frame of a video every so many seconds; None analyses all.
        workers: Worker processes.
        timeout_s: A file that gives no result for so long is given up.
    """

    crops: bool = False
    every_s: float | None = None
    workers: int = 1
    timeout_s: float = HANG_TIMEOUT_S


def run_batch(
    paths: Iterable[str | Path],
    out: Path,
    settings: Settings,
    options: BatchOptions,
    *,
    on_progress: OnProgress = lambda progress: None,
    open_pool: OpenPool | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Summary:
    """Analyse all files that the output does not have yet, and add their rows to it.

    Args:
        paths: As in `find_media`.
        out: `.jsonl`, `.csv` or `.parquet`. Its manifest lies beside it.
        on_progress: Called after every part of an answer.
        open_pool: Starts the workers; by default processes of this computer.
    Raises:
        SettingsError: the output cannot be used, or is not the manifest's.
        ModelError, DetectorUnavailable: a model or the detector cannot be loaded.
    """
    job = RowJob(settings, output_format(out), options.crops, options.every_s)
    attributes = load_attributes(settings.models, settings.enabled_attributes)
    _check_models(job, attributes)
    _check_known(out)
    manifest = Manifest(manifest_path(out))
    try:
        row_file = RowFile(rows_path(out), manifest, header(job.format, attributes), clock)
        manifest.plan(map(planned_file, find_media(paths)), settings_hash(job, attributes))
        row_file.drop_unknown_rows()
        progress = Progress.start(manifest.counts(), clock)
        on_progress(progress)
        try:
            if progress.done < progress.total:
                workers = min(options.workers, progress.remaining)
                pool = open_pool(job) if open_pool else ProcessPool(job, workers, options.timeout_s)
                _analyze_pending(manifest, row_file, pool, _Rows(job, attributes), progress, on_progress)
        except BaseException:
            row_file.abandon()
            raise
        row_file.close()
        if job.format == "parquet":
            write_parquet(rows_path(out), out, attributes)
        return summarize(manifest.finished(), attributes.headline.name)
    finally:
        manifest.close()


def planned_file(file: MediaFile) -> PlannedFile:
    """The file with its present size and version."""
    try:
        size, version = url_version(file.path) if is_url(file.path) else local_version(file.path)
    except UnreadableMedia:  # the worker reports it
        size, version = 0, ""
    return PlannedFile(file.path, size, version)


def settings_hash(job: RowJob, attributes: AttributeSet) -> str:
    """Hash of everything besides the files that results depend on."""
    values = job.settings.to_dict()
    facts = {name: values[name] for name in RESULT_SETTINGS}
    facts |= {"served": sorted(attributes.served), "version": __version__}
    facts |= {"crops": job.crops, "every_s": job.every_s, "format": job.format}
    digest = hashlib.sha256(json.dumps(facts, sort_keys=True).encode())
    detector = Path(job.settings.detector)
    files = sorted(Path(job.settings.models).glob("*/*"))
    for file in [*files, detector]:
        if file.is_file() and file.suffix in (".json", ".tflite", ".onnx"):
            digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class _Rows:
    """Rows of files that were lost with their worker."""

    job: RowJob
    attributes: AttributeSet

    def of_lost(self, path: str, lost: str) -> bytes:
        return encoder(self.job.format, self.attributes)(lost_result(path, lost))


def _analyze_pending(
    manifest: Manifest,
    row_file: RowFile,
    pool: TaskPool,
    rows: _Rows,
    progress: Progress,
    on_progress: OnProgress,
) -> None:
    """Hand out the pending files and write the rows that come back."""
    outcomes: dict[int, Outcome] = {}
    paths: dict[int, str] = {}

    def tasks() -> Iterator[tuple[int, str]]:
        for id, path in manifest.pending():
            paths[id] = path
            yield id, path

    try:
        for event in pool.run(tasks()):
            if isinstance(event, Part):
                if event.content.rows:
                    row_file.add(event.task, event.content.rows)
                if event.content.outcome is not None:
                    outcomes[event.task] = event.content.outcome
                progress.frames += event.content.pictures
                on_progress(progress)
                continue
            path, outcome = paths.pop(event.task), outcomes.pop(event.task, None)
            if event.lost is not None and outcome is None:  # with an outcome all rows have come
                row_file.add(event.task, rows.of_lost(path, event.lost))
                outcome = Outcome(reason=LOST_REASON, retry=True)
            row_file.finish(event.task, outcome or Outcome())
            progress.count(outcome or Outcome())
            on_progress(progress)
    finally:
        pool.close()


def _check_models(job: RowJob, attributes: AttributeSet) -> None:
    """Load what the workers will load, so that an error is told once and before anything is written."""
    load_predictors(job.settings.models, attributes.served)
    if not job.crops:
        build_detector(job.settings)


def _check_known(out: Path) -> None:
    """Refuse to write into a file that is not this command's."""
    if out.exists() and not manifest_path(out).exists():
        raise SettingsError(f"{str(out)!r} exists, but has no manifest; delete it or choose another --out")
