"""Log lines: one per event, without secrets."""

import json
import logging
import sys

import pytest

from app.errors import SettingsError
from app.logs import MAX_REPEATS, REPEAT_WINDOW_S, OneLineFormatter, RepeatLimit, warn_without_lock
from app.settings import Settings
from tests.support.fakes import FakeClock


def make_record(message: str, *args: object, failed: bool = False) -> logging.LogRecord:
    problem = None
    if failed:
        try:
            raise ValueError("in\ntwo lines")
        except ValueError:
            problem = sys.exc_info()
    return logging.LogRecord("vision", logging.INFO, __file__, 1, message, args, problem)


def test_a_traceback_is_on_the_line_of_its_event():
    line = OneLineFormatter(as_json=False).format(make_record("the %s failed", "camera", failed=True))
    assert "\n" not in line
    assert line.split(" ", 2)[2].startswith("INFO vision: the camera failed | Traceback")
    assert line.endswith("ValueError: in | two lines")


def test_lines_of_one_of_several_cameras_have_its_name():
    record = make_record("camera lost")
    assert OneLineFormatter(as_json=False, camera="door").format(record).endswith("INFO vision door: camera lost")
    assert json.loads(OneLineFormatter(as_json=True, camera="door").format(record))["camera"] == "door"


def test_json_lines_have_named_fields():
    line = OneLineFormatter(as_json=True).format(make_record("camera %s: live\nand well", "Demo", failed=True))
    assert "\n" not in line
    event = json.loads(line)
    assert (event["level"], event["logger"], event["message"]) == ("info", "vision", "camera Demo: live\nand well")
    assert event["at"].endswith("+00:00")
    assert "ValueError" in event["traceback"]


@pytest.mark.parametrize("as_json", [False, True])
def test_credentials_and_tokens_are_not_logged(as_json: bool):
    formatter = OneLineFormatter(as_json)
    line = formatter.format(make_record("rtsp://me:hidden@host/1?password=hidden refused /?token=hidden&show=boxes"))
    assert "hidden" not in line
    assert "rtsp://host/1" in line
    assert "show=boxes" in line


def test_a_warning_without_a_lock_has_the_same_format(capsys: pytest.CaptureFixture[str]):
    warn_without_lock("sessions", "the disk is full", as_json=True)
    assert json.loads(capsys.readouterr().err)["message"] == "the disk is full"
    warn_without_lock("sessions", "the disk is full")
    assert capsys.readouterr().err.endswith(" WARNING sessions: the disk is full\n")


def test_an_unknown_level_is_refused():
    with pytest.raises(SettingsError, match="debug, info, warning, error"):
        Settings(log_level="loud")


def warning(line_number: int, message: str = "refused %s", level: int = logging.WARNING) -> logging.LogRecord:
    return logging.LogRecord("web", level, __file__, line_number, message, ("someone",), None)


def test_repeated_warnings_of_one_place_are_left_out_and_counted():
    clock = FakeClock()
    limit = RepeatLimit(clock)
    assert [limit.filter(warning(1)) for _ in range(MAX_REPEATS + 5)] == [True] * MAX_REPEATS + [False] * 5
    assert limit.filter(warning(2)), "another place in the code"
    assert all(limit.filter(warning(3, level=logging.INFO)) for _ in range(3 * MAX_REPEATS))
    clock.now_s += REPEAT_WINDOW_S
    again = warning(1)
    assert limit.filter(again)
    assert again.getMessage() == "refused someone (and 5 more since the last line)"
    following = warning(1)
    assert limit.filter(following)
    assert following.getMessage() == "refused someone"
