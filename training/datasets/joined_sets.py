"""Several data sets as one, each split by its own rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from training.datasets.dataset_spec import DatasetSpec, DatasetSplits
from training.samples.sample import Dataset

Part = tuple[DatasetSpec, str]  # a set, and the sub-folder that it lies in


def join_sets(first: Part, *others: Part) -> DatasetSpec:
    """The sets that lie in the sub-folders of a folder; of a path without such sub-folders, the first set alone.

    The name of its set stands before the name of each sample.
    """
    parts = (first, *others)
    specs = [spec for spec, _ in parts]
    protocols = list(dict.fromkeys(spec.protocol for spec in specs))
    named = "; ".join(f"{spec.name}: {spec.protocol}" for spec in specs)
    inside = " and ".join(f"{folder}/ ({spec.about})" for spec, folder in parts)
    return DatasetSpec(
        name=" and ".join(spec.name for spec in specs),
        about=f"a folder that holds {inside}, or the first alone",
        terms=f"({'; '.join(f'{spec.name} {spec.terms}' for spec in specs)})",
        protocol=protocols[0] if len(protocols) == 1 else named,
        inputs=lambda path: [file for spec, folder in _available(parts, path) for file in spec.inputs(folder)],
        read=lambda path, keep_blank: _read(parts, path, keep_blank),
        split=lambda dataset: _split(specs, dataset),
    )


def prefix(spec: DatasetSpec) -> str:
    """What the names of a set's samples begin with in a joined one."""
    return f"{spec.name}/"


def _available(parts: Sequence[Part], path: Path) -> list[tuple[DatasetSpec, Path]]:
    found = [(spec, path / folder) for spec, folder in parts if (path / folder).is_dir()]
    return found or [(parts[0][0], path)]


def _read(parts: Sequence[Part], path: Path, keep_blank: bool) -> Dataset:
    datasets = [(spec, spec.read(folder, keep_blank)) for spec, folder in _available(parts, path)]
    samples = [
        replace(sample, name=prefix(spec) + sample.name) for spec, dataset in datasets for sample in dataset.samples
    ]
    return Dataset(samples, [one for _, dataset in datasets for one in dataset.rejected])


def _split(specs: Sequence[DatasetSpec], dataset: Dataset) -> DatasetSplits:
    own = [[sample for sample in dataset.samples if sample.name.startswith(prefix(spec))] for spec in specs]
    splits = [spec.split(Dataset(samples)) for spec, samples in zip(specs, own, strict=True) if samples]
    train, valid, test, rejected = (
        [one for split in splits for one in getattr(split, field)] for field in ("train", "valid", "test", "rejected")
    )
    return DatasetSplits(train, valid, test, [*dataset.rejected, *rejected])
