import os
import signal
import threading

from app.serving.web_server import _wait_for_signal


def test_a_signal_ends_the_wait_and_a_second_one_has_nothing_to_wake():
    numbers = (signal.SIGINT, signal.SIGTERM)
    handlers = [signal.getsignal(number) for number in numbers]
    try:
        threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGTERM)).start()
        _wait_for_signal(lambda: None)
        os.kill(os.getpid(), signal.SIGTERM)
        assert signal.set_wakeup_fd(-1) == -1
    finally:
        for number, handler in zip(numbers, handlers, strict=True):
            signal.signal(number, handler)
