"""The command line."""

import json
import subprocess
import sys
from pathlib import Path
from unittest.mock import patch

import pytest
from click.testing import CliRunner
from PIL import Image

from app.cli import cli
from app.errors import PortInUse

ROOT = Path(__file__).resolve().parents[2]


def invoke(*arguments, serve=None, env=None):
    clean = {name: None for name in ("CAMERA", "PORT", "FACE_DETECTOR", "FACE_DETECTOR_MODEL", "MODELS")}
    with patch("app.serving.cameras.serve_cameras", serve):
        return CliRunner().invoke(cli, arguments, env={**clean, **(env or {})})


def test_options_beat_the_environment():
    served = []
    assert invoke("run", serve=served.append, env={"CAMERA": "demo"}).exit_code == 0
    assert invoke("run", "--source", "1", "--no-mirror", serve=served.append, env={"CAMERA": "demo"}).exit_code == 0
    assert [(s.source, s.mirror) for s in served] == [("demo", True), ("1", False)]


RUN_OPTIONS = (
    "--source", "--camera", "--detector", "--detect-width", "--models", "--width", "--height", "--fps", "--max-side",
    "--max-megapixels", "--mirror", "--no-mirror", "--loop", "--data", "--host", "--port", "--names", "--behind-proxy",
    "--server", "--cert", "--key", "--keep-days", "--blur", "--race", "--enable", "--log-level", "--log-json",
)  # fmt: skip


def test_every_option_of_run_is_listed_with_its_variable_and_default():
    words = " ".join(invoke("run", "--help").output.split())
    assert [option for option in RUN_OPTIONS if f" {option} " not in words] == []
    assert "Port to listen on. [default: 5000; env: PORT]" in words
    assert "Mirror the image of a webcam. [default: yes; env: CAMERA_MIRROR]" in words
    assert "Blur all faces for all viewers. [env: BLUR]" in words


def test_options_become_settings_of_their_type():
    served = []
    options = [
        "--fps",
        "12.5",
        "--keep-days",
        "7",
        "--blur",
        "--log-level",
        "debug",
        "--cert",
        "c.pem",
        "--key",
        "k.pem",
    ]
    assert invoke("run", *options, serve=served.append).exit_code == 0
    assert (served[0].fps, served[0].keep_days, served[0].blur, served[0].race) == (12.5, 7, True, False)
    assert (served[0].log_level, served[0].cert, served[0].key) == ("debug", "c.pem", "k.pem")


@pytest.mark.parametrize("arguments", [["run", "my clip.mp4"], ["my clip.mp4"], ["run", "--loop", "my clip.mp4"]])
def test_a_source_without_its_option_is_refused_with_the_option(arguments):
    result = invoke(*arguments, serve=lambda settings: None)
    assert result.exit_code == 2
    assert result.output.strip().endswith("give: run --source 'my clip.mp4'")


def test_cameras_may_be_given_several_times():
    served = []
    options = ["--camera", "lobby=0", "--camera", "door=rtsp://door/1"]
    assert invoke("run", *options, serve=served.append, env={"CAMERAS": "other=1"}).exit_code == 0
    assert invoke("run", serve=served.append, env={"CAMERAS": "other=1"}).exit_code == 0
    assert [list(one.cameras) for one in served] == [["lobby", "door"], ["other"]]


def test_help_lists_every_command():
    listed = invoke("--help").output
    assert all(command in listed for command in ("run", "analyze", "bench", "doctor"))


