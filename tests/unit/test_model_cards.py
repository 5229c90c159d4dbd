"""Model cards are listed whatever they contain."""

import json

import pytest

from app.errors import ModelError
from app.model_cards import CARD_FILE, list_cards, load_card


def write_model(models, name, card, **files):
    """Write a model's folder; `card` is the text of its card, or a value to write as JSON."""
    folder = models / name
    folder.mkdir(parents=True)
    (folder / CARD_FILE).write_text(card if isinstance(card, str) else json.dumps(card))
    for file, content in files.items():
        (folder / f"model.{file}").write_bytes(content)
    return folder


def test_a_card_comes_with_its_folder_and_the_sizes_of_its_files(tmp_path):
    card = {
        "title": "Emotion",
        "files": {"model.tflite": "0a1b", "model.keras": "2c3d"},
        "figures": {"x test": {"n": 3}},
    }
    write_model(tmp_path, "emotion", card, tflite=b"12345", other=b"1")
    assert list_cards(tmp_path) == [{**card, "folder": "emotion", "sizes": {"model.tflite": 5}}]


def test_cards_are_sorted_and_folders_without_one_skipped(tmp_path):
    for name in ("mask", "detector", "emotion"):
        write_model(tmp_path, name, {})
    (tmp_path / "curves").mkdir()
    assert [card["folder"] for card in list_cards(tmp_path)] == ["detector", "emotion", "mask"]
    assert list_cards(tmp_path / "nowhere") == []


@pytest.mark.parametrize("text", ["{", "[]", "3", "\x00"])
def test_a_damaged_card_is_a_one_line_error_beside_the_others(tmp_path, text):
    write_model(tmp_path, "broken", text)
    write_model(tmp_path, "sound", {"title": "Sound"})
    broken, sound = list_cards(tmp_path)
    assert sorted(broken) == ["error", "folder"]
    assert "export the model again" in broken["error"]
    assert "\n" not in broken["error"]
    assert sound["title"] == "Sound"


@pytest.mark.parametrize("files", [None, 3, [], {"../secret": "0a"}, {"model.tflite": None}])
def test_malformed_file_lists_are_ignored(tmp_path, files):
    (tmp_path / "secret").write_bytes(b"1")
    write_model(tmp_path / "models", "odd", {"files": files})
    assert list_cards(tmp_path / "models")[0]["sizes"] == {}


def test_a_missing_card_is_one_line(tmp_path):
    with pytest.raises(ModelError, match="card.json does not exist; export the model again"):
        load_card(tmp_path)
