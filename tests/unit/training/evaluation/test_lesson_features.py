"""The table of the lesson on training: landmark distances of faces of a set, and nothing of their pictures."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from app.errors import SettingsError
from app.learn.base.landmark_features import FEATURES
from training.evaluation import lesson_features

MODELS = Path(__file__).resolve().parents[4] / "models"


@pytest.fixture
def data(tmp_path: Path, astronaut: np.ndarray, grace_hopper: np.ndarray) -> Path:
    """Two happy and two sad portraits, cut close as in FER2013."""
    crops = {"happy": astronaut[50:190, 155:295], "sad": grace_hopper[90:360, 130:400]}
    for label, crop in crops.items():
        folder = tmp_path / "set" / "train" / label
        folder.mkdir(parents=True)
        for number, picture in enumerate((crop, crop[:, ::-1])):
            Image.fromarray(picture).convert("L").resize((48, 48)).save(folder / f"secret_{number}.png")
    return tmp_path / "set"


def test_each_part_gets_its_faces(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(lesson_features, "FACES", {"train": 1, "valid": 1})
    out = tmp_path / "out.csv"
    assert lesson_features.write_lesson_features(data, MODELS, out) == 4
    with out.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert sorted((row["part"], row["label"]) for row in rows) == [
        ("train", "happy"), ("train", "sad"), ("valid", "happy"), ("valid", "sad"),
    ]  # fmt: skip
    assert all(-2 < float(row[name]) < 3 for row in rows for name in FEATURES)
    assert "secret" not in out.read_text()


def test_too_few_faces_are_refused(data: Path, tmp_path: Path):
    with pytest.raises(SettingsError, match="has 2 sad faces with landmarks; give a set with 500"):
        lesson_features.write_lesson_features(data, MODELS, tmp_path / "out.csv")
