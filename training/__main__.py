"""`python -m training`: prepare, train, evaluate and export the models."""

from __future__ import annotations

import os

# Before anything imports TensorFlow: only its errors are worth a line.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from training.cli.main import main

if __name__ == "__main__":
    main()
