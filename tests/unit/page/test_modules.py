"""The page's ES modules: every import exists, folders stay small and depend on each other in one direction."""

from __future__ import annotations

import json
import re
from collections import Counter
from graphlib import TopologicalSorter
from hashlib import sha256
from pathlib import Path

STATIC = Path(__file__).resolve().parents[3] / "static"
MODULES = sorted((STATIC / "js").rglob("*.js"))
IMPORT = re.compile(r'(?:\bfrom |\bimport\(|^import )"(\.[^"]+)"', re.MULTILINE)
PACKAGES = {"node_modules", "vendor"}
MAX_MODULES_PER_FOLDER = 15


def imported_paths(module: Path) -> list[Path]:
    """Files that `module` imports, but for packages of others."""
    specifiers = [one for one in IMPORT.findall(module.read_text()) if not PACKAGES.intersection(Path(one).parts)]
    return [(module.parent / specifier).resolve() for specifier in specifiers]


def test_every_imported_module_exists():
    missing = [f"{module.name}: {path}" for module in MODULES for path in imported_paths(module) if not path.is_file()]
    assert MODULES
    assert missing == []


def test_every_module_is_loaded_by_a_page():
    templates = "".join(path.read_text() for path in (STATIC.parent / "templates").rglob("*.html"))
    waiting = [STATIC / name for name in re.findall(r"'(js/pages/[^']+)'", templates)]
    loaded: set[Path] = set()
    while waiting:
        module = waiting.pop()
        if module not in loaded:
            loaded.add(module)
            waiting += imported_paths(module)
    assert sorted(loaded) == MODULES


def test_no_folder_holds_too_many_modules():
    counts = Counter(module.parent.name for module in MODULES)
    assert {name: count for name, count in counts.items() if count > MAX_MODULES_PER_FOLDER} == {}


def test_folders_import_each_other_in_one_direction():
    graph: dict[str, set[str]] = {}
    for module in MODULES:
        folder = graph.setdefault(module.parent.name, set())
        folder |= {path.parent.name for path in imported_paths(module)} - {module.parent.name}
    order = list(TopologicalSorter(graph).static_order())  # raises CycleError
    assert order[0] == "lib"
    assert order[-1] == "pages"


def test_the_library_of_charts_is_the_one_that_its_sources_name():
    folder = STATIC / "vendor" / "echarts"
    content, sources = (folder / "echarts.min.js").read_bytes(), (folder / "SOURCES.md").read_text()
    packages = json.loads((STATIC / "package.json").read_text())["devDependencies"]
    assert f"`{sha256(content).hexdigest()}`" in sources
    assert f"echarts) {packages['echarts']}" in sources
    assert f"Apache ECharts {packages['echarts']}," in content[:80].decode()
    assert f"esbuild) {packages['esbuild']}," in sources
