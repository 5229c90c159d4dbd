"""The vision process with other constants: `python -m tests.support.processes.patched_process MODULE.NAME=VALUE... FD`.

Values are Python literals. Tests shorten times with it that people would wait for.
"""

from __future__ import annotations

import ast
import sys
from importlib import import_module


def main(constants: list[str], descriptor: int) -> None:
    from app.vision.worker.__main__ import main as serve

    for constant in constants:
        path, _, value = constant.partition("=")
        module, _, name = path.rpartition(".")
        assert hasattr(import_module(module), name), path
        setattr(import_module(module), name, ast.literal_eval(value))
    serve(descriptor)


if __name__ == "__main__":
    main(sys.argv[1:-1], int(sys.argv[-1]))
