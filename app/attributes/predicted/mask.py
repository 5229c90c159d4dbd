"""Mask: none, worn over mouth and nose, or worn with one of them uncovered."""

from app.attributes.attribute import Dynamics
from app.attributes.kinds import ClassAttribute

ATTRIBUTE = ClassAttribute(
    name="mask",
    title="Mask",
    position=50,
    labels=("none", "mask", "wrong"),
    label_texts={"none": "no mask", "wrong": "mask worn incorrectly"},
    min_probability=0.6,  # of three labels
    hides={"mask": ("emotion", "age", "race")},  # too little of the face is visible
    dynamics=Dynamics.STATE,
    counts_key="masks",
    csv_prefix="p_",
    csv_labels=("mask",),
)
