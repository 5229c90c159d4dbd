"""The package as `pip install .` installs it: its wheel is built, and run from another folder.

Dependencies are those of the tests' environment, so that no package index is needed; what only training uses is hidden.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import sysconfig
import urllib.request
from email.parser import Parser
from pathlib import Path
from zipfile import ZipFile

import pytest

from app import __version__
from app.paths import NAME, PROJECT
from tests.e2e.server import wait_until
from tests.support.wheel import files_in, wheel_sources

REQUIREMENTS = {
    None: "requirements.txt",
    "training": "requirements-training.txt",
    "dev": "requirements-dev.txt",
}
LARGEST_BYTES = 20_000_000
ONLY_FOR_TRAINING = ("tensorflow", "keras", "jax", "torch", "matplotlib", "scipy", "skimage")
JPEG_START = b"\xff\xd8\xff"
STATIC_IMPORT = re.compile(r'(?:from|import|import\()\s*"(\.[^"]+)"')


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    options = ["--quiet", "--no-build-isolation", "--no-deps", "--wheel-dir", str(folder)]
    command = [sys.executable, "-m", "pip", "wheel", *options, str(PROJECT)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    [file] = folder.glob("*.whl")
    return file


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with the wheel, without pip, its site-packages the only place where `app` is."""
    folder = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    python = str(folder / "bin" / "python")
    options = ["--quiet", "--no-deps", "--no-index", str(wheel)]
    subprocess.run([sys.executable, "-m", "pip", "--python", python, "install", *options], check=True)
    packages = site_packages(folder)
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    (packages / "sitecustomize.py").write_text(f"import sys\nsys.modules.update(dict.fromkeys({ONLY_FOR_TRAINING}))\n")
    return folder


def site_packages(environment: Path) -> Path:
    [packages] = environment.glob("lib/python*/site-packages")
    return packages


def start(environment: Path, home: Path, *arguments: str) -> subprocess.Popen[str]:
    """Start the command from `home`, which is the user's home folder as well."""
    variables = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "XDG_DATA_HOME")}
    command = [str(environment / "bin" / NAME), *arguments]
    pipe = subprocess.PIPE
    return subprocess.Popen(
        command, cwd=home, env={**variables, "HOME": str(home)}, stdout=pipe, stderr=pipe, text=True
    )


def pins(file: str) -> list[str]:
    """Name and version of each requirement of a file, sorted."""
    return sorted(re.findall(r"^[\w-]+==[\d.]+", (PROJECT / file).read_text().lower(), re.M))


def test_the_metadata_repeat_the_version_and_the_pins(wheel: Path):
    with ZipFile(wheel) as archive:
        name = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        metadata = Parser().parsestr(archive.read(name).decode())
    assert metadata["Version"] == __version__
    required = metadata.get_all("Requires-Dist")
    for extra, file in REQUIREMENTS.items():
        found = [line for line in required if (f"extra == '{extra}'" in line if extra else "extra ==" not in line)]
        assert sorted(line.partition(";")[0].strip().lower() for line in found) == pins(file)


def test_the_wheel_holds_what_the_app_needs_and_no_more(wheel: Path):
    with ZipFile(wheel) as archive:
        names = set(archive.namelist())
    wanted = {path if path.startswith("app/") else f"app/bundle/{path}" for path in wheel_sources()}
    templates = Path("training/reports/templates")
    wanted |= {(templates / path.name).as_posix() for path in (PROJECT / templates).iterdir()}
    assert sorted(wanted - names) == []
    assert not [name for name in names if name.endswith((".keras", ".pyc")) or name.startswith("tests/")]
    assert wheel.stat().st_size < LARGEST_BYTES


def test_every_script_that_the_pages_import_is_installed(environment: Path):
    static = site_packages(environment) / "app" / "bundle" / "static"
    missing = [
        f"{script.name}: {imported}"
        for script in (static / "js").rglob("*.js")
        for imported in STATIC_IMPORT.findall(script.read_text())
        if not (script.parent / imported).is_file()
    ]
    assert missing == []
    assert (static / "node_modules").is_dir()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


def test_the_command_tells_its_version(environment: Path, home: Path):
    output, errors = start(environment, home, "--version").communicate(timeout=30)
    assert (output, errors) == (f"{NAME}, version {__version__}\n", "")


def test_training_names_the_command_that_installs_what_it_lacks(environment: Path, home: Path):
    python = str(environment / "bin" / "python")
    done = subprocess.run([python, "-m", "training", "recipes"], cwd=home, capture_output=True, text=True, timeout=30)
    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch(r"Error: training needs keras, matplotlib, scipy; .*`make training`.*\n", done.stderr)


def test_the_installed_app_serves_the_demo_from_another_folder(environment: Path, home: Path):
    installed = files_in(environment)
    server = start(environment, home, "run", "--source", "demo", "--port", "0")
    try:
        assert server.stdout is not None
        [url] = re.findall(r"Open (http://\S+)", server.stdout.readline())

        def get(path: str) -> bytes:
            with urllib.request.urlopen(url + path, timeout=10) as response:
                return bytes(response.read())

        wait_until(lambda: json.loads(get("/api/status"))["camera"]["state"] == "live", 30.0, "opening the demo")
        with urllib.request.urlopen(url + "/video_feed", timeout=10) as stream:
            assert JPEG_START in stream.read(1000)
        assert b"/static/js/pages/dashboard.js" in get("/")
        assert len(json.loads(get("/api/models"))["models"]) == len(list((PROJECT / "models").glob("*/card.json")))
    finally:
        server.send_signal(signal.SIGINT)
        _, errors = server.communicate(timeout=30)
    assert server.returncode == 0, errors
    assert "Traceback" not in errors
    assert (home / ".local" / "share" / NAME / "sessions.sqlite3").is_file()
    assert files_in(environment) == installed
