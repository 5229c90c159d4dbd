"""Write networks as Keras, LiteRT, JSON with weights and HDF5, and load them again."""

from __future__ import annotations

import contextlib
import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import keras
from absl import logging as absl_logging

from app.errors import ModelError
from app.vision.inference.crop_model import LiteRtCropModel
from app.vision.inference.face_crop import PatchSpec
from app.vision.inference.model_card import MODEL
from app.vision.runtime.native_logging import mute_native_stderr
from training.errors import first_line

KERAS_MODEL = "model.keras"
ARCHITECTURE, WEIGHTS = "model.json", "model.weights.h5"
WHOLE_NETWORK = "model.h5"


@dataclass(frozen=True, slots=True)
class CardOfFile:
    """What `LiteRtCropModel` needs of the card of a network that has none."""

    files: Mapping[str, str]
    folder: Path


def to_litert(model: keras.Model, file_format: str = "int8") -> bytes:
    """The model as LiteRT reads it; `int8` keeps weights in 8 bits and computes ranges at run time."""
    import tensorflow as tf

    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    if file_format == "int8":
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    with mute_native_stderr(), contextlib.redirect_stdout(io.StringIO()):
        return converter.convert()


def write_models(model: keras.Model, folder: Path, file_format: str) -> None:
    """Write the model for Keras and for LiteRT."""
    model.save(folder / KERAS_MODEL)
    (folder / MODEL).write_bytes(to_litert(model, file_format))


def write_litert(model: keras.Model, file_format: str, spec: PatchSpec, folder: Path) -> LiteRtCropModel:
    """Write the model for LiteRT into a folder and load it as the app does."""
    content = to_litert(model, file_format)
    (folder / MODEL).write_bytes(content)
    card = CardOfFile({MODEL: hashlib.sha256(content).hexdigest()}, folder)
    return LiteRtCropModel(card, spec, model.output_shape[-1])


def write_h5(model: keras.Model, folder: Path) -> keras.Model:
    """Write the whole network in one HDF5 file, Keras' older format, into a folder and load it again.

    Raises:
        ModelError: it does not load again.
    """
    level = absl_logging.get_verbosity()
    absl_logging.set_verbosity(absl_logging.ERROR)  # that the format is an older one is known
    try:
        model.save(folder / WHOLE_NETWORK)
        return keras.models.load_model(folder / WHOLE_NETWORK, compile=False)
    except (TypeError, ValueError) as error:
        raise ModelError(f"the network does not load from HDF5 ({first_line(error)}); use --format json") from None
    finally:
        absl_logging.set_verbosity(level)


def write_json(model: keras.Model, folder: Path) -> keras.Model:
    """Write the model's architecture as JSON with its weights into a folder and load it again.

    Raises:
        ModelError: the architecture does not load from JSON.
    """
    (folder / ARCHITECTURE).write_text(model.to_json(indent=1), encoding="utf-8")
    model.save_weights(folder / WEIGHTS)
    try:
        again = keras.models.model_from_json((folder / ARCHITECTURE).read_text(encoding="utf-8"))
        again.load_weights(folder / WEIGHTS)
    except (TypeError, ValueError) as error:
        raise ModelError(f"the network does not load from JSON ({first_line(error)}); use --format float32") from None
    return again
