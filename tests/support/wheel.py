"""What the wheel must hold, listed independently of how it is built."""

from pathlib import Path

from app.paths import PROJECT

MODEL_FILES = ("card.json", "model.tflite")


def files_in(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts}


def wheel_sources() -> list[str]:
    """Files of the repository that the wheel must hold, relative to its root; Python and assets lie in `app/`."""
    folders = ("app", "templates", "static/css", "static/img", "static/js")
    models = [card.with_name(file) for card in PROJECT.glob("models/*/card.json") for file in MODEL_FILES]
    paths = [*(path for folder in folders for path in files_in(PROJECT / folder)), *models]
    return sorted(path.relative_to(PROJECT).as_posix() for path in paths)
