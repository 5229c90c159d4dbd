"""Choose what Keras computes with; it must happen before anything imports Keras."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from importlib.util import find_spec

from app.errors import SettingsError

BACKENDS = ("tensorflow", "jax", "torch")
VARIABLE = "KERAS_BACKEND"


def choose_backend(name: str | None = None) -> str:
    """Make Keras start on a backend, and return its name.

    Args:
        name: One of `BACKENDS`; None takes what KERAS_BACKEND says, else the first that is installed.
    Raises:
        SettingsError: it is unknown or not installed, none is, or Keras already runs on another one.
    """
    wanted = name or os.environ.get(VARIABLE) or _first_installed()
    if wanted not in BACKENDS:
        raise SettingsError(f"there is no backend {wanted!r}; choose {', '.join(BACKENDS)}")
    if find_spec(wanted) is None:
        raise SettingsError(f"the backend {wanted} is not installed; pip install {wanted}, or choose another --backend")
    keras = sys.modules.get("keras")
    running = keras.backend.backend() if keras else wanted
    if running != wanted:
        raise SettingsError(f"Keras already runs on {running}; use {wanted} in a process of its own")
    os.environ[VARIABLE] = wanted
    return wanted


def versions() -> dict[str, str]:
    """What a training's figures hang on, by package: Keras, what it computes with, and NumPy."""
    import keras

    running = keras.backend.backend()
    return {name: str(import_module(name).__version__) for name in ("keras", running, "numpy")}


def _first_installed() -> str:
    found = next((name for name in BACKENDS if find_spec(name) is not None), None)
    if found is None:
        raise SettingsError(f"Keras needs one of {', '.join(BACKENDS)}; pip install one of them")
    return found
