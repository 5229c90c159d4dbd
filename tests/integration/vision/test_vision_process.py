"""The real vision process behind the real link, on the demo scene."""

import json
import os
import signal
import socket
import subprocess
import sys
import time

import psutil
import pytest
from PIL import Image

from app.paths import PROJECT
from app.processes import vision_supervisor
from app.processes.vision_supervisor import VisionProcessLink
from app.settings import Settings
from app.vision.runtime.process_priority import NICENESS
from app.wire import Message, pack_message, read_message
from tests.support.processes.busy import limit
from tests.support.vision import Watched

SOON_S = limit(1, beside_others=3)


@pytest.fixture
def settings(models_dir, yunet_file):
    return Settings(source="demo", models=str(models_dir), detector=str(yunet_file))


@pytest.fixture
def watch(settings):
    watched = []

    def start(**changes):
        watched.append(Watched(settings.with_options(**changes)))
        return watched[-1]

    yield start
    for one in watched:
        one.link.close()


def test_it_starts_and_tells_what_runs(watch):
    one = watch()
    assert one.vision("starting")["pid"] is None
    running = one.vision("running")
    assert psutil.pid_exists(running["pid"])
    body = one.camera("live")
    assert body["camera"]["demo"] is True
    assert body["detector"] == {"name": "yunet", "title": "YuNet", "notice": None}
    assert body["models"]["demographics"] == {
        "title": "Age and perceived sex",
        "attributes": ["age", "sex"],
        "labels": ["male", "female"],
    }
    assert len(body["models"]["emotion"]["labels"]) == 7


def test_a_process_that_was_loaded_ahead_goes_first_until_its_first_frame(watch):
    one, others = watch(), psutil.Process().children()
    one.link.load()
    (child,) = [process for process in psutil.Process().children() if process not in others]
    niceness = psutil.Process().nice()
    assert child.nice() == niceness
    assert one.vision("running")["pid"] == child.pid
    first = one.frame()
    one.frame(lambda result: result.time_s > first.time_s)
    threads = os.listdir(f"/proc/{child.pid}/task") if sys.platform == "linux" else [child.pid]
    assert {os.getpriority(os.PRIO_PROCESS, int(thread)) for thread in threads} == {niceness + NICENESS}


def test_a_process_that_was_loaded_and_not_used_ends(watch):
    one, others = watch(), psutil.Process().children()
    one.link.load()
    (child,) = [process for process in psutil.Process().children() if process not in others]
    one.link.close()
    assert not child.is_running()


def test_frames_come_at_the_sources_rate_with_faces(watch):
    one = watch()
    first = one.frame()
    last = one.frame(lambda result: result.time_s > first.time_s + 5)
    # A busy computer reads some frames late.
    assert last.time_s - first.time_s == pytest.approx(last.read_at_s - first.read_at_s, abs=2)
    assert last.faces
    assert {"emotion", "age", "sex"} <= set(last.faces[0].estimates)
    assert {"capture", "detect", "predict"} <= set(last.stages_ms)
    assert last.jpegs == {}, "without a viewer nothing is drawn or encoded"


def test_each_picture_of_a_folder_is_read_on_its_own(watch, tmp_path, astronaut, grace_hopper):
    """In every round the same readings, whoever was in the pictures between, and nobody's id twice."""
    for name, image in (("a", astronaut), ("b", grace_hopper)):
        Image.fromarray(image).save(tmp_path / f"{name}.png")
    one = watch(source=str(tmp_path), loop=True, fps=10.0)
    seen = [one.frame(lambda result: result.faces) for _ in range(6)]
    by_picture = {index % 2: [result for result in seen if result.index % 2 == index] for index in (0, 1)}
    for results in by_picture.values():
        assert len({repr(result.faces[0].estimates) for result in results}) == 1
    assert seen[0].faces[0].estimates != seen[1].faces[0].estimates
    assert len({face.id for result in seen for face in result.faces}) == sum(len(result.faces) for result in seen)


