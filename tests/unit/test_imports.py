"""The house rules of imports, read from the source with `ast`."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Which files may import a package; everything else under app/ may not.
ALLOWED = {
    "flask": ("app/web/",),
    "flask_socketio": ("app/web/",),
    "cv2": ("app/vision/", "app/bench/", "app/analysis.py"),
    "av": ("app/vision/", "app/analysis.py"),
    "ai_edge_litert": ("app/vision/",),
    "eventlet": ("app/__main__.py",),
    "sqlalchemy": ("app/sessions/",),
    "tensorflow": (),
    "keras": (),
    "matplotlib": (),
    "scipy": (),
    "skimage": (),
    "training": (),
}
FORBIDDEN_PAIRS = [
    ("app/web/", "app.vision"),
    ("app/vision/", "app.web"),
    ("app/sessions/", "app.vision"),
]


def imported(path: Path) -> Iterator[str]:
    """Every module that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


def sources(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


@pytest.mark.parametrize("package", ALLOWED)
def test_packages_stay_in_their_rooms(package):
    offenders = [
        path.relative_to(ROOT).as_posix()
        for path in sources("app")
        for module in imported(path)
        if module.split(".")[0] == package
        and not path.relative_to(ROOT).as_posix().startswith(ALLOWED[package] or ("nowhere",))
    ]
    assert offenders == []


@pytest.mark.parametrize(("folder", "module"), FORBIDDEN_PAIRS)
def test_web_vision_and_sessions_do_not_know_each_other(folder, module):
    offenders = [p.name for p in sources(folder) for name in imported(p) if f"{name}.".startswith(f"{module}.")]
    assert offenders == []


def test_the_domain_imports_only_the_standard_library_and_numpy():
    import sys

    allowed = set(sys.stdlib_module_names) | {"numpy", "app"}
    for name in ("domain.py", "errors.py", "numerics.py", "wire.py"):
        modules = {module.split(".")[0] for module in imported(ROOT / "app" / name)}
        assert modules <= allowed, name


def test_training_does_not_import_the_web():
    offenders = [p.name for p in sources("training") for name in imported(p) if name.startswith("app.web")]
    assert offenders == []
