"""UTKFace together with All-Age-Faces, if it lies beside it: ages, sexes and, as far as known, races."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from training.datasets.catalog import AAF, UTKFACE
from training.datasets.dataset_spec import DatasetSpec
from training.samples.sample import Dataset

FOLDERS = ((UTKFACE, "utkface"), (AAF, "aaf"))


def _available(path: Path) -> list[tuple[DatasetSpec, Path]]:
    found = [(spec, path / folder) for spec, folder in FOLDERS if (path / folder).is_dir()]
    return found or [(UTKFACE, path)]


def _inputs(path: Path) -> list[Path]:
    return [file for spec, folder in _available(path) for file in spec.inputs(folder)]


def _read(path: Path, keep_blank: bool = False) -> Dataset:
    datasets = [(spec, spec.read(folder, keep_blank)) for spec, folder in _available(path)]
    samples = [replace(one, name=f"{spec.name}/{one.name}") for spec, dataset in datasets for one in dataset.samples]
    return Dataset(samples, [one for _, dataset in datasets for one in dataset.rejected])


UTKFACE_AND_AAF = replace(
    UTKFACE,
    name=f"{UTKFACE.name} and {AAF.name}",
    about=f"a folder that holds utkface/ ({UTKFACE.about}) and aaf/ ({AAF.about}), or the former alone",
    terms=f"{UTKFACE.terms}; {AAF.name} {AAF.terms}",
    inputs=_inputs,
    read=_read,
)
