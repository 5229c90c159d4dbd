"""The key of the patch cache follows from the modules that make the patches and from what these import."""

from pathlib import Path

import pytest

from app.paths import PROJECT
from tests.support.training import TINY, emotion_tree, write_folder
from training.tasks.attributes import imported_sources, patch_cache
from training.tasks.attributes.imported_sources import reachable_sources, sources_digest

FILES = {
    "training/__init__.py": "",
    "training/patches.py": "import numpy\nfrom app import geometry\nfrom training.crops import cut\n",
    "training/crops.py": "def cut():\n    from training import late\n",
    "training/late.py": "",
    "training/typed.py": "",
    "training/cli.py": "from training import patches\n",
    "app/__init__.py": "",
    "app/geometry.py": (
        "from typing import TYPE_CHECKING\nimport app.boxes\nif TYPE_CHECKING:\n    from training import typed\n"
    ),
    "app/boxes.py": "from training import patches\n",
}
ROOT = "training/patches.py"
REACHABLE = {"training/patches.py", "training/crops.py", "training/late.py", "app/geometry.py", "app/boxes.py"}


@pytest.fixture
def project(tmp_path):
    return write_folder(tmp_path, {name: text.encode() for name, text in FILES.items()})


def digest(project):
    imported_sources.imported_files.cache_clear()
    imported_sources._source.cache_clear()
    return sources_digest(frozenset({project / ROOT}), project)


def test_imports_are_followed_through_modules_and_functions_but_not_for_types(project):
    found = {file.relative_to(project).as_posix() for file in reachable_sources(frozenset({project / ROOT}), project)}
    assert found - {"training/__init__.py", "app/__init__.py"} == REACHABLE


@pytest.mark.parametrize("name", [name for name in FILES if not name.endswith("__init__.py")])
def test_a_change_counts_where_the_module_is_reachable(project, name):
    before = digest(project)
    with (project / name).open("a") as file:
        file.write("CHANGED = True\n")
    assert (digest(project) != before) == (name in REACHABLE)


def test_the_key_of_a_recipe_covers_the_crop_and_not_the_commands(tmp_path):
    reached = {
        file.relative_to(PROJECT).as_posix()
        for file in reachable_sources(frozenset(patch_cache._code(TINY.task)))
        if file.is_relative_to(PROJECT)
    }
    assert {
        "app/vision/inference/face_crop.py",
        "training/datasets/readers/class_folders.py",
        "training/samples/splits.py",
        "training/transforms/alignment.py",
        "training/recipes/shared/emotion.py",
    } <= reached
    assert not [name for name in reached if name.startswith(("training/cli/", "training/reports/", "app/web/"))]


def test_another_source_is_another_key(tmp_path, monkeypatch):
    tree = write_folder(tmp_path / "set", emotion_tree(1, 1))
    before = patch_cache.cache_key(TINY, tree)
    assert patch_cache.cache_key(TINY, tree) == before
    monkeypatch.setattr(patch_cache, "sources_digest", lambda files: "changed")
    assert patch_cache.cache_key(TINY, tree) != before


def test_the_making_modules_are_files_of_the_project():
    assert all(Path(file).is_file() for file in patch_cache._code(TINY.task))
