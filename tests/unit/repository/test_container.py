"""The container's files: linted and held to their promises, since no image is built here."""

import re
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path

import pytest
import yaml

from tests.support.wheel import wheel_sources

ROOT = Path(__file__).resolve().parents[3]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
HADOLINT = Path(sys.executable).parent / "hadolint"


def instruction(name: str) -> str:
    """The last instruction of this name, which is the one that counts, its lines joined."""
    found: list[str] = re.findall(rf"^{name} (.*)$", DOCKERFILE.replace("\\\n", " "), re.M)
    return found[-1]


def is_sent_to_the_build(path: str) -> bool:
    """Whether `.dockerignore` leaves a file, as Docker reads it: the last pattern that fits counts."""
    kept = True
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        pattern = line.removeprefix("!")
        parents = [path, *map(str, Path(path).parents)]
        if line and not line.startswith("#") and any(fnmatch(parent, pattern) for parent in parents):
            kept = line.startswith("!")
    return kept


def test_the_dockerfile_passes_the_linter():
    if not HADOLINT.is_file():
        pytest.skip("there is no hadolint for this platform: the Dockerfile is not linted")
    done = subprocess.run([HADOLINT, str(ROOT / "Dockerfile")], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")


def test_the_server_runs_without_rights_and_is_watched():
    assert int(instruction("USER")) > 0
    assert "/healthz" in instruction("HEALTHCHECK")
    assert "requirements-training" not in DOCKERFILE


def test_every_package_is_checked_against_its_hash():
    installs = re.findall(r"pip (?:install|wheel)[^&\n]*", DOCKERFILE.replace("\\\n", " "))
    assert len(installs) == 4
    assert all("--require-hashes" in one or "--no-deps" in one for one in installs)
    assert is_sent_to_the_build("requirements-scale.lock")


def test_the_healthcheck_is_a_program_that_python_can_read():
    command = yaml.safe_load(instruction("HEALTHCHECK").partition("CMD ")[2])
    compile(command[-1], "healthcheck", "exec")
    assert command[:-1] == ["python", "-c"]


def test_the_build_gets_what_the_wheel_takes_in_and_nothing_private():
    assert [path for path in wheel_sources() if not is_sent_to_the_build(path)] == []
    private = [
        "instance/sessions.sqlite3",
        ".git/config",
        ".venv/bin/python",
        "models/emotion/model.keras",
        "tests/conftest.py",
    ]
    assert [path for path in private if is_sent_to_the_build(path)] == []


def test_compose_starts_the_app_with_a_camera_on_this_computer_only():
    [service] = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"].values()
    assert service["network_mode"] == "host"
    assert "HOST" not in service.get("environment", {})
    assert [device.partition(":")[0] for device in service["devices"]] == ["/dev/video0"]
    assert service["volumes"] == ["sessions:/data"]
    assert not service.get("privileged")