@pytest.mark.parametrize(
    ("arguments", "env", "message"),
    [
        (["run", "--port", "70000"], {}, "port=70000 is out of range; give 0 to 65535"),
        (["run"], {"CAMERA_FPS": "fast"}, "CAMERA_FPS='fast' is not a number"),
        (["analyze", "--models", "no/such/folder", "x.jpg"], {}, "no/such/folder"),
        (["bench", "--scene", "cross"], {}, "there is no scene 'cross'; give one of 1 face 640x480"),
        (["bench", "--scene", "crossing", "--write-baseline"], {}, "a baseline contains every scene"),
    ],
)
def test_bad_input_is_one_line(arguments, env, message):
    result = invoke(*arguments, serve=lambda settings: None, env=env)
    assert result.exit_code == 1
    assert message in result.output
    assert "Traceback" not in result.output


def test_an_error_while_serving_is_one_line():
    def refuse(settings):
        raise PortInUse("cannot listen; choose another")

    result = invoke("run", serve=refuse)
    assert (result.exit_code, result.output) == (1, "Error: cannot listen; choose another\n")


def test_doctor_reports_missing_models_with_a_remedy(tmp_path):
    result = invoke("doctor", "--source", "demo", "--models", str(tmp_path), "--data", str(tmp_path), "--port", "0")
    assert result.exit_code == 1
    rows = {line[6:23].strip(): line for line in result.output.splitlines() if line[:4].strip()}
    assert rows["source"].startswith("ok")
    assert rows["models"].startswith("FAIL")
    assert "-> train and export one" in result.output
    assert rows["face detector"].endswith("Haar cascade")
    assert "-> The models folder has no detector" in result.output


def test_doctor_tells_a_missing_file_and_a_wrong_address(tmp_path, models_dir):
    options = ["--models", str(models_dir), "--data", str(tmp_path), "--source", "gone.mp4", "--host", "999.1.1.1"]
    lines = [" ".join(line.split()) for line in invoke("doctor", *options).output.splitlines()]
    assert "FAIL source there is no file or folder 'gone.mp4'" in lines
    assert "FAIL port host='999.1.1.1' is no address of this computer" in lines


def test_doctor_checks_each_camera(tmp_path):
    cameras = ["--camera", "lobby=demo", "--camera", "door=gone.mp4"]
    result = invoke("doctor", *cameras, "--models", str(tmp_path), "--data", str(tmp_path), "--port", "0")
    lines = [" ".join(line.split()) for line in result.output.splitlines()]
    assert any(line.startswith("ok source lobby Demo scene") for line in lines)
    assert "FAIL source door there is no file or folder 'gone.mp4'" in lines


def test_doctor_reports_a_damaged_detector(tmp_path):
    (tmp_path / "detector").mkdir()
    result = invoke("doctor", "--source", "demo", "--models", str(tmp_path), "--data", str(tmp_path), "--port", "0")
    (row,) = [line for line in result.output.splitlines() if "face detector" in line]
    assert row.startswith("FAIL")
    assert "card.json" in row


@pytest.mark.parametrize("reads_race", [True, False])
def test_doctor_reports_that_race_has_no_effect(models_dir, mask_models, tmp_path, reads_race):
    models = str(models_dir if reads_race else mask_models)
    result = invoke("doctor", "--race", "--models", models, "--source", "demo", "--data", str(tmp_path), "--port", "0")
    assert ("-> no model predicts race" in result.output) != reads_race


def test_the_command_line_starts_without_heavy_libraries():
    code = "import app.cli, sys; print([m for m in ('cv2', 'flask', 'tensorflow', 'eventlet') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == "[]"


def test_analyze_writes_json_and_csv(astronaut, tmp_path):
    picture = tmp_path / "astronaut.png"
    Image.fromarray(astronaut).save(picture)
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"\xff\xd8\xff\xe0 no more")
    out, table = tmp_path / "out.json", tmp_path / "out.csv"
    result = invoke("analyze", str(picture), str(broken), "--json", str(out), "--csv", str(table))
    assert result.exit_code == 0, result.output
    records = {Path(record["path"]).name: record for record in json.loads(out.read_text())}
    assert records["astronaut.png"]["faces"]
    assert "error" in records["broken.jpg"]
    assert "astronaut.png" in table.read_text()
