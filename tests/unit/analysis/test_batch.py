"""Runs over many files: formats, resumption, changed files, lost workers."""

import csv
import json
import os
import signal
from collections import Counter

import av
import numpy as np
import pytest
from PIL import Image

from app.analysis.batch.manifest import Manifest
from app.analysis.batch.row_job import CHUNK_FRAMES
from app.analysis.batch.run import BatchOptions, run_batch
from app.analysis.pool import Done, Part, ProcessPool
from app.errors import DetectorUnavailable, ModelError, SettingsError
from app.settings import Settings


@pytest.fixture(scope="module")
def settings(models_dir):
    return Settings(models=str(models_dir))


@pytest.fixture
def folder(tmp_path):
    """Seven gray pictures and one that is none."""
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(7):
        save(folder / f"{number}.png", 20 * number + 50)
    (folder / "broken.jpg").write_text("words")
    return folder


def save(path, value):
    Image.fromarray(np.full((20, 20, 3), value, np.uint8)).save(path)


class LocalPool:
    """Does the tasks in this process, since a process takes a second to start."""

    def __init__(self, job):
        self.work = job.build()

    def run(self, tasks):
        for key, content in tasks:
            yield from (Part(key, part) for part in self.work(content))
            yield Done(key)

    def close(self):
        pass


def run(folder, out, settings, every_s=None, open_pool=LocalPool, **options):
    return run_batch([folder], out, settings, BatchOptions(True, every_s, 2), open_pool=open_pool, **options)


def rows(out):
    return [json.loads(line) for line in out.read_text().splitlines()]


def age(record):
    return record["faces"][0]["age"]["years"]


def names(out):
    return Counter(os.path.basename(row["path"]) for row in rows(out))


class FastClock:
    """Every look at it is a second later, so that every row is committed."""

    now_s = 0.0

    def __call__(self):
        self.now_s += 1.0
        return self.now_s


class Watched:
    """Opens a pool and remembers it, and the tasks that it was given."""

    def __init__(self, open_pool=LocalPool):
        self.open_pool, self.pool, self.tasks = open_pool, None, []

    def __call__(self, job):
        self.pool = self.open_pool(job)
        return self

    def run(self, tasks):
        return self.pool.run((self.tasks.append(os.path.basename(content)) or (key, content)) for key, content in tasks)

    def close(self):
        self.pool.close()


def interrupt_after(count):
    def interrupt(progress):
        if progress.finished_now == count:
            raise KeyboardInterrupt

    return interrupt


def test_every_file_has_its_rows_and_the_summary_counts_them(folder, settings, tmp_path):
    out = tmp_path / "out.jsonl"
    lines = []
    summary = run(folder, out, settings, open_pool=None, on_progress=lambda progress: lines.append(progress.line()))
    assert names(out) == Counter([f"{number}.png" for number in range(7)] + ["broken.jpg"])
    by_name = {os.path.basename(row["path"]): row for row in rows(out)}
    assert age(by_name["3.png"]) == pytest.approx(110 / 255 * 100, abs=1)
    assert set(by_name["broken.jpg"]) == {"path", "error"}
    assert (summary.files, summary.pictures, summary.faces) == (8, 7, 7)
    assert summary.people.total() == 7
    assert summary.unreadable == {"unknown image format": 1}
    assert lines[0] == "0 of 8, 0 unreadable"
    assert lines[-1].startswith("8 of 8, ")
    assert lines[-1].endswith("0 s left, 1 unreadable")


def test_an_interrupted_run_goes_on_where_it_stopped(folder, settings, tmp_path):
    out = tmp_path / "out.jsonl"
    with pytest.raises(KeyboardInterrupt):
        run(folder, out, settings, on_progress=interrupt_after(3), clock=FastClock())
    assert len(rows(out)) == 3
    again = Watched()
    summary = run(folder, out, settings, open_pool=again)
    assert len(again.tasks) == 5
    assert summary.files == 8
    assert set(names(out).values()) == {1}
    assert len(names(out)) == 8
    finished = Watched()
    run(folder, out, settings, open_pool=finished)
    assert finished.pool is None, "there was nothing to do"


