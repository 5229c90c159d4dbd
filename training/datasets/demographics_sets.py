"""Ages, sexes and, as far as they are known, races: UTKFace, with All-Age-Faces where it lies beside it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from training.datasets.catalog import AAF
from training.datasets.dataset_spec import UTKFACE, DatasetSpec
from training.samples.sample import Dataset, Sample

SETS = ((UTKFACE, "utkface"), (AAF, "aaf"))


def _there(path: Path) -> list[tuple[DatasetSpec, Path]]:
    found = [(source, path / folder) for source, folder in SETS if (path / folder).is_dir()]
    return found or [(UTKFACE, path)]


def _inputs(path: Path) -> list[Path]:
    return [one for source, place in _there(path) for one in source.inputs(place)]


def _read(path: Path, keep_blank: bool = False) -> Dataset:
    read = [(source, source.read(place, keep_blank)) for source, place in _there(path)]
    samples = [one for source, dataset in read for one in _named(source, dataset)]
    return Dataset(samples, [one for _, dataset in read for one in dataset.rejected])


def _named(source: DatasetSpec, dataset: Dataset) -> Iterator[Sample]:
    """Names that tell the sets apart."""
    return (replace(sample, name=f"{source.name}/{sample.name}") for sample in dataset.samples)


UTKFACE_AND_AAF = replace(
    UTKFACE,
    name=f"{UTKFACE.name} and {AAF.name}",
    about=f"a folder that holds utkface/ ({UTKFACE.about}) and aaf/ ({AAF.about}), or the former alone",
    terms=f"{UTKFACE.terms}; {AAF.name} {AAF.terms}",
    inputs=_inputs,
    read=_read,
)
