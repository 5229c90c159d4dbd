"""The report of `explore`: what is in a set, its balance, faces, landmarks, duplicates and rejected files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from training.datasets.balance_table import write_balance
from training.datasets.class_balance import class_label, count_classes
from training.evaluation.dataset_findings import LISTED, Copies, Findings, age_summary, figures
from training.reports import plots
from training.reports.images import PIXEL_RATIO, PREDICTED_COLOR, GalleryImage, draw_dots, square_thumbnail
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
        names, balance = [sample.name for sample in findings.samples], findings.balance
        write_balance(out / BALANCE, names, balance.classes, balance.kept, balance.weights)
    return page


def explore_context(findings: Findings) -> dict[str, Any]:
    """What the template shows."""
    samples, known = findings.samples, figures(findings)
    attributes = findings.counted_attributes
    return {
        "title": f"{findings.about.name}: contents",
        "heading": findings.about.name,
        "about": findings.about,
        "facts": _facts(findings, known),
        "balance": _balance(known["balance"]) if known["balance"] else None,
        "classes": [(name, *_counts(findings, name)) for name in attributes],
        "by_part": {name: _part_table(counts) for name, counts in known["counts_by_part"].items()},
        "race_by_sex": known["race_by_sex"] or {},
        "sexes": list(count_classes(samples, "sex")) if "sex" in attributes else [],
        "ages": _ages(findings, known["age"]) if known["age"] else None,
        "examples": list(_examples(samples, attributes)),
        "landmarks": _landmarks(samples),
        "conflicts": _duplicate_groups(samples, findings.conflicts),
        "conflicting": sorted({name for copies in findings.conflicts for name in copies.conflicts}),
        "duplicates": _duplicate_groups(samples, [copies for copies in findings.copies if not copies.conflicts]),
        "rejected": rejected_context(findings.rejected, "None: every row and file could be used.", LISTED),
    }


def _facts(findings: Findings, known: Mapping[str, Any]) -> dict[str, int]:
    return {
        "images": known["pictures"],
        "rejected": known["rejected"]["count"],
        "duplicates": known["duplicates"]["pictures"],
        "conflicts": len(findings.conflicts),
        **({"persons": known["persons"]} if known["persons"] else {}),
        **{SPLIT_NAMES[name]: len(part) for name, part in findings.parts.items() if part},
    }


def _counts(findings: Findings, attribute: str) -> tuple[dict[str, int], dict[str, int] | None]:
    """The images of each class, and those of them that balancing keeps."""
    kept = count_classes(findings.balanced, attribute) if findings.balance else None
    return count_classes(findings.samples, attribute), kept


def _part_table(counts: Mapping[str, Mapping[str, int]]) -> dict[str, Any]:
    """Head and rows of the table of classes and parts."""
    parts = list(next(iter(counts.values())))
    rows = [(word, *(own[part] for part in parts)) for word, own in counts.items()]
    return {"head": ["", *(SPLIT_NAMES[part] for part in parts)], "rows": rows}


def _balance(balance: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "attribute": balance["attribute"],
        "total": balance["kept"],
        "counts": balance["before"],
        "kept": balance["after"],
    }


def _ages(findings: Findings, ages: Mapping[str, Any]) -> dict[str, Any]:
    kept = age_summary(findings.balanced)["years"] if findings.balance else {}
    counts = ({int(year): count for year, count in years.items()} for years in (ages["years"], kept))
    return {**ages, "plot": plots.age_histogram(*counts)}


def _examples(samples: Sequence[Sample], attributes: Sequence[str]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """For each attribute, the mean face and some faces of each class; without attributes, of the whole set."""
    for name in attributes:
        words = count_classes(samples, name)
        faces = {word: [sample for sample in samples if class_label(sample, name) == word] for word in words}
        yield name, [_example_row(word, found) for word, found in faces.items()]
    if not attributes:
        yield "", [_example_row("all", samples)]


def _example_row(word: str, samples: Sequence[Sample]) -> dict[str, Any]:
    chosen = _chosen(samples, EXAMPLES_PER_CLASS)
    strip = np.hstack([square_thumbnail(sample.image, FACE_PX) for sample in chosen])
    images = GalleryImage(_mean_face(samples), f"mean face of {word}"), GalleryImage(strip, f"faces of {word}")
    return {"word": word, "images": images}


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
    chosen = _chosen(marked, EXAMPLES_PER_CLASS)
    gallery = [GalleryImage(_with_points(sample), "a face with its landmarks") for sample in chosen]
    return {"complete": complete, "incomplete": len(marked) - complete, "gallery": gallery}


def _with_points(sample: Sample) -> np.ndarray:
    """The image with its landmarks, RGB uint8 (side, side, 3)."""
    assert sample.points is not None
    side = PIXEL_RATIO * MARKED_FACE_PX
    height, width = sample.image.shape[:2]
    image = cv2.resize(sample.image, (side, side), interpolation=cv2.INTER_CUBIC)
    # The middle of the first pixel is at 0.
    draw_dots(image, (sample.points + 0.5) * (side / width, side / height) - 0.5, PREDICTED_COLOR)
    return image


def _duplicate_groups(samples: Sequence[Sample], groups: Sequence[Copies]) -> dict[str, Any]:
    """Groups of identical images: how many, how many of them in several splits, some as images, and their names."""
    members = [[samples[index] for index in copies.indexes] for copies in groups]
    listed = list(zip(members[:LISTED], groups, strict=False))
    gallery = listed[:GALLERY_IMAGES]
    return {
        "count": len(groups),
        "across_splits": sum(len({sample.split for sample in group}) > 1 for group in members),
        "gallery": [
            GalleryImage(
                square_thumbnail(group[0].image, FACE_PX), "a face that occurs more than once", _caption(group, copies)
            )
            for group, copies in gallery
        ],
        "rows": [(_caption(group, copies), " = ".join(one.name for one in group)) for group, copies in listed],
    }


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
