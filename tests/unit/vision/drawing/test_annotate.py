import time
from dataclasses import replace

import numpy as np
import pytest

from app.attributes.attribute_set import AttributeSet
from app.attributes.estimate import ClassEstimate, NumberEstimate, VectorEstimate
from app.domain import Box, Face, Track, ViewOptions
from app.vision.drawing.annotate import COLOURS, Annotator, colour_of, lines_of

ATTRIBUTES = AttributeSet()
DEFAULT_VIEW = ViewOptions(ATTRIBUTES.default_show)


def emotion(label=None, second=None, **probabilities):
    return ClassEstimate(probabilities, label, second)


def sex(p_female):
    return ClassEstimate({"male": 1 - p_female, "female": p_female})


ESTIMATES = {"emotion": emotion(happy=0.85, neutral=0.15), "age": NumberEstimate(34.2), "sex": sex(0.91)}


def track_at(x1, y1, x2, y2, id=1, estimates=ESTIMATES):
    return Track(id, Face(Box(x1, y1, x2, y2), 0.9), ATTRIBUTES.report(estimates))


def lines(track, view=DEFAULT_VIEW):
    return lines_of(track, view, ATTRIBUTES)


def view_of(show):
    return ViewOptions.parse(show, ATTRIBUTES.showable, ATTRIBUTES.default_show)


def draw(tracks, show="boxes,emotion,age,sex", size=(480, 640), ground=128):
    image = np.full((*size, 3), ground, np.uint8)
    drawn = Annotator(ATTRIBUTES).draw(image, tracks, view_of(show))
    assert (image == ground).all(), "the given picture is left as it was"
    return drawn


def changed(drawn, ground=128):
    """Rows and columns that something was drawn on."""
    rows, columns = np.nonzero((drawn != ground).any(axis=2))
    return rows, columns


@pytest.mark.parametrize(
    ("show", "expected"),
    [
        ("boxes,emotion,age,sex", ("Happy 85%", "34 years, female")),
        ("emotion", ("Happy 85%",)),
        ("age", ("34 years",)),
        ("sex", ("female",)),
        ("ids", ("#7",)),
        ("ids,emotion", ("#7  Happy 85%",)),
        ("ids,age", ("#7", "34 years")),
        ("boxes", ()),
        ("", ()),
    ],
)
def test_each_word_shows_its_own_text(show, expected):
    assert lines(track_at(0, 0, 9, 9, id=7), view_of(show)) == expected


def test_landmarks_are_dots_in_the_colour_of_the_person():
    ground = np.zeros((200, 300, 3), np.uint8)
    track = track_at(100, 50, 200, 180, id=2)
    marked = replace(track, face=replace(track.face, points=np.array([(130, 90), (170, 90)], np.float32)))
    view = view_of("landmarks")
    drawn = Annotator(ATTRIBUTES).draw(ground, [marked], view)
    for x, y in ((130, 90), (170, 90)):
        assert tuple(drawn[y, x]) == colour_of(2)
    assert not drawn[110:].any()
    assert not Annotator(ATTRIBUTES).draw(ground, [track], view).any(), "without points there is nothing to draw"


def test_what_no_model_has_said_is_not_written():
    assert lines(track_at(0, 0, 9, 9, estimates={})) == ()


@pytest.mark.parametrize(
    ("estimates", "expected"),
    [
        ({"emotion": emotion("happy", happy=0.3, neutral=0.7)}, ("Happy 30%",)),
        ({"emotion": emotion(second="sad", happy=0.5, sad=0.45)}, ("Happy + sad",)),
        ({"emotion": emotion(happy=0.35, sad=0.33)}, ("Unsure",)),
        ({"age": NumberEstimate(34.2), "sex": sex(0.5)}, ("34 years, sex unsure",)),
        ({"sex": sex(0.1)}, ("male",)),
        ({"age": NumberEstimate(3.0), "sex": sex(0.1)}, ("3 years, sex unsure",)),
        (ESTIMATES | {"mask": ClassEstimate({"mask": 0.9, "none": 0.1})}, ("Unsure", "age unsure, female")),
    ],
)
def test_doubt_is_told(estimates, expected):
    assert lines(track_at(0, 0, 9, 9, estimates=estimates)) == expected


@pytest.mark.parametrize(
    ("shares", "line"),
    [
        ((0.9, 0.1, 0.0), "no mask"),
        ((0.1, 0.9, 0.0), "mask"),
        ((0, 0.1, 0.9), "mask worn incorrectly"),
        ((0.5, 0.5, 0), "mask unsure"),
    ],
)
def test_masks_are_written_for_whom_they_are_switched_on(shares, line):
    mask = ClassEstimate(dict(zip(("none", "mask", "wrong"), shares, strict=True)))
    track = track_at(0, 0, 9, 9, estimates={"mask": mask})
    assert lines(track, view_of("mask")) == (line,)
    assert lines(track) == ()


@pytest.mark.parametrize(("share", "line"), [(0.9, "race asian"), (0.45, "race unsure")])
def test_race_is_written_for_whom_it_is_switched_on(share, line):
    race = ClassEstimate({"asian": share, "white": (1 - share) / 2, "other": (1 - share) / 2})
    track = track_at(0, 0, 9, 9, estimates={"sex": sex(0.1), "race": race})
    assert lines(track, view_of("race")) == (line,)
    assert lines(track) == ("male",)


