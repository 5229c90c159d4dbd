"""What travels to the nodes of a cluster, and what is said without Ray. `tests/cluster` runs a real one."""

import pickle
import shutil
import sys

import pytest

from app.analysis.batch.ray_pool import NodeJob, RayPool
from app.analysis.batch.row_job import RowJob
from app.errors import ModelError, SettingsError
from app.settings import Settings


def test_the_job_that_travels_is_small_and_does_its_work(models_dir):
    job = NodeJob.of(RowJob(Settings(models=str(models_dir)), "jsonl", crops=True))
    sent = pickle.dumps(job)
    assert len(sent) < 4000
    (chunk,) = pickle.loads(sent).build()("gone.jpg")
    assert b"there is no file 'gone.jpg'" in chunk.rows


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
