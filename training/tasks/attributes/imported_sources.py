"""Find the project's source files that a file depends on, from its import statements."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from app.paths import PROJECT

PACKAGES = ("app", "training")


def sources_digest(roots: frozenset[Path], project: Path = PROJECT) -> str:
    """SHA-256 over the content of files and of all project modules that they import, directly or not.

    Args:
        roots: Python files.
        project: Folder of the packages `app` and `training`.
    """
    digest = hashlib.sha256()
    for file in sorted(reachable_sources(roots, project)):
        digest.update(_source(file))
    return digest.hexdigest()


def reachable_sources(roots: frozenset[Path], project: Path = PROJECT) -> set[Path]:
    """The files and every project module that they import, directly or not."""
    reached: set[Path] = set()
    waiting = list(roots)
    while waiting:
        file = waiting.pop()
        if file not in reached:
            reached.add(file)
            waiting += imported_files(file, project)
    return reached


@cache
def imported_files(file: Path, project: Path) -> tuple[Path, ...]:
    """The project modules that a file imports anywhere, except for type checking only."""
    found = (_module_file(name, project) for name in _imported_names(ast.parse(_source(file))))
    return tuple(module for module in found if module is not None)


@cache
def _source(file: Path) -> bytes:
    return file.read_bytes()


def _imported_names(node: ast.AST) -> Iterator[str]:
    """Dotted names of imported modules, and of imported objects as if they were modules."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
        yield node.module
        yield from (f"{node.module}.{alias.name}" for alias in node.names)
    elif not (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"):
        for child in ast.iter_child_nodes(node):
            yield from _imported_names(child)


def _module_file(name: str, project: Path) -> Path | None:
    """The file of a module of the project; None for other modules and for objects."""
    if name.partition(".")[0] not in PACKAGES:
        return None
    path = project.joinpath(*name.split("."))
    return next((file for file in (path.with_suffix(".py"), path / "__init__.py") if file.is_file()), None)
