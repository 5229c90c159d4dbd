"""The report of `explore`: what is in a set, its balance, faces, landmarks, duplicates and rejected files."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from training.datasets import class_balance
from training.evaluation.dataset_findings import LISTED, Balance, Copies, Findings, age_summary, figures, race_by_sex
from training.reports import plots
from training.reports.images import (
    PIXEL_RATIO,
    PREDICTED_COLOR,
    GalleryImage,
    data_uri,
    draw_dots,
    square_thumbnail,
)
from training.reports.render import rejected_context, write_report
from training.samples.sample import Sample

FIGURES, BALANCE = "explore.json", "balance.csv"
FACE_PX, MARKED_FACE_PX = 72, 160  # size on the page
EXAMPLES_PER_CLASS, GALLERY_IMAGES = 12, 12
EXAMPLE_SEED = 1
SPLIT_NAMES = {"train": "training", "valid": "validation", "test": "test"}


def write_explore_report(findings: Findings, out: Path) -> Path:
    """Write the report, its figures and, when balancing, a table of what is kept and the weight of every image."""
    page = write_report("explore", explore_context(findings), figures(findings), out, FIGURES)
    if findings.balance is not None:
        _write_balance(findings.samples, findings.balance, out / BALANCE)
    return page


def explore_context(findings: Findings) -> dict[str, Any]:
    """What the template shows."""
    facts = _facts(findings)
    return {
        "title": f"{findings.about.name}: contents",
        "heading": findings.about.name,
        "about": findings.about,
        "facts": facts,
        "highlighted": [name for name in ("rejected", "conflicts") if facts[name] != "0"],
        "balance": _balance(findings),
        "classes": list(_classes(findings)),
        "race_by_sex": _race_by_sex(findings),
        "ages": _ages(findings),
        "examples": list(_examples(findings)),
        "landmarks": _landmarks(findings.samples),
        "conflicts": _conflicts(findings),
        "duplicates": _duplicates(findings),
        "rejected": rejected_context(findings.rejected, "None: every row and file could be used.", LISTED),
    }


def _write_balance(samples: Sequence[Sample], balance: Balance, file: Path) -> None:
    kept = set(balance.kept)
    with file.open("w", newline="", encoding="utf-8") as table:
        writer = csv.writer(table)
        writer.writerow(["name", balance.attribute, "kept", "weight"])
        for index, (sample, weight) in enumerate(zip(samples, balance.weights, strict=True)):
            label = class_balance.class_label(sample, balance.attribute)
            writer.writerow((sample.name, label, int(index in kept), f"{weight:.6g}"))


def _facts(findings: Findings) -> dict[str, str]:
    persons = {sample.labels["person"] for sample in findings.samples if "person" in sample.labels}
    named = {
        "images": len(findings.samples),
        "rejected": len(findings.rejected),
        "duplicates": sum(len(copies.indexes) for copies in findings.copies),
        "conflicts": len(findings.conflicts),
        **({"persons": len(persons)} if persons else {}),
        **{SPLIT_NAMES[name]: count for name, count in findings.parts.items() if count},
    }
    return {name: f"{count:,}" for name, count in named.items()}


def _counted(findings: Findings) -> list[str]:
    """The attributes that are counted by class."""
    return [*findings.attributes, *(["age"] if findings.has_ages else [])]


def _classes(findings: Findings) -> Iterator[dict[str, Any]]:
    """For each attribute, the images of each class, and those that balancing keeps."""
    for name in _counted(findings):
        kept = class_balance.count_classes(findings.balanced, name) if findings.balance else None
        yield {"name": name, "counts": class_balance.count_classes(findings.samples, name), "kept": kept}


def _race_by_sex(findings: Findings) -> dict[str, Any] | None:
    if not {"race", "sex"} <= set(findings.attributes):
        return None
    sexes = list(class_balance.count_classes(findings.samples, "sex"))
    rows = (
        [race, *(f"{row.get(sex, 0):,}" for sex in sexes), f"{_share(row, 'female'):.1%}"]
        for race, row in race_by_sex(findings.samples).items()
    )
    return {"head": ["", *sexes, "female share"], "rows": list(rows)}


def _share(counts: Mapping[str, int], name: str) -> float:
    return counts.get(name, 0) / max(1, sum(counts.values()))


def _ages(findings: Findings) -> dict[str, Any] | None:
    if not findings.has_ages:
        return None
    found = age_summary(findings.samples)
    kept = age_summary(findings.balanced)["years"] if findings.balance else {}
    plot = plots.age_histogram(_by_year(found["years"]), _by_year(kept))
    return {**{name: f"{found[name]:.0f}" for name in ("youngest", "oldest", "median")}, "plot": plot}


def _by_year(counts: Mapping[str, int]) -> dict[int, int]:
    return {int(year): count for year, count in counts.items()}


def _balance(findings: Findings) -> dict[str, Any] | None:
    if findings.balance is None:
        return None
    attribute = findings.balance.attribute
    counts, kept = (class_balance.count_classes(part, attribute) for part in (findings.samples, findings.balanced))
    weights = {name: len(findings.samples) / len(counts) / count for name, count in counts.items()}
    return {
        "attribute": attribute,
        "smallest": min(counts.values()),
        "kept": len(findings.balanced),
        "dropped": len(findings.samples) - len(findings.balanced),
        "rows": [[name, f"{count:,}", f"{kept[name]:,}", f"{weights[name]:.3f}"] for name, count in counts.items()],
    }


def _examples(findings: Findings) -> Iterator[dict[str, Any]]:
    """For each attribute, the mean face and some faces of each class; without attributes, of the whole set."""
    for name in _counted(findings):
        words = class_balance.count_classes(findings.samples, name)
        faces = {word: [s for s in findings.samples if class_balance.class_label(s, name) == word] for word in words}
        yield {"name": name, "rows": [_example_row(word, samples) for word, samples in faces.items()]}
    if not _counted(findings):
        yield {"name": "", "rows": [_example_row("all", findings.samples)]}


def _example_row(word: str, samples: Sequence[Sample]) -> dict[str, Any]:
    strip = np.hstack([square_thumbnail(sample.image, FACE_PX) for sample in _chosen(samples, EXAMPLES_PER_CLASS)])
    return {
        "word": word,
        "mean": GalleryImage(data_uri(_mean_face(samples)), f"mean face of {word}"),
        "faces": GalleryImage(data_uri(strip), f"faces of {word}"),
    }


def _chosen(samples: Sequence[Sample], count: int) -> list[Sample]:
    """Choose some samples at random, always the same."""
    chosen = np.random.default_rng(EXAMPLE_SEED).permutation(len(samples))[:count]
    return [samples[index] for index in chosen]


def _mean_face(samples: Sequence[Sample]) -> np.ndarray:
    total = np.zeros((FACE_PX, FACE_PX, 3))
    for sample in samples:
        total += cv2.resize(sample.image, (FACE_PX, FACE_PX), interpolation=cv2.INTER_AREA)
    return square_thumbnail((total / len(samples)).astype(np.uint8), FACE_PX)


def _landmarks(samples: Sequence[Sample]) -> dict[str, Any] | None:
    marked = [sample for sample in samples if sample.points is not None]
    if not marked:
        return None
    complete = sum(sample.has_all_landmarks for sample in marked)
    faces = (_with_points(sample) for sample in _chosen(marked, EXAMPLES_PER_CLASS))
    return {
        "images": len(samples),
        "complete": complete,
        "incomplete": len(marked) - complete,
        "gallery": [GalleryImage(data_uri(image), "a face with its landmarks") for image in faces],
    }


def _with_points(sample: Sample) -> np.ndarray:
    """The image with its landmarks, RGB uint8 (side, side, 3)."""
    assert sample.points is not None
    side = PIXEL_RATIO * MARKED_FACE_PX
    height, width = sample.image.shape[:2]
    image = cv2.resize(sample.image, (side, side), interpolation=cv2.INTER_CUBIC)
    # The middle of the first pixel is at 0.
    draw_dots(image, (sample.points + 0.5) * (side / width, side / height) - 0.5, PREDICTED_COLOR)
    return image


def _conflicts(findings: Findings) -> dict[str, Any] | None:
    if not findings.conflicts:
        return None
    attributes = sorted({name for copies in findings.conflicts for name in copies.conflicts})
    return {"attributes": attributes, **_duplicate_groups(findings, findings.conflicts)}


def _duplicates(findings: Findings) -> dict[str, Any] | None:
    agreeing = [copies for copies in findings.copies if not copies.conflicts]
    if not agreeing:
        return None
    across = sum(len({findings.samples[i].split for i in copies.indexes}) > 1 for copies in agreeing)
    return {"across_splits": across, **_duplicate_groups(findings, agreeing)}


def _duplicate_groups(findings: Findings, groups: Sequence[Copies]) -> dict[str, Any]:
    captions = [_caption([findings.samples[index] for index in copies.indexes], copies) for copies in groups[:LISTED]]
    names = (" = ".join(findings.samples[index].name for index in copies.indexes) for copies in groups[:LISTED])
    first = (findings.samples[copies.indexes[0]] for copies in groups[:GALLERY_IMAGES])
    gallery = [
        GalleryImage(data_uri(square_thumbnail(sample.image, FACE_PX)), "a face that occurs more than once", caption)
        for sample, caption in zip(first, captions, strict=False)
    ]
    return {"count": len(groups), "gallery": gallery, "rows": list(zip(captions, names, strict=True))}


def _caption(group: Sequence[Sample], copies: Copies) -> str:
    """The labels that differ; if none do, how many copies there are and their labels."""
    if not copies.conflicts:
        words = ", ".join(_word(value) for value in group[0].labels.values())
        return f"{len(group)} times {words}".strip()
    return "; ".join(
        f"{name} {' or '.join(dict.fromkeys(_word(sample.labels.get(name, 'none')) for sample in group))}"
        for name in copies.conflicts
    )


def _word(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:.0f}"
