"""Several processes train one network: as one does, and without one that is lost they end with one line."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import h5py
import numpy as np
import psutil
import pytest

from app.errors import SettingsError
from tests.e2e.server import free_port
from tests.support.processes.trained_together import PREDICTED
from tests.support.training import emotion_tree, write_folder
from training.cli.training_child import show_errors
from training.engine.process_group import LOST, ProcessGroup
from training.engine.run_dir import NEWEST, log_rows

ROOT = Path(__file__).resolve().parents[4]
EPOCHS, BATCH = 3, 8
TIMEOUT_S = 240
# Sums over halves of a batch are rounded otherwise than over the whole; 1e-6 was measured after three epochs.
TOLERANCE = 1e-4


class Numbers:
    """Batches that hold their own rows' numbers."""

    batch_size = 6

    def __len__(self):
        return 2

    def batch_at(self, epoch, index):
        rows = np.arange(6) + 6 * index + 100 * epoch
        return rows, {"twice": 2 * rows}


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    return write_folder(tmp_path_factory.mktemp("set"), emotion_tree(train=5, test=2))


class Training:
    """`train`, by one process or as one of several."""

    def __init__(self, tree, out, *options, epochs=EPOCHS):
        words = ["train", "tiny", "--data", tree, "--out", out, "--cache", tree.parent / "cache", "--batch", BATCH]
        words = [sys.executable, "-m", "tests.support.processes.trained_together", *words, "--epochs", epochs, *options]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        environment = {**os.environ, "KERAS_BACKEND": "jax"}
        self.process = subprocess.Popen(list(map(str, words)), cwd=ROOT, env=environment, **pipes)

    def ended(self):
        """Exit status, standard output and standard error."""
        out, errors = self.process.communicate(timeout=TIMEOUT_S)
        return self.process.returncode, out, errors

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


def started(tree, folder, **options):
    """Two processes that train together."""
    address = f"127.0.0.1:{free_port()}"
    return [Training(tree, folder / f"{rank}", "--distribute", f"{address},{rank},2", **options) for rank in (0, 1)]


def arrays_in(file):
    found = {}
    with h5py.File(file) as content:
        content.visititems(
            lambda name, item: found.update({name: item[()]}) if isinstance(item, h5py.Dataset) else None
        )
    return found


def assert_same_weights(run, other):
    ours, theirs = arrays_in(run / NEWEST), arrays_in(other / NEWEST)
    assert ours.keys() == theirs.keys()
    for name in ours:
        np.testing.assert_allclose(ours[name], theirs[name], rtol=0, atol=TOLERANCE, err_msg=name)


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_two_processes_train_as_one_does_also_after_one_was_killed(tree, tmp_path):
    status, _, errors = Training(tree, tmp_path / "alone", "--backend", "jax").ended()
    assert status == 0, errors
    first, second = started(tree, tmp_path / "two")
    assert (second.ended()[0], first.ended()[0]) == (0, 0)
    assert_same_weights(tmp_path / "two" / "0", tmp_path / "alone")
    runs = [log_rows(tmp_path / "two" / "0"), log_rows(tmp_path / "alone")]
    for column in ("val_loss", "loss", "val_accuracy", PREDICTED):
        np.testing.assert_allclose(*[[row[column] for row in rows] for rows in runs], atol=TOLERANCE, err_msg=column)
    assert not (tmp_path / "two" / "1").exists(), "the first process alone writes the run"


