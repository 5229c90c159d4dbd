"""Head pose: yaw, pitch and roll in degrees, from the fifteen landmarks; `face_geometry` states the convention.

The mean absolute errors on people not in the training data are in the card of the landmark network
(`python -m training evaluate pose`).
"""

from __future__ import annotations

from app.attributes.attribute import DerivedInputs, Dynamics
from app.attributes.estimate import VectorEstimate
from app.attributes.face_geometry import POINT_NAMES, head_rotation
from app.attributes.kinds import VectorAttribute


def derive(inputs: DerivedInputs) -> VectorEstimate | None:
    """Pose of the head; None without the points of the landmark network."""
    if inputs.points is None or len(inputs.points) != len(POINT_NAMES):
        return None
    head = head_rotation(inputs.points, inputs.frame_size, inputs.solve_pnp)
    return None if head is None else VectorEstimate({"yaw": head.yaw, "pitch": head.pitch, "roll": head.roll})


ATTRIBUTE = VectorAttribute(
    name="head_pose",
    title="Head pose",
    position=60,
    labels=("yaw", "pitch", "roll"),
    label_texts={"unsure": "pose unsure"},
    unit="degrees",
    range=(-90.0, 90.0),
    dynamics=Dynamics.EXPRESSION,
    chip="yaw {yaw} pitch {pitch} roll {roll}",
    card="yaw {yaw}, pitch {pitch}, roll {roll} degrees",
    note="derived from the landmarks",
    overlay="axes",
    derive=derive,
    inputs=("landmarks",),
)
