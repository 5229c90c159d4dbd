"""The page that `explore` writes: counts, faces, copies, conflicts and what was left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

import cv2
import numpy as np

from training.datasets import class_balance
from training.evaluation.dataset_findings import LISTED, Copies, Findings, age_summary, race_by_sex
from training.reports import render as page
from training.samples.sample import Sample

FACE, FACES_A_CLASS, GALLERY = 72, 12, 12
PARTS = {"train": "to train on", "valid": "to choose by", "test": "to score on"}
SEED = 1  # chooses the example faces


def page_parts(findings: Findings) -> Iterator[str]:
    """The page from top to bottom."""
    yield _head(findings)
    yield page.section("Classes", _legend(findings), _classes(findings))
    yield page.section("Balance", _balance(findings))
    yield page.section("Faces", *_faces(findings))
    yield page.section("Landmarks", _landmarks(findings.samples))
    yield page.section("Conflicts", _conflicts(findings))
    yield page.section("Duplicates", _duplicates(findings))
    nothing = "Nothing: every row and file could be used."
    yield page.section("Left out", page.left_out(findings.rejected, nothing, LISTED))


def page_of(findings: Findings) -> str:
    """The whole page as HTML that needs no other file."""
    return page.document(f"{findings.about.name}: what is in it", filter(None, page_parts(findings)))


def _head(findings: Findings) -> str:
    named = {"pictures": page.number(len(findings.samples)), "left out": page.number(len(findings.rejected))}
    named |= {"in copies": page.number(sum(len(copies.indexes) for copies in findings.copies))}
    named |= {"conflicts": page.number(len(findings.conflicts))}
    persons = {sample.labels["person"] for sample in findings.samples if "person" in sample.labels}
    named |= {"persons": page.number(len(persons))} if persons else {}
    named |= {PARTS[name]: page.number(count) for name, count in findings.parts.items() if count}
    doubtful = [name for name in ("left out", "conflicts") if named[name] != "0"]
    return (
        f"<h1>{escape(findings.about.name)}</h1>"
        + page.paragraph(f"Terms: {findings.about.terms}.", muted=True)
        + page.paragraph(f"Parts: {findings.about.protocol}.".replace("`", ""), muted=True)
        + page.facts(named, doubtful)
    )


def _legend(findings: Findings) -> str:
    if findings.balance is None:
        return ""
    text = f"after undersampling by {findings.balance.attribute}: {len(findings.balance.kept):,}"
    return page.legend(f"all pictures: {len(findings.samples):,}", text)


def _classes(findings: Findings) -> str:
    samples, kept = findings.samples, findings.balanced
    charts = []
    for name in [*findings.attributes, *(["age"] if findings.has_ages else [])]:
        before = class_balance.count_classes(samples, name)
        after = class_balance.count_classes(kept, name) if findings.balance else None
        charts.append(f"<div><h3>{name.capitalize()}</h3>{page.bars(before, after)}</div>")
    if {"race", "sex"} <= set(findings.attributes):
        charts.append(f"<div><h3>Race by sex</h3>{_crossed(samples)}</div>")
    return (f'<div class="columns">{"".join(charts)}</div>' if charts else "") + _ages(findings)


def _ages(findings: Findings) -> str:
    if not findings.has_ages:
        return ""
    before = age_summary(findings.samples)
    years = {int(year): count for year, count in before["years"].items()}
    after = age_summary(findings.balanced)["years"] if findings.balance else {}
    text = f"{before['youngest']:.0f} to {before['oldest']:.0f}, median {before['median']:.0f}"
    columns = page.histogram(years, {int(year): count for year, count in after.items()})
    return f"<h3>Age in years: {text}</h3>{columns}"


def _crossed(samples: Sequence[Sample]) -> str:
    counts = race_by_sex(samples)
    sexes = list(class_balance.count_classes(samples, "sex"))
    return page.table(
        ["", *sexes, "female share" if "female" in sexes else "total"],
        ([race, *(f"{row.get(sex, 0):,}" for sex in sexes), _share(row)] for race, row in counts.items()),
    )


def _share(row: dict[str, int]) -> str:
    return f"{row.get('female', 0) / max(1, sum(row.values())):.1%}"


def _balance(findings: Findings) -> str:
    if findings.balance is None:
        return ""
    attribute = findings.balance.attribute
    before, after = (class_balance.count_classes(part, attribute) for part in (findings.samples, findings.balanced))
    weights = {name: len(findings.samples) / len(before) / count for name, count in before.items()}
    rows = ([name, f"{count:,}", f"{after[name]:,}", f"{weights[name]:.3f}"] for name, count in before.items())
    text = (
        f"Undersampling keeps as many pictures of every class as the smallest has, {min(before.values()):,}, and drops "
        f"{len(findings.samples) - len(findings.balanced):,}. Drawing every picture with its class's weight evens the "
        "classes out as well and drops none. The table balance.csv has both for every picture."
    )
    return page.paragraph(text) + page.table([attribute, "all", "kept", "weight"], rows)


def _faces(findings: Findings) -> Iterator[str]:
    attributes = [*findings.attributes, *(["age"] if findings.has_ages else [])]
    for name in attributes:
        rows = [f'<span class="head">{name}</span><span class="head">mean</span><span class="head">examples</span>']
        for word in class_balance.count_classes(findings.samples, name):
            faces = [sample for sample in findings.samples if class_balance.class_label(sample, name) == word]
            rows.append(_face_row(word, faces))
        yield f'<h3>{name.capitalize()}</h3><div class="faces">{"".join(rows)}</div>'
    if not attributes:
        yield f'<div class="faces">{_face_row("all", findings.samples)}</div>'


def _face_row(word: str, samples: Sequence[Sample]) -> str:
    strip = np.hstack([_small(sample.image) for sample in _some(samples, FACES_A_CLASS)])
    return (
        f"<span>{escape(word)}</span>{page.picture(_mean(samples), f'mean face of {word}')}"
        f"{page.picture(strip, f'faces of {word}')}"
    )


def _some(samples: Sequence[Sample], count: int) -> list[Sample]:
    chosen = np.random.default_rng(SEED).permutation(len(samples))[:count]
    return [samples[index] for index in chosen]


def _small(image: np.ndarray, side: int = FACE) -> np.ndarray:
    """The middle square at twice the size that is shown, for sharp screens."""
    height, width = image.shape[:2]
    edge = min(height, width)
    top, left = (height - edge) // 2, (width - edge) // 2
    square = image[top : top + edge, left : left + edge]
    shrinks = edge > 2 * side
    return cv2.resize(square, (2 * side, 2 * side), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC)


def _mean(samples: Sequence[Sample]) -> np.ndarray:
    total = np.zeros((FACE, FACE, 3))
    for sample in samples:
        total += cv2.resize(sample.image, (FACE, FACE), interpolation=cv2.INTER_AREA)
    return _small((total / len(samples)).astype(np.uint8))


def _landmarks(samples: Sequence[Sample]) -> str:
    marked = [sample for sample in samples if sample.points is not None]
    if not marked:
        return ""
    whole = sum(sample.has_all_landmarks for sample in marked)
    text = f"{whole:,} of {len(samples):,} pictures have fifteen points"
    text += f", {len(marked) - whole:,} have fewer." if whole < len(marked) else "."
    faces = (page.picture(_marked(sample), "a face with its points") for sample in _some(marked, FACES_A_CLASS))
    return page.paragraph(text) + f'<div class="marked">{"".join(faces)}</div>'


def _marked(sample: Sample, side: int = 320) -> np.ndarray:
    assert sample.points is not None
    height, width = sample.image.shape[:2]
    image = cv2.resize(sample.image, (side, side), interpolation=cv2.INTER_CUBIC)
    for x, y in (sample.points + 0.5) * (side / width, side / height) - 0.5:
        if np.isfinite((x, y)).all():
            # Sixteenths of a pixel.
            cv2.circle(image, (round(x * 16), round(y * 16)), 4 * 16, (255, 107, 61), -1, cv2.LINE_AA, 4)
    return image


def _conflicts(findings: Findings) -> str:
    conflicts = findings.conflicts
    if not conflicts:
        return ""
    kinds = sorted({name for copies in conflicts for name in copies.conflicts})
    text = f"{len(conflicts):,} groups of identical pictures disagree in {', '.join(kinds)}."
    rows = ([_label(findings, copies), _names(findings, copies)] for copies in conflicts[:LISTED])
    return page.paragraph(text) + _gallery(findings, conflicts) + page.folded("All of them", page.table(["", ""], rows))


def _duplicates(findings: Findings) -> str:
    agreeing = [copies for copies in findings.copies if not copies.conflicts]
    if not agreeing:
        return ""
    across = sum(len({findings.samples[i].split for i in copies.indexes}) > 1 for copies in agreeing)
    text = f"{len(agreeing):,} groups of identical pictures have the same labels"
    text += f"; {across:,} of them lie in more than one part of the set." if across else "."
    rows = ([_label(findings, copies), _names(findings, copies)] for copies in agreeing[:LISTED])
    return page.paragraph(text) + _gallery(findings, agreeing) + page.folded("All of them", page.table(["", ""], rows))


def _gallery(findings: Findings, groups: Sequence[Copies]) -> str:
    figures = []
    for copies in groups[:GALLERY]:
        image = page.picture(_small(findings.samples[copies.indexes[0]].image), "a face that occurs more than once")
        figures.append(f"<figure>{image}<figcaption>{escape(_label(findings, copies))}</figcaption></figure>")
    return f'<div class="gallery">{"".join(figures)}</div>'


def _label(findings: Findings, copies: Copies) -> str:
    """What the copies disagree in, else how many they are and what they show."""
    group = [findings.samples[index] for index in copies.indexes]
    if not copies.conflicts:
        words = ", ".join(_word(value) for value in group[0].labels.values())
        return f"{len(group)} times {words}".strip()
    return "; ".join(
        f"{name} {' or '.join(dict.fromkeys(_word(sample.labels.get(name, 'none')) for sample in group))}"
        for name in copies.conflicts
    )


def _word(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:.0f}"


def _names(findings: Findings, copies: Copies) -> str:
    return " = ".join(findings.samples[index].name for index in copies.indexes)
