"""models/SHA256SUMS lists every model file, with the hash that its card names."""

import hashlib
import json
from pathlib import Path

MODELS = Path(__file__).resolve().parents[3] / "models"
REMEDY = "after an export: (cd models && sha256sum */*.keras */*.tflite > SHA256SUMS)"


def listed() -> dict[str, str]:
    """Hash by path, as `sha256sum` writes it."""
    lines = (MODELS / "SHA256SUMS").read_text().splitlines()
    return {path: digest for digest, path in (line.split("  ") for line in lines)}


def test_every_model_file_is_listed_with_its_hash():
    files = [*MODELS.glob("*/*.keras"), *MODELS.glob("*/*.tflite")]
    found = {path.relative_to(MODELS).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
    assert len(found) >= 10
    assert listed() == found, REMEDY


def test_the_cards_name_the_same_hashes():
    cards = {card.parent.name: json.loads(card.read_text())["files"] for card in MODELS.glob("*/card.json")}
    named = {f"{name}/{file}": digest for name, files in cards.items() for file, digest in files.items()}
    assert named == listed(), REMEDY
