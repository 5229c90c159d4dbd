"""Read faces with and without a mask: a folder or tar of pictures, and a table `file,label`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from app.vision.capture.image_archive import pictures
from training.datasets.readers.tables import Row, rows, word
from training.samples.sample import Dataset, Rejection, Sample, decode_face_image

LABELS_FILE = "masks.csv"
COLUMNS = ("file", "label")
# Where a table has them: where a picture comes from, whether its mask is drawn, and what it shares a person or an
# origin with.
FURTHER = ("source", "synthetic", "group")
# With mouth or nose free it is worn wrongly.
MASKS = ("none", "mask", "wrong")
DRAWN = "1"  # in the column `synthetic`

Labels = Mapping[str, str]


def read(path: Path, labels: Path, keep_blank: bool = False) -> Dataset:
    """Every picture with a label; whatever lacks its counterpart is listed as rejected.

    Args:
        path: Folder or tar of the pictures.
        labels: Table `file,label`, the file with or without its folders; `source`, `synthetic` and `group` are kept.
        keep_blank: Take pictures of a single tone too (scoring drops none).
    Raises:
        UnreadableMedia: a file is missing or damaged.
    """
    return Dataset.collect(_joined(path, _labels(labels), keep_blank))


def _labels(path: Path) -> dict[str, Labels | str]:
    """By file, its labels, or why it has none."""
    found: dict[str, Labels | str] = {}
    for index, row in enumerate(rows(path, COLUMNS)):
        file, labels = word(row, "file").removeprefix("./") or f"row {index}", _label(row)
        found[file] = labels if found.get(file, labels) == labels else "labelled twice, differently"
    return found


def _label(row: Row) -> Labels | str:
    label = word(row, "label").lower()
    if not label:
        return "missing label"
    if label not in MASKS:
        return f"unknown label {label[:20]!r}"
    further = {name: word(row, name) for name in FURTHER if name in row}
    missing = [name for name, text in further.items() if not text]
    if missing:
        return f"missing {missing[0]}"
    if further.get("synthetic", DRAWN) not in ("0", DRAWN):
        return f"unknown synthetic {further['synthetic'][:20]!r}"
    return {"mask": label, **further}


def _joined(path: Path, labels: Mapping[str, Labels | str], keep_blank: bool) -> Iterator[Sample | Rejection]:
    seen = set()
    for name, data in pictures(path):
        file = name if name in labels else PurePosixPath(name).name
        seen.add(file)
        label = labels.get(file, "missing label")
        image = decode_face_image(data, keep_blank)
        if isinstance(label, str) or isinstance(image, str):
            yield Rejection(name, label if isinstance(label, str) else str(image))
        else:
            yield Sample(name, image, label)
    yield from (Rejection(file, "labelled, but there is no such picture") for file in labels if file not in seen)
