import time
from dataclasses import replace

import numpy as np
import pytest

from app.attributes.attribute_set import AttributeSet
from app.attributes.estimate import ClassEstimate, NumberEstimate, VectorEstimate
from app.domain import Box, Face, PictureSize, Track, ViewOptions
from app.vision.drawing.annotate import COLOURS, Annotator, colour_of
from app.vision.drawing.label_chips import ChipCache
from app.vision.drawing.label_layout import Form
from app.vision.drawing.label_text import lines_of

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


def forms(annotator, tracks, now_s=0.0, view=DEFAULT_VIEW, size=(480, 640)):
    placed = annotator.place_labels(np.zeros((*size, 3), np.uint8), tracks, view, now_s)
    return {label.id: label.form for label in placed}


def row_of(count):
    return [track_at(100 * number, 200, 100 * number + 60, 280, id=number + 1) for number in range(count)]


def test_above_six_faces_labels_are_dots_with_the_id():
    annotator = Annotator(ATTRIBUTES)
    assert set(forms(annotator, row_of(6), size=(480, 800)).values()) == {Form.FULL}
    annotator.reset()
    assert set(forms(annotator, row_of(7), size=(480, 800)).values()) == {Form.DOT}
    copies = Annotator(ATTRIBUTES, max_chips=None)
    assert Form.FULL in forms(copies, row_of(7), size=(480, 800)).values()


def test_a_seventh_face_for_a_moment_changes_no_label():
    annotator = Annotator(ATTRIBUTES)
    for now_s, count, form in ((0, 6, Form.FULL), (0.1, 7, Form.FULL), (0.3, 6, Form.FULL), (1.0, 7, Form.FULL)):
        assert forms(annotator, row_of(count), now_s, size=(480, 800))[1] is form
    assert set(forms(annotator, row_of(7), 1.6, size=(480, 800)).values()) == {Form.DOT}
    assert forms(annotator, row_of(6), 1.7, size=(480, 800))[1] is Form.DOT
    assert forms(annotator, row_of(6), 2.8, size=(480, 800))[1] is Form.FULL


def test_a_small_face_has_a_dot_until_it_is_clearly_larger():
    annotator = Annotator(ATTRIBUTES)
    widths = (30, 23, 26, 30)
    seen = [forms(annotator, [track_at(200, 200, 200 + width, 240)], now_s)[1] for now_s, width in enumerate(widths)]
    assert seen == [Form.FULL, Form.DOT, Form.DOT, Form.FULL]


@pytest.mark.parametrize(
    ("size", "shape", "shown_px"),
    [
        ("small", (480, 640), 390),
        ("small", (1440, 1920), 390),
        ("medium", (480, 640), 640),
        ("large", (960, 1280), 960),
    ],
)
def test_letters_are_readable_at_the_size_of_the_view(size, shape, shown_px):
    view = ViewOptions(ATTRIBUTES.default_show, PictureSize(size))
    track = track_at(200, 200, 200 + shape[1] / 12, 200 + shape[1] / 10)
    placed = Annotator(ATTRIBUTES).place_labels(np.zeros((*shape, 3), np.uint8), [track], view)
    assert placed[0].form is Form.FULL
    assert 12.5 <= placed[0].letter_px * shown_px / shape[1] <= 15


def test_letters_keep_their_size_while_a_face_changes_a_little():
    annotator, image = Annotator(ATTRIBUTES), np.zeros((480, 640, 3), np.uint8)
    sizes = {
        annotator.place_labels(image, [track_at(200, 150, 320 + wobble, 300)], DEFAULT_VIEW)[0].letter_px
        for wobble in (0, 4, -4, 6, 0)
    }
    assert len(sizes) == 1


def test_a_view_in_korean_has_korean_labels():
    view = replace(DEFAULT_VIEW, language="ko")
    placed = Annotator(ATTRIBUTES).place_labels(np.zeros((480, 640, 3), np.uint8), [track_at(200, 200, 260, 280)], view)
    assert placed[0].lines == ("행복 85%", "34세, 여성")


def test_a_chip_keeps_its_width_while_digits_change():
    chips = ChipCache()
    assert len({chips.size((f"Happy {share}%", "34 years"), 16) for share in range(10, 100)}) == 1
    widest = max(chips.size((digit,), 16) for digit in "0123456789")
    assert chips.size(("0",), 16) == widest


@pytest.mark.parametrize("is_dot", [False, True])
def test_the_size_of_a_chip_is_known_before_it_is_rendered(is_dot):
    chips = ChipCache()
    for lines in (("7",), ("Happy 85%", "34 years"), ("행복 + 놀람", "34세, 여성", "마스크 없음")):
        chip = chips.chip(lines, 17, COLOURS[0], is_dot=is_dot)
        assert (chip.width, chip.height) == chips.size(lines, 17, is_dot=is_dot)


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
