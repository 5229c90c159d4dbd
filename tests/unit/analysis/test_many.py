"""Many pictures: lazily, in order, in this process and in workers that may die."""

import gc
import itertools
import os
import signal
import time
import tracemalloc

import av
import numpy as np
import psutil
import pytest
from PIL import Image

from app.analysis import Analyzer, to_frame
from app.analysis.pool import Done, Part, ProcessPool, WorkerError
from app.settings import Settings


@pytest.fixture(scope="module")
def analyzer(models_dir):
    return Analyzer(Settings(models=str(models_dir)), crops=True)


def gray(value):
    return np.full((20, 20, 3), value, np.uint8)


def ages(results):
    return [result.faces[0].estimates["age"].value for result in results]


class Echo:
    """A job that ends its process for "die", hangs for "hang", fails for "fail", and repeats everything else."""

    def build(self):
        def work(task):
            if task == "die":
                os.kill(os.getpid(), signal.SIGKILL)
            if task == "hang":
                time.sleep(1000)
            if task == "fail":
                raise ZeroDivisionError("by 0")
            yield from task

        return work


class NeverStarts:
    def build(self):
        os._exit(3)


@pytest.fixture(scope="module")
def echo_pool():
    pool = ProcessPool(Echo(), 2)
    yield pool
    pool.close()


@pytest.mark.parametrize("workers", [0, 2])
def test_results_have_the_order_of_the_pictures(analyzer, workers, tmp_path):
    Image.fromarray(gray(200)).save(tmp_path / "bright.png")
    pictures = [gray(50), tmp_path / "bright.png", "gone.jpg", gray(100)]
    results = list(analyzer.many(pictures, workers=workers))
    assert [result.path for result in results] == [None, str(tmp_path / "bright.png"), "gone.jpg", None]
    assert results[2].error == "there is no file 'gone.jpg'; check the path"
    assert results[2].reason == "missing"
    assert ages([results[0], results[1], results[3]]) == pytest.approx([20, 78, 39], abs=1.5)
    assert results[1].to_dict() == analyzer(tmp_path / "bright.png").to_dict()


@pytest.mark.parametrize("workers", [0, 2])
def test_pictures_are_taken_only_when_they_are_needed(analyzer, workers):
    taken = itertools.count()
    results = analyzer.many((gray(100 + 20 * next(taken)) for _ in itertools.repeat(None)), workers=workers)
    first = list(itertools.islice(results, 5))
    assert ages(first) == pytest.approx([39, 47, 55, 63, 71], abs=1.5)
    results.close()
    assert next(taken) <= 5 + 2 * workers


@pytest.mark.soak
def test_the_memory_of_a_lazy_run_is_flat(analyzer):
    peaks = []
    results = analyzer.many(gray(number % 256) for number in range(300))
    tracemalloc.start()
    for number, _ in enumerate(results):
        if number in (99, 299):
            gc.collect()
            peaks.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    assert peaks[1] < peaks[0] * 1.05 + 50_000


def test_the_memory_of_a_video_is_flat(analyzer, tmp_path):
    """120 frames of 640x480 would be 110 MB."""
    path = tmp_path / "a.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 640, 480, "yuv420p"
        frame = av.VideoFrame.from_ndarray(np.zeros((480, 640, 3), np.uint8), format="rgb24").reformat(format="yuv420p")
        for _ in range(120):
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    memory = psutil.Process().memory_info
    used = [memory().rss for _ in analyzer.video(path)]
    assert len(used) == 120
    assert max(used[20:]) - max(used[:20]) < 20e6


def test_a_slow_first_picture_does_not_let_others_pile_up(analyzer, monkeypatch):
    monkeypatch.setattr("app.analysis.parallel.MAX_WAITING_RESULTS", 3)
    large = np.zeros((6000, 6000, 3), np.uint8)
    taken = []
    pictures = (large if number == 0 else gray(number) for number in range(40) if not taken.append(number))
    results = analyzer.many(pictures, workers=2)
    next(results)
    assert len(taken) < 12
    assert len(list(results)) == 39


def test_a_worker_that_dies_loses_one_task(echo_pool):
    tasks = [(number, "die" if number == 3 else [number]) for number in range(10)]
    events = list(echo_pool.run(tasks))
    lost = [event for event in events if isinstance(event, Done) and event.lost]
    assert [(event.task, event.lost) for event in lost] == [
        (3, "the worker process ended (killed, perhaps since the memory is full)")
    ]
    parts = [(event.task, event.content) for event in events if isinstance(event, Part)]
    assert sorted(parts) == [(number, number) for number in range(10) if number != 3]


def test_a_worker_that_hangs_loses_one_task():
    pool = ProcessPool(Echo(), 2, timeout_s=4.0)
    try:
        events = list(pool.run((number, "hang" if number == 1 else [number]) for number in range(6)))
    finally:
        pool.close()
    lost = [(event.task, event.lost) for event in events if isinstance(event, Done) and event.lost]
    assert lost == [(1, "the worker process ended (it gave nothing for 4 s, see --timeout)")]
    assert sorted(event.task for event in events if isinstance(event, Part)) == [0, 2, 3, 4, 5]


def test_an_unexpected_error_loses_one_task_and_no_worker(echo_pool):
    before = echo_pool.process_ids
    events = list(echo_pool.run([("a", ["x"]), ("b", "fail"), ("c", ["y"])]))
    assert {event.task: event.lost for event in events if isinstance(event, Done)} == {
        "a": None, "b": "ZeroDivisionError: by 0", "c": None
    }  # fmt: skip
    assert echo_pool.process_ids == before


def test_workers_that_never_start_end_the_run():
    pool = ProcessPool(NeverStarts(), 1)
    with pytest.raises(WorkerError, match="the workers end when they start .exit code 3."):
        list(pool.run([(1, ["x"])]))
    pool.close()


def test_no_worker_stays_after_the_results_were_taken_or_left(analyzer, monkeypatch):
    pools = []
    monkeypatch.setattr(
        "app.analysis.analyzer.ProcessPool", lambda *given: pools.append(ProcessPool(*given)) or pools[-1]
    )
    results = analyzer.many(itertools.repeat(gray(9)), workers=1)
    next(results)
    (pid,) = pools[0].process_ids
    results.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_data_frame_has_a_row_for_faces_errors_and_pictures_without_faces(
    analyzer, models_dir, yunet_file, astronaut
):
    pytest.importorskip("pandas")
    finder = Analyzer(Settings(models=str(models_dir), detector=str(yunet_file)))
    frame = to_frame(finder.many([astronaut, gray(90), "gone.jpg"]))
    assert len(frame) == 3
    assert frame["id"].tolist()[0] == 1
    assert frame["id"].isna().tolist() == [False, True, True]
    assert frame["error"].isna().tolist() == [True, True, False]
    assert 0 <= frame["age_years"][0] <= 100
    assert list(frame.columns)[:9] == ["path", "frame", "time_s", "id", "x1", "y1", "x2", "y2", "score"]
