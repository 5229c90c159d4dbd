"""The requirements files: exact pins with reasons, and an app that needs little."""

import re
from importlib.metadata import Distribution, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[3]
FILES = (
    "requirements.txt",
    "requirements-training.txt",
    "requirements-batch.txt",
    "requirements-scale.txt",
    "requirements-dev.txt",
    "requirements-build.txt",
    "requirements-cluster.txt",
    "requirements-distribute.txt",
)
# By lock file, what it was made from; `make lock` writes them.
LOCKS = {
    "requirements.lock": FILES[:1],
    "requirements-training.lock": FILES[:2],
    "requirements-scale.lock": (FILES[0], FILES[3]),
    "requirements-dev.lock": FILES[:5],
    "requirements-build.lock": FILES[5:6],
}
ONLY_FOR_TRAINING = {"tensorflow", "tensorflow-cpu", "keras", "matplotlib", "scipy", "scikit-image", "jax"}
LARGEST_MB = 500  # as `du -sm` counts
PIP_MB = 30  # pip, and files rounded up to whole blocks
COMPILED_MB = 20  # modules that are compiled when they are first imported; installing compiles none


def requirements(file: str) -> list[Requirement]:
    lines = (line.partition("#")[0].strip() for line in (ROOT / file).read_text().splitlines())
    return [Requirement(line) for line in lines if line]


def installed(wanted: list[Requirement]) -> dict[str, Distribution]:
    """By name, everything that these need, as installed here."""
    found: dict[str, Distribution] = {}
    while wanted:
        requirement = wanted.pop()
        name = canonicalize_name(requirement.name)
        if name in found or (requirement.marker and not requirement.marker.evaluate({"extra": ""})):
            continue
        found[name] = distribution(name)
        wanted += [Requirement(line) for line in found[name].requires or []]
    return found


def size_mb(package: Distribution) -> float:
    paths = {Path(str(package.locate_file(file))) for file in package.files or []}
    return sum(path.stat().st_size for path in paths if path.is_file() and path.suffix != ".pyc") / 2**20


@pytest.mark.parametrize("file", FILES)
def test_every_version_is_exact_and_has_a_reason(file):
    lines = [line for line in (ROOT / file).read_text().splitlines() if line and not line.startswith("#")]
    assert [line for line in lines if not re.fullmatch(r"[\w-]+==[\d.]+(; [^#]+)? +# \S.*", line)] == []


def test_the_environment_of_the_app_is_small_and_without_what_only_training_needs():
    packages = installed(requirements("requirements.txt"))
    assert packages.keys() & ONLY_FOR_TRAINING == set()
    assert sum(map(size_mb, packages.values())) + PIP_MB + COMPILED_MB < LARGEST_MB


def locked(file: str) -> dict[str, tuple[Requirement, list[str]]]:
    """By name and version, each requirement of a lock file and its hashes."""
    entries = {}
    for entry in (ROOT / file).read_text().replace(" \\\n", " ").splitlines():
        text, *hashes = entry.split(" --hash=")
        requirement = Requirement(text)
        entries[f"{canonicalize_name(requirement.name)}{requirement.specifier}"] = requirement, hashes
    return entries


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_file_holds_every_pin_and_only_packages_with_hashes(lock):
    """After a change of requirements*.txt: `make lock`."""
    entries = locked(lock)
    pins = [pin for file in LOCKS[lock] for pin in requirements(file)]
    assert {f"{canonicalize_name(pin.name)}{pin.specifier}" for pin in pins} <= entries.keys()
    assert [name for name, (_, hashes) in entries.items() if not hashes] == []
    assert all(re.fullmatch("sha256:[0-9a-f]{64}", one.strip()) for _, hashes in entries.values() for one in hashes)
    assert "://" not in (ROOT / lock).read_text(), "packages come from whatever registry pip is set to"


def test_what_is_served_is_what_is_tested():
    """The smaller lock files hold the versions of the largest one."""
    dev = locked("requirements-dev.lock").keys()
    assert locked("requirements.lock").keys() <= locked("requirements-training.lock").keys() <= dev
    assert locked("requirements.lock").keys() <= locked("requirements-scale.lock").keys() <= dev


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13"])
def test_a_lock_file_covers_every_platform_and_python(platform, python):
    environment = {"sys_platform": platform, "python_version": python, "python_full_version": f"{python}.0"}
    environment |= {"platform_machine": "x86_64", "platform_system": "", "platform_python_implementation": "CPython"}
    environment |= {"implementation_name": "cpython", "os_name": "nt" if platform == "win32" else "posix"}
    chosen = [
        canonicalize_name(requirement.name)
        for requirement, _ in locked("requirements-training.lock").values()
        if requirement.marker is None or requirement.marker.evaluate(environment)
    ]
    assert len(chosen) == len(set(chosen)), "one version of each"
    assert {"numpy", "opencv-python-headless", "eventlet"} <= set(chosen)
    assert len({"tensorflow", "tensorflow-cpu"} & set(chosen)) == 1


def test_the_build_uses_the_versions_that_the_package_names():
    assert f'requires = ["{requirements("requirements-build.txt")[0]}"]' in (ROOT / "pyproject.toml").read_text()
    assert f'"{requirements("requirements-build.txt")[1]}"' in (ROOT / "hatch_build.py").read_text()
