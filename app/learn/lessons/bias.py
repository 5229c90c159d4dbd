"""Bias: how the answers about a face move when it is turned, darkened, cut, masked or without hair."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import cv2
import numpy as np

from app.attributes.face_geometry import POINT_NAMES
from app.domain import Face, Track
from app.face_json import face_result, face_to_json
from app.learn.base.face import largest_face
from app.learn.base.lesson import Answer, Lesson, Values
from app.learn.base.parameters import Flag, Range
from app.learn.base.tools import Tools
from app.model_cards import load_card
from app.vision.inference.face_crop import PatchSpec, crop_face
from app.vision.inference.face_pose import BOX_HEIGHT_UNITS, BOX_WIDTH_UNITS, FacePose

# The picture of the varied face: a square of so many pixels, twice as wide as the face.
VIEW = PatchSpec(size=192, colour="rgb", margin=2.0)
# A mask reaches from the middle of the nose to below the chin, in units of eyes to mouth, and a bit beyond the cheeks.
MASK_COLOUR = (186, 205, 220)
MASK_HALF_WIDTH, MASK_TOP, MASK_BOTTOM = 1.05, -0.42, 0.95
# Hair is hidden by a uniform ground around the inner face: half axes in units of eyes to mouth.
GROUND_LEVEL = 128
INNER_HALF_WIDTH, INNER_HALF_HEIGHT, INNER_DROP = 1.2, 1.55, 0.1
# Conditions of `training evaluate conditions`, as their figures are named.
CONDITIONS = ("turned", "tight", "hair_hidden", "masked")


def run(image: np.ndarray, values: Values, tools: Tools) -> Answer:
    """Change the face of a picture and compare the answers."""
    face = largest_face(image, tools)
    changed = change(image, face, values)
    # The changed face is found and aligned again, as a camera would show it; else where it was before.
    found = tools.faces(changed)
    changed_face = found[0] if found else face
    result = {
        "found": bool(found),
        "before": _read(image, face, tools),
        "after": _read(changed, changed_face, tools),
        "conditions": [one for card in _cards(tools) for one in conditions(card, tools)],
        "groups": [one for card in _cards(tools) for one in groups(card, tools)],
    }
    pose = FacePose.from_face(face)
    upright = FacePose(pose.x, pose.y, pose.side)
    return Answer(result, {"before": crop_face(image, upright, VIEW), "after": crop_face(changed, upright, VIEW)})


def change(image: np.ndarray, face: Face, values: Values) -> np.ndarray:
    """An image, RGB uint8 (height, width, 3), with its face changed as the values say."""
    pose = FacePose.from_face(face)
    changed = image.copy()
    if values["hair_hidden"]:
        changed = _hide_hair(changed, pose)
    if values["masked"]:
        _draw_mask(changed, face, pose)
    if values["turned"]:
        matrix = cv2.getRotationMatrix2D((pose.x, pose.y), -values["turned"], 1.0)
        changed = cv2.warpAffine(changed, matrix, changed.shape[1::-1], borderMode=cv2.BORDER_REPLICATE)
    if values["cut"]:
        _cut(changed, pose, values["cut"])
    light = np.clip(np.arange(256) * values["light"], 0, 255).astype(np.uint8)
    return np.asarray(cv2.LUT(changed, light))


def conditions(content: Mapping[str, Any], tools: Tools) -> list[dict[str, Any]]:
    """What a card says of changed faces: shares of right answers, or mean errors of the age."""
    found = []
    for name, figures in content.get("figures", {}).items():
        for measure in _measures(figures):
            rows = {one: figures[f"{measure}_{one}"] for one in CONDITIONS if f"{measure}_{one}" in figures}
            attribute = measure.removesuffix("_accuracy")
            if rows and (attribute not in tools.attributes or attribute in tools.attributes.served):
                found.append(
                    {
                        "measure": measure,
                        "network": content["name"],
                        "set": name.partition(",")[0],
                        "n": figures["n"],
                        "unchanged": figures[measure],
                        "changed": rows,
                        "command": figures["command"],
                    }
                )
    return found


def groups(content: Mapping[str, Any], tools: Tools) -> list[dict[str, Any]]:
    """The figures of groups of people in a card, on its first set that has some, for the attributes that are served."""
    found: dict[str, dict[str, Any]] = {}
    for name, figures in content.get("figures", {}).items():
        for attribute, details in figures.get("attributes", {}).items():
            if "groups" in details and attribute in tools.attributes.served and attribute not in found:
                found[attribute] = {
                    "attribute": attribute,
                    "set": name,
                    "groups": details["groups"],
                    "command": figures["command"],
                }
    return list(found.values())


def _measures(figures: Mapping[str, Any]) -> Sequence[str]:
    names = [name.removesuffix(f"_{CONDITIONS[0]}") for name in figures if name.endswith(f"_{CONDITIONS[0]}")]
    return [name for name in names if name in figures]


def _cards(tools: Tools) -> list[Mapping[str, Any]]:
    return [load_card(one.card.folder) for one in tools.predictors.values()]


def _read(image: np.ndarray, face: Face, tools: Tools) -> dict[str, Any]:
    """The attributes of a face as the JSON of a face has them."""
    estimates: dict[str, Any] = {}
    for predictor in tools.predictors.values():
        estimates |= predictor.card.estimates(predictor.predict(image, [face])[0])
    reported = tools.attributes.report(estimates)
    return face_to_json(face_result(Track(1, face, reported), tools.attributes), tools.attributes)


def _unit(pose: FacePose) -> float:
    """Mean of the eye distance and the distance from eyes to mouth, of which the face's side is a multiple."""
    return pose.side * 2 / (BOX_WIDTH_UNITS + BOX_HEIGHT_UNITS)


