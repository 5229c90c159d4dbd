"""Fixtures shared by tests of several packages."""

from __future__ import annotations

import fcntl
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[1]
MAKE_MODELS = ROOT / "tests" / "support" / "make_models.py"
YUNET = ROOT.parent / "shared" / "models" / "face_detection_yunet_2026may.onnx"


@pytest.fixture(scope="session")
def models_dir(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Tiny models of emotion and demographics; tests/support/make_models.py describes their predictions."""
    cache = pytestconfig.cache.mkdir("models")
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # workers wait for the first
        made = cache / _sources_hash()
        if not made.is_dir():
            _make_models(made)
    return Path(shutil.copytree(made, tmp_path_factory.mktemp("models"), dirs_exist_ok=True))


def _sources_hash() -> str:
    """Changes with any file that could change what the models are."""
    python = [*ROOT.glob("app/**/*.py"), *ROOT.glob("training/**/*.py"), MAKE_MODELS]
    sources = [*python, *ROOT.glob("requirements*.txt"), ROOT / "docs" / "attributes.md"]
    return sha256(b"".join(path.read_bytes() for path in sorted(sources))).hexdigest()[:16]


def _make_models(folder: Path) -> None:
    """Make the models, then put them in place at once, instead of those of older sources."""
    for older in folder.parent.glob("*/"):
        shutil.rmtree(older)
    part = folder.with_name("part")
    part.mkdir()
    # A process of its own, so that TensorFlow does not stay in the memory of all later tests.
    done = subprocess.run([sys.executable, str(MAKE_MODELS), str(part)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    part.rename(folder)


@pytest.fixture(scope="session")
def detector_models(models_dir: Path) -> Path:
    """A models folder with only a tiny detector; tests/support/make_models.py describes its detections."""
    return models_dir / "own"


@pytest.fixture(scope="session")
def mask_models(models_dir: Path) -> Path:
    """A models folder with only a tiny mask model; tests/support/make_models.py describes its predictions."""
    return models_dir / "masks"


@pytest.fixture(scope="session")
def served_models_and_glasses(models_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The served models and, beside them, a tiny model of an attribute that only its card describes."""
    folder = tmp_path_factory.mktemp("served_models_and_glasses")
    for model in (*(ROOT / "models").glob("*/"), models_dir / "further" / "glasses"):
        (folder / model.name).symlink_to(model)
    return folder


@pytest.fixture(scope="session")
def all_models(models_dir: Path, mask_models: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A models folder that covers every attribute."""
    folder = tmp_path_factory.mktemp("all_models")
    for model in (models_dir / "emotion", models_dir / "demographics", mask_models / "mask"):
        shutil.copytree(model, folder / model.name)
    return folder


@pytest.fixture(scope="session")
def landmark_models(models_dir: Path) -> Path:
    """A models folder with only a tiny landmark network; tests/support/make_models.py describes its output."""
    return models_dir / "marks"


@pytest.fixture(scope="session")
def yunet_file() -> Path:
    """A YuNet file beside the repository. Tests that need it are skipped without one."""
    if not YUNET.is_file():
        pytest.skip(f"no YuNet file at {YUNET}")
    return YUNET


@pytest.fixture(scope="session")
def real_detector() -> Any:
    """A `FaceDetector` that detects moving people. Tests that need it are skipped without one."""
    from app.settings import Settings
    from app.vision.detection.face_detector import build_detector

    if (ROOT / "models" / "detector").is_dir():
        return build_detector(Settings(models=str(ROOT / "models")))
    if not YUNET.is_file():
        pytest.skip(f"neither models/detector nor a YuNet file at {YUNET}")
    return build_detector(Settings(detector=str(YUNET)))


@pytest.fixture(scope="session")
def astronaut() -> np.ndarray:
    """A public-domain portrait, RGB uint8 (512, 512, 3); YuNet's box of the face is (178, 63, 268, 176)."""
    return _read_portrait("eileen_collins.png")


@pytest.fixture(scope="session")
def grace_hopper() -> np.ndarray:
    """A public-domain portrait, RGB uint8 (600, 512, 3); YuNet's box of the face is (183, 120, 353, 333)."""
    return _read_portrait("grace_hopper.jpg")


def _read_portrait(file: str) -> np.ndarray:
    from PIL import Image

    with Image.open(ROOT / "app" / "assets" / "portraits" / file) as image:
        return np.array(image.convert("RGB"))
