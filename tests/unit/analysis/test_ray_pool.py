"""What travels to the nodes of a cluster, and what is said without Ray. `tests/cluster` runs a real one."""

import pickle
import shutil
import sys
from collections import deque
from unittest.mock import Mock

import pytest

from app.analysis.batch import ray_pool
from app.analysis.batch.ray_pool import NodeJob, RayPool, Worker
from app.analysis.batch.row_job import RowJob
from app.analysis.batch.task_groups import MAX_GROUP, TaskGroups, group_size
from app.analysis.pool import Done
from app.errors import ModelError, SettingsError
from app.settings import Settings


def test_the_job_that_travels_is_small_and_does_its_work(models_dir):
    job = NodeJob.of(RowJob(Settings(models=str(models_dir)), "jsonl", crops=True))
    sent = pickle.dumps(job)
    assert len(sent) < 4000
    (chunk,) = pickle.loads(sent).build()("gone.jpg")
    assert b"there is no file 'gone.jpg'" in chunk.rows


def test_a_worker_answers_a_group_task_by_task(models_dir):
    worker = Worker(NodeJob.of(RowJob(Settings(models=str(models_dir)), "jsonl", crops=True)))
    assert worker.load() is None
    ((messages, elapsed_s),) = worker.do(["a.jpg", "b.jpg"])
    assert [kind for kind, _ in messages] == ["part", "done", "part", "done"]
    assert b"'b.jpg'" in messages[2][1].rows
    assert elapsed_s > 0


def test_pictures_are_handed_out_in_groups_and_videos_alone():
    groups = TaskGroups(enumerate(["a.jpg", "b.jpg", "c.jpg", "d.mp4", "e.mp4", "f.jpg"]))
    taken = []
    while groups.has_more:
        taken.append([content for _, content in groups.take(2)])
    assert taken == [["a.jpg", "b.jpg"], ["c.jpg"], ["d.mp4"], ["e.mp4"], ["f.jpg"]]
    assert groups.take(2) == []
    groups.put_back((0, "a.jpg"))
    groups.put_back((1, "b.jpg"))
    assert groups.has_more
    assert [groups.take(2), groups.take(2)] == [[(0, "a.jpg")], [(1, "b.jpg")]]


@pytest.mark.parametrize(("task_s", "size"), [(0.0, MAX_GROUP), (0.001, MAX_GROUP), (0.02, 12), (3.0, 1)])
def test_a_group_is_a_quarter_of_a_second_of_work(task_s, size):
    assert group_size(task_s) == size


class Ended(Exception):
    """What Ray raises when an actor has ended."""


@pytest.fixture
def ray(monkeypatch):
    """A Ray whose actors are loaded at once and end with every group."""
    ray = Mock(exceptions=Mock(RayError=Ended))
    ray.wait.side_effect = lambda awaited, **_: (awaited, [])
    ray.get.return_value = None
    ray.remote().options().remote().do.options().remote.side_effect = lambda contents: EndsAtOnce()
    monkeypatch.setattr(ray_pool, "_connect", lambda *_: ray)
    return ray


class EndsAtOnce:
    def __next__(self):
        raise Ended("the node is gone")


def test_tasks_of_an_actor_that_ends_are_done_again_alone_and_given_up_in_the_end(ray, models_dir):
    pool = RayPool(RowJob(Settings(models=str(models_dir)), "jsonl", crops=True), "auto", 1, 9.0)
    pool._add_actors()
    pool._actors[0].group_size = 2
    events = list(pool.run((number, f"{number}.jpg") for number in range(3)))
    reason = "the worker of the cluster ended (the node is gone)"
    assert sorted(events, key=lambda event: event.task) == [Done(number, reason) for number in range(3)]
    remote = ray.remote().options().remote().do.options().remote
    attempts = [call.args[0] for call in remote.call_args_list]
    assert attempts[:2] == [["0.jpg", "1.jpg"], ["2.jpg"]], "the second group waits at the actor"
    assert all(len(contents) == 1 for contents in attempts[1:])
    pool.close()


def test_a_file_of_which_rows_are_written_is_not_done_again(ray, models_dir):
    pool = RayPool(RowJob(Settings(models=str(models_dir)), "jsonl", crops=True), "auto", 1, 9.0)
    pool._add_actors()
    groups, actor = TaskGroups([]), pool._actors[0]
    begun = ray_pool._Assignment(deque([(1, "a.mp4"), (2, "b.jpg")]), None, 2, has_rows=True)
    actor.assignments.append(begun)
    assert [event.task for event in pool._recover(actor, Ended("gone"), groups)] == [1]
    assert groups.take(9) == [(2, "b.jpg")]
    assert not actor.assignments


def test_a_node_with_other_models_is_refused(models_dir, tmp_path):
    models = shutil.copytree(models_dir, tmp_path / "models")
    job = NodeJob.of(RowJob(Settings(models=str(models)), "jsonl", crops=True))
    card = models / "emotion" / "card.json"
    card.write_text(card.read_text() + "\n")
    with pytest.raises(ModelError, match="other models or another version of the app; install the same everywhere"):
        job.build()


def test_without_ray_the_option_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(SettingsError, match="install the extra 'cluster'"):
        RayPool(RowJob(Settings(), "jsonl"), "auto", None, 1.0)
