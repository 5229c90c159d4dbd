"""Look at a set before training on it: a page with pictures, and the same as figures."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path

from training.datasets import class_balance
from training.datasets.detect_format import detect_format
from training.evaluation.dataset_findings import Balance, Findings, figures, found
from training.reports.explore import page_of
from training.samples.sample import Sample

PAGE, FIGURES, BALANCE = "index.html", "explore.json", "balance.csv"


def explore(path: Path, out: Path, attribute: str | None = None, seed: int = 1) -> Findings:
    """Write the page, its figures as JSON and, when balancing, a table of what is kept and drawn how often.

    Args:
        path: A set in any of its public forms.
        out: Folder for what is written.
        attribute: What to balance by, one of `class_balance.ATTRIBUTES`.
    Raises:
        UnreadableMedia: there is no set at `path`, or no picture of it can be used.
        SettingsError: the set lacks the attribute.
    """
    about = detect_format(path)
    findings = found(about, about.read(path, False), attribute, seed)
    out.mkdir(parents=True, exist_ok=True)
    (out / FIGURES).write_text(json.dumps(figures(findings), indent=2) + "\n", encoding="utf-8")
    (out / PAGE).write_text(page_of(findings), encoding="utf-8")
    if findings.balance is not None:
        _write_balance(findings.samples, findings.balance, out / BALANCE)
    return findings


def _write_balance(samples: Sequence[Sample], balanced: Balance, file: Path) -> None:
    kept = set(balanced.kept)
    with file.open("w", newline="", encoding="utf-8") as table:
        writer = csv.writer(table)
        writer.writerow(["name", balanced.attribute, "kept", "weight"])
        for index, (sample, weight) in enumerate(zip(samples, balanced.weights, strict=True)):
            row = (
                sample.name,
                class_balance.class_label(sample, balanced.attribute),
                int(index in kept),
                f"{weight:.6g}",
            )
            writer.writerow(row)
