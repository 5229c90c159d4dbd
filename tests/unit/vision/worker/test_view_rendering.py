"""Drawing beside the analysis: every frame is drawn, in its order, and never more than one waits."""

import threading

from app.vision.worker.view_rendering import RenderingThread

TIMEOUT_S = 10.0


def test_jobs_run_in_their_order_and_in_one_thread():
    thread, done, finished = RenderingThread(), [], threading.Event()
    for number in range(20):
        thread.submit(lambda number=number: done.append((number, threading.current_thread().name)))
    thread.submit(finished.set)
    assert finished.wait(TIMEOUT_S)
    assert done == [(number, "rendering") for number in range(20)]


def test_a_job_waits_until_the_one_before_is_done():
    thread, release, submitted = RenderingThread(), threading.Event(), threading.Event()
    thread.submit(release.wait)  # returns at once: nothing ran before

    def submit_another():
        thread.submit(lambda: None)
        submitted.set()

    threading.Thread(target=submit_another, daemon=True).start()
    assert not submitted.wait(0.05)
    release.set()
    assert submitted.wait(TIMEOUT_S)
