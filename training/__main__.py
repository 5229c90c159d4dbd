"""`python -m training`: prepare, train, evaluate and export the models."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec

NEEDED = ("keras", "matplotlib", "scipy")  # of requirements-training.txt; Keras says itself if it lacks a backend


def main() -> None:
    """Run the command line; exit with 2 where the packages of training are not installed."""
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        remedy = "`make training`, or in an installed package `pip install 'live-face-analysis[training]'`"
        print(f"Error: training needs {', '.join(missing)}; install it with {remedy}", file=sys.stderr)
        sys.exit(2)
    # Before anything imports TensorFlow: only its errors are worth a line.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from training.cli.main import main as run

    run()


if __name__ == "__main__":
    main()
