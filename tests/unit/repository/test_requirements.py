"""The requirements files: exact pins with reasons, and an app that needs little."""

import re
from importlib.metadata import Distribution, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[3]
FILES = ("requirements.txt", "requirements-training.txt", "requirements-batch.txt", "requirements-dev.txt")
ONLY_FOR_TRAINING = {"tensorflow", "tensorflow-cpu", "keras", "matplotlib", "scipy", "scikit-image", "jax"}
LARGEST_MB = 500  # as `du -sm` counts
PIP_MB = 30  # pip, and files rounded up to whole blocks


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
    return sum(path.stat().st_size for path in paths if path.is_file()) / 2**20


@pytest.mark.parametrize("file", FILES)
def test_every_version_is_exact_and_has_a_reason(file):
    lines = [line for line in (ROOT / file).read_text().splitlines() if line and not line.startswith("#")]
    assert [line for line in lines if not re.fullmatch(r"[\w-]+==[\d.]+(; [^#]+)? +# \S.*", line)] == []


def test_the_environment_of_the_app_is_small_and_without_what_only_training_needs():
    packages = installed(requirements("requirements.txt"))
    assert packages.keys() & ONLY_FOR_TRAINING == set()
    assert sum(map(size_mb, packages.values())) + PIP_MB < LARGEST_MB