def test_pictures_come_for_the_views_in_use(watch):
    one = watch(source="demo:still")
    one.link.send("views", {"views": ["", "boxes", "boxes,emotion,age,sex"]})
    pictures = one.frame(lambda result: len(result.jpegs) == 3).jpegs
    assert len(set(pictures.values())) == 3
    assert all(picture.startswith(b"\xff\xd8") for picture in pictures.values())
    one.link.send("views", {"views": []})
    one.frame(lambda result: not result.jpegs)


def test_a_killed_process_is_noticed_at_once_and_replaced(watch):
    one = watch()
    one.link.send("views", {"views": ["boxes"]})
    pid = one.vision("running")["pid"]
    last_id = max(face.id for face in one.frame(lambda result: result.faces and result.jpegs).faces)
    os.kill(pid, signal.SIGKILL)
    killed_s = time.monotonic()
    restarting = one.vision("restarting")
    assert time.monotonic() - killed_s < SOON_S
    assert "signal 9" in restarting["error"]
    running = one.vision("running")
    assert (running["restarts"], running["error"]) == (1, None)
    assert running["pid"] != pid
    result = one.frame(lambda result: result.faces)
    assert list(result.jpegs) == ["boxes"], "the new process knows the views in use"
    assert min(face.id for face in result.faces) > last_id, "no person gets an earlier person's id"


def test_pause_and_source_outlive_the_process(watch):
    one = watch()
    pid = one.vision("running")["pid"]
    one.link.send("select", {"source": "demo:still"})
    one.until(lambda message: message.type == "status" and message.body["camera"]["requested"] == "demo:still")
    one.link.send("pause")
    one.camera("paused")
    os.kill(pid, signal.SIGKILL)
    one.vision("running")
    assert one.camera("paused")["camera"]["requested"] == "demo:still"
    one.link.send("resume")
    one.camera("live")
    one.frame()


def test_pause_stops_the_work(watch):
    one = watch()
    child = psutil.Process(one.vision("running")["pid"])
    one.frame()
    one.link.send("pause")
    one.camera("paused")
    time.sleep(0.2)
    before = sum(child.cpu_times()[:2])
    time.sleep(1)
    assert sum(child.cpu_times()[:2]) - before < 0.1
    one.link.send("resume")
    one.frame()


def test_a_process_that_cannot_be_started_is_tried_again_and_then_told(monkeypatch):
    monkeypatch.setattr(vision_supervisor, "FIRST_RESTART_DELAY_S", 0.01)
    link = VisionProcessLink(Settings(), command=("/no/such/program",))
    said = []
    while not said or said[-1]["state"] != "failed":
        said.append(link.receive().body)
    assert [one["state"] for one in said] == ["starting", *["restarting"] * 5, "failed"]
    assert "cannot be started (No such file or directory)" in said[-1]["error"]
    link.close()


def test_cameras_are_listed_even_if_asked_before_the_start(watch):
    one = watch()
    one.link.send("list_cameras")
    assert {"source": "demo", "name": "Demo scene"} in one.until("cameras").body["cameras"]


def test_what_is_wrong_is_said_while_the_picture_runs_on(watch, tmp_path):
    one = watch(models=str(tmp_path), detector=str(tmp_path / "gone.onnx"))
    body = one.camera("live")
    assert "there is no model in" in body["trouble"]
    assert body["camera"]["notice"] is None
    assert body["models"] == {}
    assert "gone.onnx" in body["detector"]["notice"]
    one.frame()


def test_our_own_detector_is_told_and_haar_where_it_is_damaged(watch, detector_models, tmp_path):
    own = watch(models=str(detector_models), detector="own").camera("live")
    assert own["detector"] == {"name": "own", "title": "Own network", "notice": None}
    (tmp_path / "detector").mkdir()
    damaged = watch(models=str(tmp_path), detector="own").camera("live")
    assert damaged["detector"]["name"] == "haar"
    assert "card.json" in damaged["detector"]["notice"]


def test_a_source_that_cannot_be_opened_is_said_and_another_can_be_chosen(watch, tmp_path):
    (tmp_path / "notes.mp4").write_text("words")
    one = watch(source=str(tmp_path / "notes.mp4"))
    assert "is not a readable video" in one.camera("failed")["camera"]["error"]
    one.link.send("select", {"source": "demo"})
    assert one.camera("live")["camera"]["error"] is None
    one.frame()


