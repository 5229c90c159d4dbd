"""The reported state of the vision process and the camera list."""

import threading

from app.web.live.vision_state import MAX_CAMERAS_AGE_S, CameraList, VisionState
from tests.support.fakes import FakeClock, status_body


def test_status_sections_are_replaced_one_by_one():
    state = VisionState("auto")
    assert not state.models_known
    state.update_status(status_body())
    state.update_status({"camera": {"state": "lost"}})
    assert state.camera == {"state": "lost"}
    assert state.detector["title"] == "YuNet"
    state.update_status({"trouble": "no model; export one"})
    assert state.to_dict()["trouble"] == "no model; export one"


def test_passwords_in_urls_are_hidden():
    assert "secret" not in str(VisionState("rtsp://me:secret@camera/1").to_dict())


def test_unknown_keys_of_the_process_state_are_ignored():
    state = VisionState("demo")
    state.update_process({"state": "running", "pid": 3, "surprise": 1})
    assert state.vision == {"state": "running", "pid": 3, "restarts": 0, "error": None}


def test_concurrent_camera_requests_ask_once_and_share_the_reply():
    request_sent = threading.Semaphore(0)
    cameras = CameraList(request_sent.release)
    replies: list[object] = []
    threads = [threading.Thread(target=lambda: replies.append(cameras.request(5))) for _ in range(3)]
    for thread in threads:
        thread.start()
    assert request_sent.acquire(timeout=5)
    cameras.receive({"cameras": [{"source": "0", "name": "Webcam"}]})
    for thread in threads:
        thread.join()
    assert replies == [[{"source": "0", "name": "Webcam"}]] * 3
    assert not request_sent.acquire(blocking=False)
    assert cameras.contains("0")
    assert not cameras.contains("1")


def test_the_camera_list_is_asked_for_again_when_it_is_old():
    clock, asked = FakeClock(), []
    cameras = CameraList(lambda: asked.append(1) or cameras.receive({"cameras": [{"source": str(len(asked))}]}), clock)
    for _ in range(100):
        assert cameras.request(0.01) == [{"source": "1"}]
    clock.now_s += MAX_CAMERAS_AGE_S
    assert cameras.request(0.01) == [{"source": "2"}]
    assert len(asked) == 2


def test_the_last_camera_list_is_returned_on_timeout():
    clock = FakeClock()
    cameras = CameraList(lambda: None, clock)
    assert cameras.request(0.01) is None
    cameras.receive({"cameras": []})
    clock.now_s += MAX_CAMERAS_AGE_S
    assert cameras.request(0.01) == []
