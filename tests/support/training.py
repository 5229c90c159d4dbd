"""Small data sets that tests draw themselves in each public form, and a recipe small enough to train in a test."""

from __future__ import annotations

import csv
import io
import sys
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from app.vision.inference.face_crop import PatchSpec, crop_face, whole_image_pose
from training.datasets.fer2013 import FER2013
from training.networks.optimizers import nesterov
from training.recipes.shared.emotion import one_hot
from training.samples.framing import fer2013_patch
from training.samples.labels import EMOTIONS
from training.samples.sample import Sample
from training.tasks.attributes.arrays import Head
from training.tasks.attributes.task import AttributeTask
from training.tasks.recipe import Recipe
from training.transforms.patch_augmentation import Augmentation

KAGGLE_ORDER = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")


def drawn_face(seed: int, tone: int = 200, side: int = 48) -> np.ndarray:
    """A round face with eyes and a mouth on noise, RGB uint8 (side, side, 3); different for every seed."""
    random = np.random.default_rng(seed)
    image = random.integers(0, 60, (side, side, 3), np.uint8)
    center = (side // 2 + int(random.integers(-2, 3)), side // 2 + int(random.integers(-2, 3)))
    cv2.ellipse(image, center, (side // 3, side * 2 // 5), 0, 0, 360, (tone, tone, tone), -1)
    for x in (-side // 8, side // 8):
        cv2.circle(image, (center[0] + x, center[1] - side // 10), max(1, side // 16), (20, 20, 20), -1)
    cv2.ellipse(image, (center[0], center[1] + side // 6), (side // 8, side // 16), 0, 0, 180, (90, 20, 20), 1)
    return image


def encoded(image: np.ndarray, suffix: str = ".png") -> bytes:
    """RGB uint8 as the bytes of a picture file."""
    return cv2.imencode(suffix, cv2.cvtColor(image, cv2.COLOR_RGB2BGR))[1].tobytes()


def emotion_tree(train: int = 3, test: int = 2) -> dict[str, bytes]:
    """Files of a FER2013 class-folder tree with so many pictures a class; each class has its own tone."""
    files, row = {}, 0
    for split, folder, count in (("Training", "train", train), ("PublicTest", "test", test)):
        for label, emotion in enumerate(EMOTIONS):
            for _ in range(count):
                files[f"{folder}/{emotion}/{split}_{row}.png"] = encoded(drawn_face(row, 60 + 28 * label))
                row += 1
    return files


def utkface_files(count: int = 40) -> dict[str, bytes]:
    """Files named as UTKFace's, every second one female."""
    return {
        f"{10 + index}_{index % 2}_{index % 5}_2017011{index:07d}.jpg.chip.jpg": encoded(
            drawn_face(1000 + index, 120 + index % 2 * 80, 64), ".jpg"
        )
        for index in range(count)
    }


def write_folder(folder: Path, files: Mapping[str, bytes]) -> Path:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def write_tar(file: Path, files: Mapping[str, bytes]) -> Path:
    """A tar, compressed where the name ends with .gz."""
    with tarfile.open(file, "w:gz" if file.suffix == ".gz" else "w") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return file


def write_csv(
    file: Path, rows: Sequence[Sequence[str]], header: Sequence[str] = ("emotion", "pixels", "Usage")
) -> Path:
    with file.open("w", newline="") as table:
        csv.writer(table).writerows([header, *rows])
    return file


def csv_row(seed: int, emotion: str, usage: str) -> list[str]:
    """A sound row of fer2013.csv."""
    gray = cv2.cvtColor(drawn_face(seed, 60 + 28 * EMOTIONS.index(emotion)), cv2.COLOR_RGB2GRAY)
    return [str(KAGGLE_ORDER.index(emotion)), " ".join(map(str, gray.ravel())), usage]


def build_tiny() -> object:
    from keras import Input, Model, layers

    inputs = Input((16, 16, 1), dtype="uint8")
    x = layers.Rescaling(1 / 128, offset=-1.0)(inputs)
    x = layers.Conv2D(4, 3, strides=2, use_bias=False)(x)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    x = layers.Dropout(0.2)(layers.Flatten()(x))
    return Model(inputs, {"logits": layers.Dense(len(EMOTIONS), dtype="float32", name="logits")(x)})


def _losses() -> Mapping[str, object]:
    import keras

    return {"logits": keras.losses.CategoricalCrossentropy(from_logits=True)}


TINY = Recipe(
    name="tiny",
    title="Tiny",
    network="tiny",
    task=AttributeTask(
        patch=fer2013_patch(16),
        heads=(Head("emotion", "classes", EMOTIONS),),
        source=FER2013,
        targets=lambda samples: one_hot(samples, "logits"),
        augmentation=Augmentation(rotation_degrees=10, flip=True, random_erasing=0.5),
    ),
    build=build_tiny,
    losses=_losses,
    metrics=lambda: {"logits": ["accuracy"]},
    monitor=("val_loss", "min"),
    optimizer=nesterov(0.1, average=0.9),
    epochs=6,
    batch=7,
)


def tiny_with(**task: object) -> Recipe:
    """`TINY` with other fields of its task."""
    return replace(TINY, task=replace(TINY.task, **task))


def samples_of(images: Sequence[np.ndarray], **labels: Sequence[object]) -> list[Sample]:
    """Samples named by their number."""
    return [
        Sample(str(index), image, {name: values[index] for name, values in labels.items()})  # type: ignore[misc]
        for index, image in enumerate(images)
    ]


if __name__ == "__main__":  # trained here as a process that a test kills
    from training.engine.train import train
    from training.tasks.base import TrainOptions

    train(TINY, Path(sys.argv[1]), Path(sys.argv[2]), TrainOptions(int(sys.argv[3]), cache=Path(sys.argv[4])))


def whole_image_patch(image: np.ndarray, spec: PatchSpec) -> np.ndarray:
    """The patch that shows the whole image, uint8 of `spec.shape`."""
    return crop_face(image, whole_image_pose(image.shape[1], image.shape[0], spec), spec)
