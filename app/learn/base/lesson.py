"""A lesson and its answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from app.errors import AppError
from app.learn.base.parameters import Parameter
from app.learn.base.tools import Tools

Values = Mapping[str, Any]


class NoFace(AppError, LookupError):
    """A lesson needs a face, and the picture has none."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a lesson found out.

    Attributes:
        result: Numbers and words for JSON.
        images: By name, uint8 of shape (height, width) or RGB (height, width, 3).
    """

    result: Mapping[str, Any]
    images: Mapping[str, np.ndarray] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Lesson:
    """One lesson.

    Attributes:
        name: Its chapter in `app/learn/chapters.py`.
        parameters: What may be chosen, by name, in the order of the controls.
        run: From a picture, RGB uint8 (height, width, 3), the values of all parameters, and the models. It keeps
            nothing between two calls. Raises `NoFace`.
        see_also: Further commands of the project on the same subject.
    """

    name: str
    parameters: Mapping[str, Parameter]
    run: Callable[[np.ndarray, Values, Tools], Answer]
    see_also: Sequence[str] = ()
