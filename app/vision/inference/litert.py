"""Load a `.tflite` model into LiteRT and run it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from app.errors import ModelError
from app.vision.runtime.native_logging import mute_native_stderr
from app.vision.runtime.thread_limits import THREADS


class LiteRtModel:
    """A `.tflite` model prepared for one input shape, on one thread.

    Attributes:
        input_shape: Shape of its only input.
        input_dtype: Its type.
        output_shape: Shape of its only output.
    """

    def __init__(
        self, content: bytes, input_shape: Sequence[int | None], path: Path, *, keep_tensors: bool = False
    ) -> None:
        """Load the model and allocate its tensors.

        Args:
            content: The `.tflite` file.
            input_shape: None keeps the size that the model has for that axis.
            path: File of the model, for the error message.
            keep_tensors: Keep the output of every layer, without the optimisations that join layers.
        Raises:
            ModelError: LiteRT cannot load the model, or not with this shape.
        """
        try:
            with mute_native_stderr():
                self._interpreter = _prepare(content, input_shape, keep_tensors)
        except (ValueError, RuntimeError) as error:
            reason = str(error).splitlines()[0]
            raise ModelError(f"LiteRT cannot load {path} ({reason}); export the model again") from None
        # Asking for these takes a tenth of the run of a small model.
        inputs, outputs = self._interpreter.get_input_details()[0], self._interpreter.get_output_details()[0]
        self._input, self._output = inputs["index"], outputs["index"]
        self.input_shape, self.output_shape = (tuple(map(int, tensor["shape"])) for tensor in (inputs, outputs))
        self.input_dtype = np.dtype(inputs["dtype"])

    def run(self, inputs: np.ndarray) -> np.ndarray:
        """Run the model; return a copy of its only output.

        Args:
            inputs: Of `input_shape` and `input_dtype`.
        """
        self._interpreter.set_tensor(self._input, inputs)
        self._interpreter.invoke()
        output: np.ndarray = self._interpreter.get_tensor(self._output)
        return output


def _prepare(content: bytes, input_shape: Sequence[int | None], keep_tensors: bool) -> Any:
    """A LiteRT interpreter with allocated tensors."""
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    resolver = OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES if keep_tensors else OpResolverType.AUTO
    interpreter = Interpreter(
        model_content=content,
        num_threads=THREADS,
        experimental_preserve_all_tensors=keep_tensors,
        experimental_op_resolver_type=resolver,
    )
    details = interpreter.get_input_details()[0]
    sizes = zip(input_shape, details["shape"], strict=True)
    interpreter.resize_tensor_input(details["index"], [int(wanted or own) for wanted, own in sizes])
    interpreter.allocate_tensors()
    return interpreter
