import pytest

from app.vision.capture.camera_list import linux_webcams, list_cameras

BROWSER = {"source": "browser", "name": "A browser's camera"}
DEMO = {"source": "demo", "name": "Demo scene"}


def node(devices, number, name, index):
    folder = devices / f"video{number}"
    folder.mkdir(parents=True)
    (folder / "name").write_text(name + "\n")
    (folder / "index").write_text(f"{index}\n")


def test_webcams_are_named_as_the_kernel_names_them(tmp_path):
    node(tmp_path, 10, "USB Camera", 0)
    node(tmp_path, 0, "Integrated Camera", 0)
    node(tmp_path, 1, "Integrated Camera", 1)  # its metadata, no pictures
    assert linux_webcams(tmp_path) == {"0": "Integrated Camera", "10": "USB Camera"}


def test_no_folder_means_no_webcam(tmp_path):
    assert linux_webcams(tmp_path / "none") == {}


@pytest.mark.parametrize("configured", ["auto", "0", "demo", "demo:still"])
def test_webcams_and_the_demo_are_offered(configured):
    cameras = list_cameras(configured, lambda: {"0": "Integrated Camera"})
    assert cameras == [{"source": "0", "name": "Integrated Camera"}, BROWSER, DEMO]


def test_a_configured_stream_is_offered_without_its_credentials():
    cameras = list_cameras("rtsp://user:secret@host/live", dict)
    assert cameras == [{"source": "rtsp://host/live", "name": "rtsp://host/live"}, BROWSER, DEMO]


def test_a_configured_file_is_offered_by_its_name():
    assert list_cameras("clips/talk.mp4", dict) == [{"source": "clips/talk.mp4", "name": "talk.mp4"}, BROWSER, DEMO]
