"""Rules of the source tree: which module may import what, folders without import cycles, small folders.

The page's ES modules have the same rules in tests/unit/page/test_modules.py.
"""

import ast
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MAX_MODULES_PER_FOLDER = 15
# One short file per network of a tutorial or paper.
UNLIMITED_FOLDERS = ("training/recipes/classic",)
# Packages that only these files of app/ may import.
ALLOWED_IMPORTERS = {
    "flask": ("app/web/", "app/cluster/node/web_node.py"),
    "flask_socketio": ("app/web/",),
    "cv2": ("app/vision/", "app/bench/", "app/analysis/", "app/learn/"),
    "av": ("app/vision/", "app/analysis/"),
    "ai_edge_litert": ("app/vision/",),
    "eventlet": ("app/__main__.py", "app/web/servers/eventlet_server.py", "app/web/servers/eventlet_websocket.py"),
    "gunicorn": ("app/web/servers/threading_server.py",),
    "fsspec": ("app/analysis/",),
    "pandas": ("app/analysis/", "app/sessions/export/", "app/sessions/session_tables.py"),
    "pyarrow": ("app/analysis/", "app/sessions/export/"),
    "redis": ("app/cluster/",),
    "ray": ("app/analysis/batch/ray_pool.py",),
    "xlsxwriter": ("app/sessions/export/",),
    "sqlalchemy": ("app/sessions/",),
    "alembic": ("app/sessions/database/revisions/",),
    "psycopg": (),
    "tensorflow": (),
    "keras": (),
    "matplotlib": (),
    "scipy": (),
    "skimage": (),
    "training": (),
}
# Folders and the packages that they must not import.
FORBIDDEN_IMPORTS = [
    ("app/web/", "app.vision"),
    ("app/vision/", "app.web"),
    ("app/sessions/", "app.vision"),
    ("training/", "app.web"),
]
# Modules that import only the standard library, NumPy and each other.
BASE_MODULES = ("domain.py", "errors.py", "numerics.py", "wire.py")


def python_files(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def import_statements(path: Path) -> list[ast.Import | ast.ImportFrom]:
    """Every import of a file, also inside functions; parsed once for all rules."""
    return [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Import | ast.ImportFrom)]


def imported_modules(path: Path) -> Iterator[str]:
    """The name of every module that a file imports, also inside functions."""
    for node in import_statements(path):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


def imported_files(path: Path) -> Iterator[Path]:
    """The files of app/ and training/ that a file imports; `from package import module` counts as the module."""
    for node in import_statements(path):
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        yield from filter(None, map(module_file, names))


def module_file(name: str) -> Path | None:
    """The file of a module or package, or of the module that defines a name; None outside app/ and training/."""
    parts = name.split(".")
    if parts[0] not in ("app", "training"):
        return None
    for length in range(len(parts), 0, -1):
        path = ROOT.joinpath(*parts[:length])
        for file in (path.with_suffix(".py"), path / "__init__.py"):
            if file.is_file():
                return file
    return None


def graph_node(path: Path) -> str:
    """The folder of a file; each file directly in app/ or training/ is a node of its own."""
    folder = relative(path.parent)
    return relative(path) if folder in ("app", "training") else folder


def folder_graph(folder: str) -> dict[str, set[str]]:
    """The nodes that each node imports."""
    graph: dict[str, set[str]] = {}
    for path in python_files(folder):
        imported_nodes = {graph_node(file) for file in imported_files(path)}
        graph.setdefault(graph_node(path), set()).update(imported_nodes - {graph_node(path)})
    return graph


def find_cycle(graph: Mapping[str, set[str]]) -> list[str]:
    """The nodes of one cycle; empty without one."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


@pytest.mark.parametrize("package", ALLOWED_IMPORTERS)
def test_packages_are_imported_only_where_allowed(package):
    offenders = [
        relative(path)
        for path in python_files("app")
        for module in imported_modules(path)
        if module.split(".")[0] == package and not relative(path).startswith(ALLOWED_IMPORTERS[package] or ("none",))
    ]
    assert offenders == []


@pytest.mark.parametrize(("folder", "package"), FORBIDDEN_IMPORTS)
def test_web_vision_sessions_and_training_do_not_import_each_other(folder, package):
    offenders = [
        relative(path)
        for path in python_files(folder)
        for module in imported_modules(path)
        if f"{module}.".startswith(f"{package}.")
    ]
    assert offenders == []


@pytest.mark.parametrize("name", BASE_MODULES)
def test_base_modules_import_only_the_standard_library_and_numpy(name):
    allowed = set(sys.stdlib_module_names) | {"numpy", "app"}
    assert {module.split(".")[0] for module in imported_modules(ROOT / "app" / name)} <= allowed


@pytest.mark.parametrize("folder", ["app", "training", "tests"])
def test_folders_are_small(folder):
    modules = [path for path in python_files(folder) if path.name != "__init__.py"]
    counts = Counter(relative(path.parent) for path in modules)
    assert len(counts) > 5
    large = {name: count for name, count in counts.items() if count > MAX_MODULES_PER_FOLDER}
    assert {name: count for name, count in large.items() if name not in UNLIMITED_FOLDERS} == {}


@pytest.mark.parametrize("folder", ["app", "training"])
def test_folders_do_not_import_each_other_in_a_cycle(folder):
    graph = folder_graph(folder)
    assert sum(map(len, graph.values())) > 50, "the imports were not read"
    assert find_cycle(graph) == []


def test_a_cycle_is_detected():
    assert set(find_cycle({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}})) == {"a", "b", "c"}
    assert find_cycle({"a": {"b", "c"}, "b": {"c"}}) == []