def test_changed_files_are_read_again_and_have_only_their_new_rows(folder, settings, tmp_path):
    out = tmp_path / "out.jsonl"
    run(folder, out, settings)
    save(folder / "3.png", 150)
    save(folder / "new.png", 60)
    os.utime(folder / "3.png", ns=(1, 1))
    again = Watched()
    run(folder, out, settings, open_pool=again)
    assert sorted(again.tasks) == ["3.png", "new.png"]
    assert set(names(out).values()) == {1}
    assert len(names(out)) == 9
    by_name = {os.path.basename(row["path"]): row for row in rows(out) if "faces" in row}
    assert age(by_name["3.png"]) == pytest.approx(150 / 255 * 100, abs=1)
    assert age(by_name["4.png"]) == pytest.approx(130 / 255 * 100, abs=1)


def test_other_settings_or_models_read_all_again(folder, settings, all_models, tmp_path):
    out = tmp_path / "out.csv"
    run(folder, out, settings)
    before = out.read_text().splitlines()[0]
    again = Watched()
    run(folder, out, Settings(models=str(all_models)), open_pool=again)
    assert len(again.tasks) == 8
    with out.open(newline="") as file:
        table = list(csv.DictReader(file))
    assert len(table) == 8
    assert "mask" in table[0]
    assert "mask" not in before


def test_csv_and_parquet_have_the_same_rows_with_one_for_pictures_without_faces(
    models_dir, astronaut, yunet_file, tmp_path
):
    parquet = pytest.importorskip("pyarrow.parquet")
    folder = tmp_path / "in"
    folder.mkdir()
    save(folder / "empty.png", 90)
    Image.fromarray(astronaut).save(folder / "portrait.png")
    (folder / "broken.jpg").write_text("words")
    settings = Settings(models=str(models_dir), detector=str(yunet_file))
    for name in ("out.csv", "out.parquet"):
        run_batch([folder], tmp_path / name, settings, BatchOptions(), open_pool=LocalPool)
    with (tmp_path / "out.csv").open(newline="") as file:
        table = {os.path.basename(row["path"]): row for row in csv.DictReader(file)}
    typed = {os.path.basename(row["path"]): row for row in parquet.read_table(tmp_path / "out.parquet").to_pylist()}
    assert len(table) == len(typed) == 3
    assert (table["empty.png"]["id"], table["empty.png"]["error"]) == ("", "")
    assert typed["empty.png"]["id"] is None
    assert "replace or remove it" in typed["broken.jpg"]["error"]
    assert list(table["portrait.png"]) == list(typed["portrait.png"])
    assert typed["portrait.png"]["id"] == 1
    assert float(table["portrait.png"]["age_years"]) == typed["portrait.png"]["age_years"]
    save(folder / "later.png", 70)
    run_batch([folder], tmp_path / "out.parquet", settings, BatchOptions(), open_pool=LocalPool)
    assert parquet.read_table(tmp_path / "out.parquet").num_rows == 4


def test_a_killed_worker_loses_one_file_which_the_next_run_reads(folder, settings, tmp_path):
    out = tmp_path / "out.jsonl"

    class KillsOne(Watched):
        def run(self, tasks):
            for number, event in enumerate(super().run(tasks)):
                if number == 0:
                    Image.fromarray(np.zeros((6000, 6000, 3), np.uint8)).save(folder / "1.png", compress_level=0)
                if number == 1:  # the worker has begun with the large picture
                    os.kill(self.pool.process_ids[0], signal.SIGKILL)
                yield event

    summary = run(folder, out, settings, open_pool=KillsOne(lambda job: ProcessPool(job, 1)))
    assert summary.unreadable["worker ended"] == 1
    assert set(names(out).values()) == {1}
    assert len(names(out)) == 8
    (lost,) = [row for row in rows(out) if "was not analysed" in row.get("error", "")]
    assert "the worker process ended (killed, perhaps since the memory is full)" in lost["error"]
    summary = run(folder, out, settings)
    assert "worker ended" not in summary.unreadable
    assert len(rows(out)) == 8


