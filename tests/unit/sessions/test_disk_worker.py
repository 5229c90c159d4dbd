"""The thread that runs all disk access."""

import threading

import pytest

from app.errors import SessionError
from app.sessions.disk_worker import DiskWorker


def test_calls_run_in_order_through_the_runner():
    calls: list[object] = []
    worker = DiskWorker(lambda function, *args: (calls.append(args), function(*args))[1])
    for number in range(50):
        worker.submit(calls.append, number)
    assert worker.call(int, "7") == 7
    assert [entry for entry in calls if isinstance(entry, int)] == list(range(50))
    worker.close()


def test_an_error_reaches_the_caller_and_the_thread_continues():
    worker = DiskWorker()
    with pytest.raises(ValueError, match="seven"):
        worker.call(int, "seven")
    assert worker.call(int, "7") == 7
    worker.close()


def test_an_unresponsive_disk_is_a_one_line_error():
    disk_responds = threading.Event()
    worker = DiskWorker(timeout_s=0.05)
    with pytest.raises(SessionError, match="did not respond within 0.05 s"):
        worker.call(disk_responds.wait)
    disk_responds.set()
    worker.close()


def test_close_finishes_queued_calls_and_refuses_new_ones():
    worker, done = DiskWorker(), []
    for number in range(100):
        worker.submit(done.append, number)
    worker.close()
    worker.close()
    assert done == list(range(100))
    with pytest.raises(SessionError, match="stopping"):
        worker.call(done.append, 1)