def _axes(pose: FacePose) -> tuple[np.ndarray, np.ndarray]:
    """Directions to the right and down of the face."""
    cosine, sine = np.cos(pose.roll_rad), np.sin(pose.roll_rad)
    return np.array([cosine, sine]), np.array([-sine, cosine])


def _draw_mask(image: np.ndarray, face: Face, pose: FacePose) -> None:
    unit, (right, down) = _unit(pose), _axes(pose)
    mouth = np.array([pose.x, pose.y]) + 0.62 * unit * down
    if face.points is not None and len(face.points) == len(POINT_NAMES):
        corners = [POINT_NAMES.index(f"mouth_{side}_corner") for side in ("left", "right")]
        mouth = face.points[corners].mean(0)
    top, bottom = mouth + MASK_TOP * unit * down, mouth + MASK_BOTTOM * unit * down
    wide, narrow = MASK_HALF_WIDTH * unit * right, 0.55 * MASK_HALF_WIDTH * unit * right
    bridge = top - 0.22 * unit * down
    outline = [top - wide, bridge, top + wide, mouth + 0.45 * unit * down + 0.95 * wide, bottom + narrow]
    outline += [bottom - narrow, mouth + 0.45 * unit * down - 0.95 * wide]
    cv2.fillPoly(image, [np.rint(outline).astype(np.int32)], MASK_COLOUR, cv2.LINE_AA)


def _hide_hair(image: np.ndarray, pose: FacePose) -> np.ndarray:
    unit, (_, down) = _unit(pose), _axes(pose)
    center = np.array([pose.x, pose.y]) + INNER_DROP * unit * down
    inside = np.zeros(image.shape[:2], np.uint8)
    axes = [round(INNER_HALF_WIDTH * unit), round(INNER_HALF_HEIGHT * unit)]
    cv2.ellipse(inside, np.rint(center).astype(int).tolist(), axes, np.rad2deg(pose.roll_rad), 0, 360, 255, -1)
    return np.where(inside[..., None] > 0, image, np.uint8(GROUND_LEVEL))


def _cut(image: np.ndarray, pose: FacePose, share: float) -> None:
    """Cover the left part of the face, as if it left the picture."""
    edge = round(pose.x - pose.side / 2 + share * pose.side)
    image[:, : max(0, edge)] = GROUND_LEVEL


LESSON = Lesson(
    name="bias",
    parameters={
        "turned": Range(-60, 60, 0, 5),
        "light": Range(0.1, 2.0, 1.0, 0.05),
        "cut": Range(0.0, 0.8, 0.0, 0.05),
        "masked": Flag(),
        "hair_hidden": Flag(),
    },
    run=run,
    see_also=("python -m training evaluate conditions --data SETS/utkface/utkface_112.tar --split test",),
)
