"""Load a `.tflite` model into LiteRT and run it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from app.errors import ModelError
from app.vision.runtime.native_logging import mute_native_stderr
from app.vision.runtime.thread_limits import THREADS


def load_interpreter(content: bytes, input_shape: Sequence[int | None], path: Path) -> Any:
    """Create a LiteRT interpreter with allocated tensors for one input shape.

    Args:
        content: The `.tflite` file.
        input_shape: None keeps the size that the model has for that axis.
        path: File of the model, for the error message.
    Raises:
        ModelError: LiteRT cannot load the model, or not with this shape.
    """
    from ai_edge_litert.interpreter import Interpreter

    try:
        with mute_native_stderr():
            interpreter = Interpreter(model_content=content, num_threads=THREADS)
            details = interpreter.get_input_details()[0]
            sizes = zip(input_shape, details["shape"], strict=True)
            interpreter.resize_tensor_input(details["index"], [int(wanted or own) for wanted, own in sizes])
            interpreter.allocate_tensors()
    except (ValueError, RuntimeError) as error:
        reason = str(error).splitlines()[0]
        raise ModelError(f"LiteRT cannot load {path} ({reason}); export the model again") from None
    return interpreter


def run_interpreter(interpreter: Any, inputs: np.ndarray) -> np.ndarray:
    """Run the model; return a copy of its only output.

    Args:
        inputs: Shape and dtype that the interpreter was prepared for.
    """
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], inputs)
    interpreter.invoke()
    return interpreter.get_tensor(interpreter.get_output_details()[0]["index"])