@pytest.mark.soak
@pytest.mark.timeout(900)
@pytest.mark.parametrize("lost", [0, 1])
def test_a_lost_process_ends_the_other_with_one_line_and_the_run_resumes(tree, tmp_path, lost):
    processes = started(tree, tmp_path, epochs=1000)
    deadline_s = time.monotonic() + TIMEOUT_S
    while not (tmp_path / "0" / NEWEST).exists() or len(log_rows(tmp_path / "0")) < 2:
        assert time.monotonic() < deadline_s
        assert all(one.process.poll() is None for one in processes), [one.ended() for one in processes]
        time.sleep(0.1)
    [child] = psutil.Process(processes[lost].process.pid).children()
    processes[lost].kill()
    status, _, errors = processes[1 - lost].ended()
    psutil.wait_procs([child], timeout=10)
    assert not child.is_running(), "what trains ends with the command"
    assert status == 1
    assert errors.startswith("Error: another process of the training was lost"), errors
    assert errors.endswith(f"{LOST}\n")
    assert errors.count("\n") == 1
    done = len(log_rows(tmp_path / "0"))
    again = started(tree, tmp_path, epochs=done + 1)
    ends = [one.ended() for one in again]
    assert [status for status, *_ in ends] == [0, 0], ends
    assert f"of {done + 1} epochs; continuing" in ends[0][1]
    assert [row["epoch"] for row in log_rows(tmp_path / "0")] == list(range(done + 1))


@pytest.mark.soak
def test_processes_with_other_data_refuse_to_train(tree, tmp_path):
    other = write_folder(tmp_path / "other" / "set", emotion_tree(train=6, test=2))
    address = f"127.0.0.1:{free_port()}"
    processes = [
        Training(data, tmp_path / f"{rank}", "--distribute", f"{address},{rank},2")
        for rank, data in enumerate((tree, other))
    ]
    for status, _, errors in (one.ended() for one in processes):
        assert status == 1
        assert errors.startswith("Error: process 1 has other data, options or versions than process 0")


@pytest.mark.parametrize("text", ["1,2", "host,0,2", "host:1,2,2", "host:1,0", "host:1,-1,2", "a b:1,0,2"])
def test_what_names_no_process_is_refused(text):
    with pytest.raises(SettingsError, match=r"is not ADDRESS,RANK,COUNT with ranks from 0; give "):
        ProcessGroup.parse(text)


def test_a_process_is_read_with_any_address():
    assert ProcessGroup.parse("192.0.2.1:4321,1,3") == ProcessGroup("192.0.2.1:4321", 1, 3)
    assert ProcessGroup.parse("[2001:db8::1]:4321,0,2").address == "[2001:db8::1]:4321"


def test_each_process_gets_its_rows_of_every_batch():
    parts = [ProcessGroup("", rank, 3).share(Numbers()) for rank in range(3)]
    assert {len(part) for part in parts} == {2}
    assert {part.batch_size for part in parts} == {2}
    for column in (lambda batch: batch[0], lambda batch: batch[1]["twice"]):
        rows = np.concatenate([column(part.batch_at(1, 1)) for part in parts])
        np.testing.assert_array_equal(rows, column(Numbers().batch_at(1, 1)))


def test_a_batch_that_cannot_be_shared_is_refused_with_sizes_that_can():
    ProcessGroup().check_batch(7)
    ProcessGroup("", 0, 2).check_batch(8)
    with pytest.raises(SettingsError, match="2 processes cannot share a batch of 7 evenly; give --batch 8 or 6"):
        ProcessGroup("", 0, 2).check_batch(7)
    with pytest.raises(SettingsError, match="give --batch 4$"):
        ProcessGroup("", 0, 4).check_batch(3)


def test_several_processes_need_jax():
    assert ProcessGroup().backend(None) is None
    assert ProcessGroup("", 0, 2).backend(None) == "jax"
    with pytest.raises(SettingsError, match="--distribute needs JAX, not --backend torch; leave --backend out"):
        ProcessGroup("", 0, 2).backend("torch")


def test_of_what_a_child_says_messages_of_native_libraries_are_left_out(capsys):
    python, native = ["Epoch\n", "set.py:8: UserWarning: few\n"], "E1128 16:58:34.0  31 agent.cc:8] peer\n"
    assert not show_errors([python[0], native, "Additional GRPC error information\n", "\n", python[1], "Error: x\n"])
    assert capsys.readouterr().err == "Epoch\nset.py:8: UserWarning: few\nError: x\n"
    assert show_errors(["Epoch\n", "F1128 16:58:34.024726   31097 client.h:80] Terminating\n", "Error: x\n"])
    assert capsys.readouterr().err == "Epoch\n"
