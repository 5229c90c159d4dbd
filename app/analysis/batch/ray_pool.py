"""The workers of `analyze --out` as actors of a Ray cluster: paths go in, rows come out."""

from __future__ import annotations

import os
import time
from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from app.analysis.batch.row_job import RowJob
from app.analysis.batch.run import settings_hash
from app.analysis.batch.task_groups import Task, TaskGroups, group_size
from app.analysis.pool import HANG_CHECK_PERIOD_S, Done, Event, Part, Tasks
from app.analysis.worker import do_task
from app.attributes.attribute_set import load_attributes
from app.errors import AppError, ModelError, SettingsError
from app.paths import PROJECT, resource
from app.vision.runtime.stall_timer import StallTimer
from app.vision.runtime.thread_limits import THREAD_ENVIRONMENT

AUTO = "auto"
# A task whose worker or node has ended before it gave anything is done again elsewhere, until it has ended so many.
MAX_ATTEMPTS = 3
# Groups of an actor: the next one waits there, so that the actor need not wait for this process.
QUEUE_LENGTH = 2
# An actor sends its answers at least this often, as far as it has some.
SEND_PERIOD_S = 0.25


@dataclass(frozen=True, slots=True)
class NodeJob:
    """A `RowJob` that uses the models of the node that it runs on, and refuses others than those of the command."""

    job: RowJob
    uses_default_models: bool
    expected_hash: str

    @classmethod
    def of(cls, job: RowJob) -> NodeJob:
        """The job for other nodes."""
        is_default = Path(job.settings.models) == resource("models")
        return cls(job, is_default, _hash(job))

    def build(self) -> Any:
        """Load the models.

        Raises:
            AppError: they cannot be loaded, or are others.
        """
        settings = self.job.settings
        if self.uses_default_models:
            settings = settings.with_options(models=str(resource("models")))
        job = replace(self.job, settings=settings)
        if _hash(job) != self.expected_hash:
            raise ModelError(
                f"{os.uname().nodename} has other models or another version of the app; install the same everywhere"
            )
        return job.build()


def _hash(job: RowJob) -> str:
    return settings_hash(job, load_attributes(job.settings.models, job.settings.enabled_attributes))


class Worker:
    """The actor."""

    def __init__(self, job: NodeJob) -> None:
        self._job, self._work = job, None

    def load(self) -> AppError | None:
        """Load the models; returns why that cannot be done."""
        import cv2

        cv2.setNumThreads(1)
        try:
            self._work = self._job.build()
        except AppError as error:
            return error
        return None

    def do(self, contents: Sequence[str]) -> Iterator[tuple[list[tuple[str, Any]], float]]:
        """The messages of `do_task` for tasks one after another, in lists, each with the seconds that it took."""
        assert self._work is not None
        messages, started_s = list[tuple[str, Any]](), time.monotonic()
        for content in contents:
            for message in do_task(self._work, content):
                messages.append(message)
                if time.monotonic() - started_s >= SEND_PERIOD_S:
                    yield messages, time.monotonic() - started_s
                    messages, started_s = [], time.monotonic()
        yield messages, time.monotonic() - started_s


@dataclass(slots=True)
class _Assignment:
    """A group of tasks that an actor has, and the stream of its answers.

    Attributes:
        size: Tasks at the start.
        unfinished: The others, in order; rows of the first one are written if it `has_rows`.
        elapsed_s: Time that the actor took so far.
    """

    unfinished: deque[Task]
    stream: Any
    size: int
    has_rows: bool = False
    elapsed_s: float = 0.0


@dataclass(eq=False, slots=True)
class _Actor:
    """An actor; `loading` is set until its models are loaded, also after it was restarted."""

    handle: Any
    loading: Any
    group_size: int = 1
    assignments: deque[_Assignment] = field(default_factory=deque)
    silence: StallTimer = field(default_factory=StallTimer)
    is_hanging: bool = False

    @property
    def awaited(self) -> Any:
        """What is to come from it next; None if nothing."""
        if self.loading is not None:
            return self.loading
        return self.assignments[0].stream if self.assignments else None


