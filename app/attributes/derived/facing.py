"""Facing: whether the face is turned to the camera, within 20 degrees. It says nothing about what a person looks at.

A session keeps the more frequent label of each second, so the seconds by label give the share of time.
"""

from __future__ import annotations

from app.attributes.attribute import DerivedInputs, Dynamics
from app.attributes.estimate import ClassEstimate, VectorEstimate
from app.attributes.face_geometry import HeadRotation
from app.attributes.kinds import ClassAttribute

FACING = "facing"
AWAY = "away"
# 93.5 % of posed frontal portraits are within it (`evaluate pose --frontal`).
MAX_ANGLE_DEGREES = 20.0


def derive(inputs: DerivedInputs) -> ClassEstimate | None:
    """Whether the pose of the head is within the angle; None without a pose."""
    pose = inputs.estimates.get("head_pose")
    if not isinstance(pose, VectorEstimate) or pose.values is None:
        return None
    return ClassEstimate(label=FACING if HeadRotation(**pose.values).angle_to_camera <= MAX_ANGLE_DEGREES else AWAY)


ATTRIBUTE = ClassAttribute(
    name="facing",
    title="Facing the camera",
    position=61,
    labels=(FACING, AWAY),
    label_texts={FACING: "faces the camera", AWAY: "turned away"},
    dynamics=Dynamics.EXPRESSION,
    note="derived from the head pose",
    derive=derive,
    inputs=("head_pose",),
)
