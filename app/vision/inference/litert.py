"""Load a `.tflite` model into LiteRT."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from app.errors import ModelError
from app.vision.runtime.native_logging import mute_native_stderr
from app.vision.runtime.thread_limits import THREADS


def load_interpreter(content: bytes, sides: Sequence[int | None], path: Path) -> Any:
    """An interpreter of a model, ready for one shape of input.

    Args:
        sides: Shape of the input; None leaves the model's own side.
        path: Where the model comes from, for the error.
    Raises:
        ModelError: LiteRT cannot load it, or not with this shape.
    """
    from ai_edge_litert.interpreter import Interpreter

    try:
        with mute_native_stderr():
            interpreter = Interpreter(model_content=content, num_threads=THREADS)
            details = interpreter.get_input_details()[0]
            own = zip(sides, details["shape"], strict=True)
            interpreter.resize_tensor_input(details["index"], [int(side or kept) for side, kept in own])
            interpreter.allocate_tensors()
    except (ValueError, RuntimeError) as error:
        reason = str(error).splitlines()[0]
        raise ModelError(f"LiteRT cannot load {path} ({reason}); export the model again") from None
    return interpreter


def run_interpreter(interpreter: Any, source: np.ndarray) -> np.ndarray:
    """What the model gives for an input of the shape it is ready for: a copy of its only output."""
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], source)
    interpreter.invoke()
    return interpreter.get_tensor(interpreter.get_output_details()[0]["index"])
