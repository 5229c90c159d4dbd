"""README.md and loop.py beside a network for use elsewhere: its input and output, and a program that runs it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from app.vision.detection.haar import BOX_HEIGHT_FACTOR, BOX_WIDTH_FACTOR
from app.vision.inference.face_crop import PatchSpec
from training.samples.landmark_points import LANDMARK_NAMES
from training.tasks.base import Answer

README, LOOP = "README.md", "loop.py"


def write_guide(folder: Path, title: str, file_format: str, patch: PatchSpec, answer: Answer) -> None:
    """Write both files into a folder."""
    mean_side = (BOX_WIDTH_FACTOR + BOX_HEIGHT_FACTOR) / 2  # of a face's box, in sides of Haar's square
    context = {
        "title": title,
        "file_format": file_format,
        "patch": patch,
        "answer": answer,
        "points": LANDMARK_NAMES,
        "scale": round(patch.margin * mean_side, 3),
        "down": round(patch.offset_y * mean_side, 3),
    }
    for name in (README, LOOP):
        text = _environment().get_template(f"{name}.j2").render(context)
        (folder / name).write_text(text.rstrip() + "\n", encoding="utf-8")


@cache
def _environment() -> Environment:
    return Environment(  # nosec B701
        loader=FileSystemLoader(Path(__file__).with_name("templates")),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # noqa: S701 - the files are text, not HTML
    )
