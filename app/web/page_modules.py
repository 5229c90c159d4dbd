"""The modules that a page loads, so that it can name them all at its top: browsers else find them level by level."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path, PurePosixPath

from flask import Flask

# `import ... from "./x.js"`, `export ... from` and `import "./x.js"`; not `import("./x.js")`, which may never be run.
IMPORT = re.compile(r'^(?:import|export)\b(?:[^"\';]*?\bfrom)? *"(\.[^"]+)"', re.MULTILINE)
# Others wrote them; each is one file without imports.
PACKAGES = ("node_modules/", "vendor/")
# More than there are pages.
PAGES_IN_MEMORY = 64


def install_page_modules(app: Flask) -> None:
    """Let templates ask for the modules of a page."""
    assert app.static_folder is not None
    static = Path(app.static_folder)
    app.jinja_env.globals["imported_modules"] = lambda entry: imported_modules(static, entry)


@lru_cache(maxsize=PAGES_IN_MEMORY)
def imported_modules(static: Path, entry: str) -> tuple[str, ...]:
    """Paths below `static` of all modules that a module imports, directly or through others, in the order of loading.

    Raises:
        OSError: a module does not exist.
    """
    found, waiting = dict[str, None](), [entry]
    while waiting:
        path = waiting.pop(0)
        if path.startswith(PACKAGES):
            continue
        for specifier in IMPORT.findall((static / path).read_text()):
            imported = _resolve(PurePosixPath(path).parent, specifier)
            if imported not in found:
                found[imported] = None
                waiting.append(imported)
    return tuple(found)


def _resolve(folder: PurePosixPath, specifier: str) -> str:
    parts = list[str]()
    for part in (folder / specifier).parts:
        if part == "..":
            parts.pop()
        else:
            parts.append(part)
    return "/".join(parts)
