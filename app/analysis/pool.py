"""Processes that share tasks. A process that dies loses the task that it had, and is replaced."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from typing import Any, Protocol

from app.errors import AppError
from app.paths import PROJECT
from app.vision.runtime.stall_timer import StallTimer
from app.vision.runtime.thread_limits import THREAD_ENVIRONMENT

# A worker that ends this often in a row before it is ready would never be.
MAX_FAILED_STARTS = 3
EXIT_TIMEOUT_S = 2.0
# A worker that has given nothing for so long hangs: pictures take less than 10 s, and videos give frames as they come.
HANG_TIMEOUT_S = 300.0
# Period of the check; `StallTimer` counts no longer steps.
HANG_CHECK_PERIOD_S = 1.0


class WorkerError(AppError, RuntimeError):
    """The workers cannot do their job at all."""


class Job(Protocol):
    """What workers do; it is sent to them when they start."""

    def build(self) -> Callable[[Any], Iterator[Any]]:
        """Load what the job needs; return the function that does one task and yields parts of its answer.

        Raises:
            AppError: it cannot be loaded; the pool then stops.
        """


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the answer to a task."""

    task: Any
    content: Any


@dataclass(frozen=True, slots=True)
class Done:
    """A task is finished.

    Attributes:
        lost: One line if its worker died or failed; None if all went well.
    """

    task: Any
    lost: str | None = None


Event = Part | Done
Tasks = Iterable[tuple[Any, Any]]


class TaskPool(Protocol):
    """Something that does tasks: processes of this computer, or actors of a cluster."""

    def run(self, tasks: Tasks) -> Iterator[Event]:
        """Do tasks as workers become free; see `ProcessPool.run`."""

    def close(self) -> None:
        """End the workers."""


@dataclass(eq=False)
class _Worker:
    process: subprocess.Popen[bytes]
    connection: Connection
    is_ready: bool = False
    task: Any = None
    is_busy: bool = False
    silence: StallTimer = field(default_factory=StallTimer)

    @property
    def is_waited_for(self) -> bool:
        """Whether it is to give something: it starts, or does a task."""
        return self.is_busy or not self.is_ready


def accept_all(task: Any) -> bool:
    """Take the parts of every task as they come."""
    return True


class ProcessPool:
    """Worker processes of this computer, one task each at a time."""

    def __init__(self, job: Job, workers: int, timeout_s: float = HANG_TIMEOUT_S) -> None:
        """Start the processes.

        Args:
            job: Sent to every worker by pickle.
            workers: Number of processes, at least 1.
            timeout_s: A worker that gives nothing for so long is ended; its task is lost.
        """
        self._job, self._timeout_s, self._failed_starts = job, timeout_s, 0
        self._workers: list[_Worker] = []
        self._workers = [self._start() for _ in range(workers)]

    def run(self, tasks: Tasks, accepts: Callable[[Any], bool] = accept_all) -> Iterator[Event]:
        """Do tasks as workers become free.

        Args:
            tasks: Key and content of each; one is taken when a worker is free.
            accepts: Whether to take further parts of the task with this key now; its worker waits meanwhile.
        Raises:
            WorkerError: workers end whenever they start.
            AppError: the job cannot be loaded.
        """
        waiting = iter(tasks)
        has_more = True
        while True:
            for worker in self._workers:
                if has_more and worker.is_ready and not worker.is_busy:
                    has_more = self._hand_out(worker, waiting)
            if not has_more and not any(worker.is_busy for worker in self._workers):
                return
            heard = [worker for worker in self._workers if not worker.is_busy or accepts(worker.task)]
            ready = set(wait([worker.connection for worker in heard], HANG_CHECK_PERIOD_S))
            for worker in self._workers[:]:
                if worker.connection in ready:
                    yield from self._receive(worker)
                elif worker not in heard:  # it waits for this process
                    worker.silence.reset()
                elif worker.is_waited_for and worker.silence.elapsed_s() > self._timeout_s:
                    worker.process.kill()
                    yield from self._replace(worker, f"it gave nothing for {self._timeout_s:g} s, see --timeout")

    def close(self) -> None:
        """End the processes."""
        for worker in self._workers:
            worker.connection.close()
            worker.process.kill()
        for worker in self._workers:
            with suppress(subprocess.TimeoutExpired):
                worker.process.wait(EXIT_TIMEOUT_S)
        self._workers = []

    @property
    def process_ids(self) -> list[int]:
        """Process ids of the workers."""
        return [worker.process.pid for worker in self._workers]

    def _start(self) -> _Worker:
        ours, theirs = socket.socketpair()
        path = os.pathsep.join(filter(None, [str(PROJECT), os.environ.get("PYTHONPATH")]))
        process = subprocess.Popen(
            worker_command(theirs.fileno()),
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            env={**os.environ, **THREAD_ENVIRONMENT, "PYTHONPATH": path},
        )
        theirs.close()
        worker = _Worker(process, Connection(ours.detach()))
        with suppress(OSError):  # it has ended already, which `_receive` finds
            worker.connection.send(self._job)
        return worker

    def _hand_out(self, worker: _Worker, waiting: Iterator[tuple[Any, Any]]) -> bool:
        """Give a worker the next task; False if there is none."""
        following = next(waiting, None)
        if following is None:
            return False
        worker.task, content = following
        worker.is_busy = True
        worker.silence.reset()
        with suppress(OSError):  # it has ended, which `_receive` finds
            worker.connection.send(content)
        return True

    def _receive(self, worker: _Worker) -> Iterator[Event]:
        worker.silence.reset()
        try:
            kind, content = worker.connection.recv()
        except (EOFError, OSError):
            yield from self._replace(worker)
            return
        if kind == "refused":
            raise content
        if kind == "ready":
            worker.is_ready, self._failed_starts = True, 0
        elif kind == "part":
            yield Part(worker.task, content)
        else:
            worker.is_busy = False
            yield Done(worker.task, content)

    def _replace(self, worker: _Worker, reason: str | None = None) -> Iterator[Event]:
        """Start another process instead of one that has ended; its task is lost."""
        worker.connection.close()
        with suppress(subprocess.TimeoutExpired):
            worker.process.wait(EXIT_TIMEOUT_S)
        reason = reason or _exit_reason(worker.process)
        self._failed_starts += not worker.is_ready
        if self._failed_starts >= MAX_FAILED_STARTS:
            raise WorkerError(f"the workers end when they start ({reason}); try --workers 1, or free some memory")
        self._workers[self._workers.index(worker)] = self._start()
        if worker.is_busy:
            yield Done(worker.task, f"the worker process ended ({reason})")


def worker_command(descriptor: int) -> Sequence[str]:
    """Command of a worker that is connected by this file descriptor."""
    return [sys.executable, "-m", "app.analysis.worker", str(descriptor)]


def _exit_reason(process: subprocess.Popen[bytes]) -> str:
    code = process.poll()
    if code is None:
        return "it closed its connection"
    if code == -signal.SIGKILL:
        return "killed, perhaps since the memory is full"
    return f"signal {-code}" if code < 0 else f"exit code {code}"
