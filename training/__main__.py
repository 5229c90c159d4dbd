"""`python -m training`: prepare, train, evaluate and export the models."""

from __future__ import annotations

import logging
import os
import sys
from importlib.util import find_spec

NEEDED = ("keras", "matplotlib", "scipy")  # of requirements-training.txt; Keras says itself if it lacks a backend


def show_only_errors_of_tensorflow() -> None:
    """Hide its other lines, before anything imports it.

    The warnings that functions are traced again count the networks of a process together: they come wherever several
    are scored, and tell of nothing that could be changed.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    logging.getLogger("tensorflow").setLevel(logging.ERROR)


def main() -> None:
    """Run the command line; exit with 2 where the packages of training are not installed."""
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        remedy = "`make training`, or in an installed package `pip install 'live-face-analysis[training]'`"
        print(f"Error: training needs {', '.join(missing)}; install it with {remedy}", file=sys.stderr)
        sys.exit(2)
    show_only_errors_of_tensorflow()
    from training.cli.main import main as run

    run()


if __name__ == "__main__":
    main()
