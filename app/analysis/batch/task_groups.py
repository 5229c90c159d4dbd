"""Groups of tasks for the workers of a cluster, to which a call costs as much time as a small picture takes."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from itertools import islice
from typing import Any

from app.analysis.inputs import is_picture
from app.analysis.pool import Tasks

# Work of one group: long beside the cost of a call, 3 ms of processor time, and short at the end of a run, when some
# workers have a group left and others none.
GROUP_S = 0.25
MAX_GROUP = 32

Task = tuple[Any, Any]


class TaskGroups:
    """Hands out tasks: pictures in groups, videos and tasks of a worker that has ended one by one."""

    def __init__(self, tasks: Tasks) -> None:
        self._tasks: Iterator[Task] = iter(tasks)
        self._single: deque[Task] = deque()
        self._is_exhausted = False

    @property
    def has_more(self) -> bool:
        """Whether there may be a task; `take` tells for sure."""
        return bool(self._single) or not self._is_exhausted

    def take(self, size: int) -> list[Task]:
        """At most so many tasks; none if there are none left."""
        group: list[Task] = []
        if not self._single:
            group = self._take_pictures(size)
        return group or ([self._single.popleft()] if self._single else [])

    def put_back(self, task: Task) -> None:
        """Hand out a task again, alone: if its worker ends again, it was because of this task."""
        self._single.append(task)

    def _take_pictures(self, size: int) -> list[Task]:
        group: list[Task] = []
        for task in islice(self._tasks, size):
            if not is_picture(task[1]):
                self._single.append(task)
                return group
            group.append(task)
        self._is_exhausted = len(group) < size
        return group


def group_size(task_s: float) -> int:
    """How many tasks that take so long each make a group."""
    return max(1, min(MAX_GROUP, int(GROUP_S / task_s))) if task_s > 0 else MAX_GROUP
