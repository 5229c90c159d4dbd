"""Fixtures shared by tests of several packages."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[1]
MODELS = ROOT / "tests" / "models"
YUNET = ROOT.parent / "shared" / "models" / "face_detection_yunet_2026may.onnx"


@pytest.fixture(scope="session")
def models_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of tests/models; tests/support/tiny_models wrote them and describes their predictions."""
    return Path(shutil.copytree(MODELS, tmp_path_factory.mktemp("models"), dirs_exist_ok=True))


@pytest.fixture(scope="session")
def detector_models(models_dir: Path) -> Path:
    """A models folder with only a tiny detector; tests/support/tiny_models describes its detections."""
    return models_dir / "own"


@pytest.fixture(scope="session")
def mask_models(models_dir: Path) -> Path:
    """A models folder with only a tiny mask model; tests/support/tiny_models describes its predictions."""
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
    """A models folder with only a tiny landmark network; tests/support/tiny_models describes its output."""
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