def test_nothing_to_show_is_the_plain_picture():
    assert (draw([track_at(200, 200, 260, 280)], show="") == 128).all()
    assert (draw([]) == 128).all()


def test_a_box_is_a_thin_outline_in_the_persons_colour():
    drawn = draw([track_at(200, 200, 300, 330, id=2)], show="boxes")
    assert (drawn[265, 250] == 128).all(), "the face stays free"
    assert tuple(drawn[265, 200]) == colour_of(2)
    rows, columns = changed(drawn)
    assert 197 <= rows.min() <= rows.max() <= 333
    assert 197 <= columns.min() <= columns.max() <= 303


def test_the_first_persons_have_different_colours():
    assert len({colour_of(id) for id in range(1, len(COLOURS) + 1)}) == len(COLOURS)
    assert colour_of(1) == colour_of(len(COLOURS) + 1)


@pytest.mark.parametrize("ground", [0, 128, 255])
def test_letters_stand_out_on_any_ground(ground):
    rows, columns = changed(drawn := draw([track_at(300, 200, 400, 330)], show="emotion", ground=ground), ground)
    chip = drawn[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1].mean(axis=2)
    assert np.percentile(chip, 99) > 230
    assert np.median(chip) < 75


FACES_AT_THE_EDGES = [
    (-30, -30, 50, 60),
    (600, -20, 670, 60),
    (610, 440, 700, 520),
    (-40, 430, 30, 500),
    (0, 0, 640, 480),
]


@pytest.mark.parametrize("box", FACES_AT_THE_EDGES)
@pytest.mark.parametrize("show", ["boxes", "emotion", "ids,emotion,age,sex"])
def test_nothing_is_cut_off_at_the_edges(box, show):
    """A chip at the edge has as many changed pixels as in the middle, a box can be seen on every side."""
    side = box[2] - box[0], box[3] - box[1]
    middle = draw([track_at(280, 200, 280 + min(side[0], 90), 200 + min(side[1], 90))], show=show)
    at_edge = draw([track_at(*box)], show=show)
    if show == "boxes":
        rows, columns = changed(at_edge)
        assert len(set(rows)) > 10
        assert len(set(columns)) > 10
    else:
        assert np.ptp(changed(at_edge)[0]) >= np.ptp(changed(middle)[0]) - 1
        assert np.ptp(changed(at_edge)[1]) >= np.ptp(changed(middle)[1]) - 1


@pytest.mark.parametrize("size", [(1, 1), (8, 200), (40, 40)])
def test_pictures_smaller_than_a_chip_are_survived(size):
    assert draw([track_at(0, 0, 5, 5)], size=size).shape == (*size, 3)


def test_letters_grow_with_the_face():
    heights = [
        np.ptp(changed(draw([track_at(200, 200, 200 + side, 200 + side)], show="emotion"))[0]) for side in (40, 150)
    ]
    assert heights[1] > 1.3 * heights[0]


def test_chips_of_neighbours_do_not_cover_each_other():
    one, other = track_at(200, 200, 250, 260, id=1), track_at(255, 200, 305, 260, id=2)
    both = draw([one, other], show="emotion")
    alone = [draw([track], show="emotion") for track in (one, other)]
    assert (both != 128).any(axis=2).sum() >= sum((picture != 128).any(axis=2).sum() for picture in alone) * 0.98


def test_the_same_chip_is_drawn_once(monkeypatch):
    annotator, image = Annotator(ATTRIBUTES), np.zeros((480, 640, 3), np.uint8)
    annotator.draw(image, [track_at(200, 200, 260, 280)], DEFAULT_VIEW)
    monkeypatch.setattr("app.vision.drawing.label_chips.ImageDraw.Draw", None)
    annotator.draw(image, [track_at(220, 210, 280, 290)], DEFAULT_VIEW)


def test_drawing_a_face_costs_well_under_a_millisecond():
    annotator, image = Annotator(ATTRIBUTES), np.zeros((480, 640, 3), np.uint8)
    tracks = [track_at(200, 200, 260, 280)]
    annotator.draw(image, tracks, DEFAULT_VIEW)
    took_s = []
    for _ in range(20):
        started = time.thread_time()
        annotator.draw(image, tracks, DEFAULT_VIEW)
        took_s.append(time.thread_time() - started)
    assert min(took_s) < 0.002


def test_an_attribute_with_an_overlay_is_drawn_and_not_written():
    pose = {"head_pose": VectorEstimate({"yaw": 20.0, "pitch": 0.0, "roll": 0.0})}
    track = track_at(200, 200, 300, 330, estimates=pose)
    points = np.full((15, 2), (250, 265), np.float32)
    tracks = [replace(track, face=replace(track.face, points=points))]
    assert lines(tracks[0], view_of("head_pose")) == ()
    rows, columns = changed(draw(tracks, show="head_pose"))
    assert 200 < rows.min() < 265
    assert 200 < columns.min() < columns.max() < 300
    assert (draw(tracks, show="") == 128).all()