class RayPool:
    """A `TaskPool` on a Ray cluster. Actors are restarted by Ray, on other nodes if theirs has ended.

    Args:
        job: The job.
        address: Of a cluster (`HOST:6379`), or `auto`: the one of this computer, else a new one on it.
        workers: Actors; None makes one per core of the cluster, also of nodes that join later.
        timeout_s: An actor that gives nothing for so long is restarted; its task is lost.
    Raises:
        SettingsError: Ray is not installed, or the cluster cannot be reached.
    """

    def __init__(self, job: RowJob, address: str, workers: int | None, timeout_s: float) -> None:
        self._ray = _connect(address, workers)
        options = {"num_cpus": 1, "max_restarts": -1, "scheduling_strategy": "SPREAD"}
        self._remote = self._ray.remote(Worker).options(**options)
        self._job, self._workers, self._timeout_s = NodeJob.of(job), workers, timeout_s
        self._actors: list[_Actor] = []
        self._attempts: Counter[Any] = Counter()

    def run(self, tasks: Tasks) -> Iterator[Event]:
        """Do tasks as actors become free; see `ProcessPool.run`."""
        groups = TaskGroups(tasks)
        while True:
            self._add_actors()
            self._hand_out(groups)
            if not groups.has_more and not any(actor.assignments for actor in self._actors):
                return
            yield from self._receive(groups)
            self._restart_hanging()

    def close(self) -> None:
        """End the actors."""
        for actor in self._actors:
            self._ray.kill(actor.handle)
        self._actors = []
        self._ray.shutdown()

    def _add_actors(self) -> None:
        wanted = self._workers or int(self._ray.cluster_resources().get("CPU", 1))
        while len(self._actors) < wanted:
            handle = self._remote.remote(self._job)
            self._actors.append(_Actor(handle, handle.load.remote()))

    def _hand_out(self, groups: TaskGroups) -> None:
        """Fill the queues of the actors that are ready, first those without a task."""
        ready = [actor for actor in self._actors if actor.loading is None]
        for length in range(QUEUE_LENGTH):
            for actor in ready:
                if len(actor.assignments) > length:
                    continue
                group = groups.take(actor.group_size)
                if not group:
                    return
                if not actor.assignments:
                    actor.silence.reset()
                stream = actor.handle.do.options(num_returns="streaming").remote([content for _, content in group])
                actor.assignments.append(_Assignment(deque(group), stream, len(group)))

    def _receive(self, groups: TaskGroups) -> Iterator[Event]:
        """Wait until something comes, and take all that is there."""
        awaited = {actor.awaited: actor for actor in self._actors if actor.awaited is not None}
        if not self._ray.wait(list(awaited), num_returns=1, timeout=HANG_CHECK_PERIOD_S)[0]:
            return
        ready, _ = self._ray.wait(list(awaited), num_returns=len(awaited), timeout=0)
        for one in ready:
            yield from self._take(awaited[one], groups)

    def _take(self, actor: _Actor, groups: TaskGroups) -> Iterator[Event]:
        try:
            if actor.loading is not None:
                self._finish_loading(actor)
                return
            assignment = actor.assignments[0]
            messages, elapsed_s = self._ray.get(next(assignment.stream))
        except self._ray.exceptions.RayError as error:
            yield from self._recover(actor, error, groups)
            return
        actor.silence.reset()
        assignment.elapsed_s += elapsed_s
        for kind, content in messages:
            key, _ = assignment.unfinished[0]
            assignment.has_rows = kind == "part"
            if kind == "done":
                assignment.unfinished.popleft()
            yield Part(key, content) if kind == "part" else Done(key, content)
        if not assignment.unfinished:
            actor.assignments.popleft()
            actor.group_size = group_size(assignment.elapsed_s / assignment.size)

    def _finish_loading(self, actor: _Actor) -> None:
        refusal = self._ray.get(actor.loading)
        if refusal is not None:
            raise refusal
        actor.loading = None

    def _recover(self, actor: _Actor, error: Exception, groups: TaskGroups) -> Iterator[Event]:
        """An actor has ended, and Ray restarts it. Its tasks are done again; one of which rows are written is lost."""
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        if actor.is_hanging:
            reason = f"it gave nothing for {self._timeout_s:g} s, see --timeout"
        first = actor.assignments[0] if actor.assignments else None
        if first and (first.has_rows or self._is_to_blame(first, actor.is_hanging)):
            key, _ = first.unfinished.popleft()
            yield Done(key, f"the worker of the cluster ended ({reason})")
        for assignment in actor.assignments:
            for task in assignment.unfinished:
                groups.put_back(task)
        actor.assignments.clear()
        actor.is_hanging = False
        actor.loading = actor.handle.load.remote()

    def _is_to_blame(self, assignment: _Assignment, is_hanging: bool) -> bool:
        """Whether to give up the first task. Of a group nobody knows at which one its actor has ended."""
        if assignment.size > 1:
            return False
        key, _ = assignment.unfinished[0]
        self._attempts[key] += 1
        return is_hanging or self._attempts[key] >= MAX_ATTEMPTS

    def _restart_hanging(self) -> None:
        for actor in self._actors:
            is_silent = actor.silence.elapsed_s() > self._timeout_s
            if actor.loading is None and actor.assignments and not actor.is_hanging and is_silent:
                actor.is_hanging = True
                self._ray.kill(actor.handle, no_restart=False)


def _connect(address: str, workers: int | None) -> Any:
    """Connect to the cluster; returns the module `ray`.

    Raises:
        SettingsError: Ray is not installed, or the cluster cannot be reached.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # Ray would report its use to its authors
    try:
        import ray
    except ImportError:
        raise SettingsError("--ray needs Ray; install the extra 'cluster' (pip install '.[cluster]')") from None
    options: Mapping[str, Any] = {
        "runtime_env": {"env_vars": {**THREAD_ENVIRONMENT, "PYTHONPATH": _python_path()}},
        "log_to_driver": False,
        "logging_level": "ERROR",
    }
    try:
        ray.init(address=address, **options)
    except ConnectionError as error:
        if address != AUTO:
            reason = (str(error).splitlines() or ["no answer"])[0]
            raise SettingsError(
                f"no Ray cluster at {address!r} ({reason}); start one with `ray start --head`"
            ) from None
        ray.init(address="local", num_cpus=workers, include_dashboard=False, **options)
    return ray


def _python_path() -> str:
    """Where the nodes find the app, if it lies at the same place there; an installed app is found without."""
    return os.pathsep.join(filter(None, [str(PROJECT), os.environ.get("PYTHONPATH")]))


def open_ray_pool(address: str, workers: int | None, timeout_s: float) -> Any:
    """A function that opens the pool for a job, for `run_batch`."""
    return lambda job: RayPool(job, address, workers, timeout_s)
