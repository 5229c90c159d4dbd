"""Speed, waiting, log and curves of a training."""

import time

import cv2
import pytest

from training.engine import callbacks
from training.engine.callbacks import best_row, draw_curves
from training.engine.run_dir import LOG, log_rows, seconds_an_epoch, write_run
from training.recipes.registry import find_recipe


def epoch_of(monkeypatch, ready_s, ends_s):
    """The figures of a second epoch, which starts at 100 s; its clock says when each step ends."""
    clock = iter([0.0, 90.0, 100.0, *ends_s, 120.0])
    monkeypatch.setattr(time, "monotonic", lambda: next(clock))
    ready = {(1, step): when_s for step, when_s in enumerate(ready_s)}
    callback = callbacks.Throughput(10, ready)
    callback.on_epoch_begin(0)
    callback.on_train_batch_end(0)  # compiles
    nothing = {}
    callback.on_epoch_end(0, nothing)
    assert nothing == {}
    callback.on_epoch_begin(1)
    for step in range(len(ends_s)):
        callback.on_train_batch_end(step)
    logs = {}
    callback.on_epoch_end(0, logs)
    return logs


def test_batches_that_were_ready_before_cost_no_waiting(monkeypatch):
    logs = epoch_of(monkeypatch, ready_s=[99.0, 100.5, 101.5], ends_s=[101.0, 102.0, 103.0])
    assert logs == {"images_per_s": pytest.approx(10), "waiting_for_data": 0, "seconds": 20}


def test_waiting_lasts_from_the_end_of_a_step_until_the_batch_is_ready(monkeypatch):
    logs = epoch_of(monkeypatch, ready_s=[101.0, 104.0], ends_s=[102.0, 105.0])
    assert logs["waiting_for_data"] == pytest.approx((1 + 2) / 5)


def test_a_log_begun_with_other_columns_goes_on(tmp_path):
    (tmp_path / LOG).write_text("epoch,images_per_s,loss\n0,150.5,2.0\n")
    callbacks.Log(tmp_path / LOG).on_epoch_end(1, {"loss": 1.5, "waiting_for_data": 0.01, "images_per_s": 140})
    assert log_rows(tmp_path) == [
        {"epoch": 0, "images_per_s": 150.5, "loss": 2.0},
        {"epoch": 1, "images_per_s": 140, "loss": 1.5, "waiting_for_data": 0.01},
    ]
    assert callbacks.speed_line(tmp_path) == "145 images/s, 1.0% of the time waiting for data"


def test_the_seconds_of_an_epoch_are_found_in_runs(tmp_path):
    for run, recipe, column, values in (
        ("a", "emotion-cnn", "seconds", (90, 50)),
        ("b", "emotion-cnn", "seconds", (60,)),
        ("c", "age-cnn", "loss", (1,)),
    ):
        write_run(find_recipe(recipe), tmp_path, tmp_path / run, {})
        (tmp_path / run / LOG).write_text("\n".join([f"epoch,{column}", *(f"{e},{v}" for e, v in enumerate(values))]))
    assert seconds_an_epoch(tmp_path) == {"emotion-cnn": 60}


def test_too_much_waiting_is_said(tmp_path):
    assert callbacks.speed_line(tmp_path) == ""
    (tmp_path / LOG).write_text("epoch,images_per_s,waiting_for_data\n0,150,0.2\n")
    assert "the input side holds the network up" in callbacks.speed_line(tmp_path)


def test_curves_are_a_picture(tmp_path):
    rows = [{"epoch": 0.0, "loss": 2.0, "val_loss": 2.5, "val_accuracy": 0.2}, {"epoch": 1.0, "val_accuracy": 0.4}]
    draw_curves(rows, "Emotion", "val_accuracy", "max", tmp_path / "curves.png")
    image = cv2.imread(str(tmp_path / "curves.png"))
    assert image.shape[1] > image.shape[0] > 300
    assert image.std() > 5, "something is drawn"
    assert [file.name for file in tmp_path.iterdir()] == ["curves.png"]
    draw_curves([], "Nothing yet", "val_loss", "min", tmp_path / "curves.png")


def test_the_first_of_equally_good_epochs_is_the_best():
    rows = [{"epoch": 0.0, "val_loss": 2.0}, {"epoch": 1.0, "val_loss": 1.0}, {"epoch": 2.0, "val_loss": 1.0}]
    assert best_row(rows, "val_loss", "min")["epoch"] == 1


def test_curves_that_cannot_be_written_do_not_end_a_training(tmp_path, capsys):
    (tmp_path / LOG).write_text("epoch,loss,val_loss\n0,1.0,0.9\n")
    (tmp_path / "unfinished.curves.png").mkdir()
    callbacks.Curves(tmp_path, "Tiny", "val_loss", "min").on_epoch_end(0)
    assert "The curves are not drawn" in capsys.readouterr().out