def test_closing_ends_process_and_receive(watch):
    one = watch()
    pid = one.vision("running")["pid"]
    one.frame()
    started_s = time.monotonic()
    one.link.close()
    assert time.monotonic() - started_s < 3
    assert not psutil.pid_exists(pid)
    while one.link.receive() is not None:
        pass
    one.link.close()


def test_a_process_that_keeps_dying_is_given_up_until_asked_again(settings, monkeypatch):
    monkeypatch.setattr(vision_supervisor, "FIRST_RESTART_DELAY_S", 0.01)
    one = Watched(settings, command=(sys.executable, "-c", "raise SystemExit(3)"))
    try:
        body = one.vision("failed")
        assert body["restarts"] == vision_supervisor.MAX_RESTARTS
        assert "exit code 3" in body["error"]
        one.link.send("resume")
        one.vision("restarting")
    finally:
        one.link.close()


@pytest.fixture
def child(settings):
    """A bare vision process and our end of its connection."""
    ours, theirs = socket.socketpair()
    command = [sys.executable, "-m", "app.vision.worker", str(theirs.fileno())]
    process = subprocess.Popen(command, pass_fds=[theirs.fileno()], cwd=PROJECT, stderr=subprocess.PIPE, text=True)
    theirs.close()
    ours.sendall(pack_message(Message("start", {"settings": settings.to_dict()})))
    yield process, ours
    process.kill()
    process.communicate()
    ours.close()


def test_a_process_without_its_parent_ends(child):
    process, ours = child
    while read_message(ours).type != "frame":
        pass
    ours.shutdown(socket.SHUT_RDWR)
    started_s = time.monotonic()
    assert process.wait(10) == 0
    assert time.monotonic() - started_s < SOON_S


def test_it_logs_a_line_an_event_and_nothing_else(child):
    process, ours = child
    while read_message(ours).type != "frame":
        pass
    ours.sendall(pack_message(Message("stop", {})))
    _, lines = process.communicate(timeout=5)
    events = [line.split(": ", 1)[1] for line in lines.splitlines()]
    assert events == ["source Demo scene: opening", "source Demo scene: live", "stopped"]


def test_its_log_may_be_json_and_holds_no_password(settings):
    source = "http://me:hidden@127.0.0.1:9/live"
    one = settings.with_options(source=source, log_json=True, open_timeout_s=1.0)
    ours, theirs = socket.socketpair()
    command = [sys.executable, "-m", "app.vision.worker", str(theirs.fileno())]
    process = subprocess.Popen(command, pass_fds=[theirs.fileno()], cwd=PROJECT, stderr=subprocess.PIPE, text=True)
    theirs.close()
    ours.sendall(pack_message(Message("start", {"settings": one.to_dict()})))
    while (message := read_message(ours)).type != "status" or message.body["camera"]["state"] != "failed":
        pass
    ours.close()
    _, lines = process.communicate(timeout=5)
    assert "hidden" not in lines
    event = [json.loads(line) for line in lines.splitlines()][1]
    assert "failed" in event["message"]
    assert event["level"] == "warning"


def test_importing_the_link_imports_no_native_library():
    program = "import sys, app.processes.vision_supervisor; print({'cv2', 'ai_edge_litert'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=PROJECT, check=True)
    assert done.stdout.strip() == "set()"


def test_the_link_works_under_eventlet(settings, tmp_path):
    program = f"""
import eventlet; eventlet.monkey_patch()
from app.settings import Settings
from app.processes.vision_supervisor import VisionProcessLink
ticks = []
def tick():
    while True:
        ticks.append(1); eventlet.sleep(0.01)
eventlet.spawn(tick)
link = VisionProcessLink(Settings(**{settings.to_dict()!r}))
kinds = set()
while "frame" not in kinds:
    kinds.add(link.receive().type)
link.close()
print(sorted(kinds), len(ticks) > 10)
"""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program], capture_output=True, text=True, cwd=PROJECT, timeout=30
    )
    assert done.stdout.strip() == "['frame', 'status', 'vision'] True", done.stderr