def test_a_video_has_all_frames_once_also_after_an_interruption(settings, tmp_path):
    folder, out = tmp_path / "in", tmp_path / "out.jsonl"
    folder.mkdir()
    count = 3 * CHUNK_FRAMES + 5
    with av.open(str(folder / "a.mp4"), "w") as container:
        stream = container.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for _ in range(count):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8), format="rgb24")))
        container.mux(stream.encode(None))

    class Breaks(Watched):
        def run(self, tasks):
            for number, event in enumerate(super().run(tasks)):
                if number == 2:
                    raise KeyboardInterrupt
                yield event

    with pytest.raises(KeyboardInterrupt):
        run(folder, out, settings, open_pool=Breaks(), clock=FastClock())
    assert len(rows(out)) == 2 * CHUNK_FRAMES, "the rows so far are kept"
    summary = run(folder, out, settings)
    assert [row["frame"] for row in rows(out)] == list(range(count))
    assert (summary.files, summary.pictures, summary.people.total()) == (1, count, 1)
    sampled = tmp_path / "sampled.jsonl"
    run(folder, sampled, settings, every_s=2.0)
    assert [row["frame"] for row in rows(sampled)] == [0, 20, 40, 60, 80, 100]


def test_an_output_of_others_is_not_touched(folder, settings, tmp_path):
    for name in ("out.jsonl", "out.csv", "out.parquet"):
        (tmp_path / name).write_text("mine")
        with pytest.raises(SettingsError, match="exists, but has no manifest"):
            run(folder, tmp_path / name, settings)
        assert (tmp_path / name).read_text() == "mine"
        assert not (tmp_path / f"{name}.manifest").exists()


def test_a_deleted_output_is_made_anew_and_a_shortened_one_is_refused(folder, settings, tmp_path):
    out = tmp_path / "out.jsonl"
    run(folder, out, settings)
    content = out.read_bytes()
    out.unlink()
    run(folder, out, settings)
    assert sorted(out.read_bytes().splitlines()) == sorted(content.splitlines())
    out.write_bytes(content[:100])
    with pytest.raises(SettingsError, match="is shorter than its manifest says; delete 'out.jsonl.manifest'"):
        run(folder, out, settings)


def test_rows_beyond_the_manifest_are_cut_off(folder, settings, tmp_path):
    out = tmp_path / "out.jsonl"
    run(folder, out, settings)
    with out.open("ab") as file:
        file.write(b'{"path": "half a row')
    run(folder, out, settings)
    assert len(rows(out)) == 8


def test_one_run_at_a_time_writes_an_output(folder, settings, tmp_path):
    out = tmp_path / "out.jsonl"

    def second(progress):
        with pytest.raises(SettingsError, match="locked.; wait for the other run"):
            run(folder, out, settings)

    run(folder, out, settings, on_progress=second)


def test_without_models_or_detector_nothing_is_written(folder, settings, tmp_path):
    for wrong, error in (
        (Settings(models=str(tmp_path)), ModelError),
        (Settings(models=settings.models, detector="gone.onnx"), DetectorUnavailable),
    ):
        with pytest.raises(error):
            run_batch([folder], tmp_path / "out.jsonl", wrong, BatchOptions())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in"]


def test_file_names_need_not_be_text(folder, settings, tmp_path):
    name = os.fsencode(folder) + b"/\xff\n.png"
    os.rename(folder / "0.png", name)
    for suffix in ("jsonl", "csv"):
        summary = run(folder, tmp_path / f"out.{suffix}", settings)
        assert (summary.files, summary.unreadable.total()) == (8, 1)
    assert os.fsdecode(name) in {row["path"] for row in rows(tmp_path / "out.jsonl")}


@pytest.mark.parametrize("step", ["put", "commit", "add_chunk", "finish"])
def test_an_interruption_within_a_commit_repeats_no_row(folder, settings, tmp_path, monkeypatch, step):
    """Ctrl-C may come between any two statements."""
    out = tmp_path / "out.jsonl"
    original, calls = getattr(Manifest, step), []

    def interrupted(self, *given):
        calls.append(given)
        if len(rows(out)) >= 2 if out.exists() else False:
            raise KeyboardInterrupt
        return original(self, *given)

    monkeypatch.setattr(Manifest, step, interrupted)
    with pytest.raises(KeyboardInterrupt):
        run(folder, out, settings, clock=FastClock())
    monkeypatch.undo()
    assert calls
    run(folder, out, settings)
    assert set(names(out).values()) == {1}
    assert len(names(out)) == 8
