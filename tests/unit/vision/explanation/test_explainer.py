import threading

import numpy as np
import pytest

from app.attributes.estimate import UNSURE, ClassEstimate
from app.attributes.face_geometry import MEAN_FACE_MM
from app.attributes.output_head import Head
from app.domain import Box, Face, Track
from app.vision.attributes.neutral_face import NeutralFaces
from app.vision.explanation.explainer import NOT_READ, Explainer
from app.vision.inference.face_crop import PatchSpec
from app.vision.inference.model_card import ModelCard
from tests.support.fakes import LABELS, make_explanation

HEADS = (Head("emotion", "classes", LABELS), Head("age", "number", ()))
POINTS = (np.array(MEAN_FACE_MM)[:, :2] + (200, 160)).astype(np.float32)
HAPPY = LABELS.index("happy")


@pytest.fixture
def card(tmp_path):
    return ModelCard("emotion", "Emotion", PatchSpec(48, "gray", 1.14), HEADS, {}, tmp_path)


class BrightMouth:
    """A network to which the brightness of the lower part of the patch is happiness; it waits for `gate`."""

    def __init__(self, gate=None):
        self.gate, self.runs = gate, []

    def predict_patches(self, patches):
        if self.gate:
            self.gate.wait(5)
        self.runs.append(len(patches))
        logits = np.zeros((len(patches), len(LABELS) + 1), np.float32)
        logits[:, HAPPY] = 5 * (patches[:, 32:] > 200).mean((1, 2, 3)) / 0.1
        return logits


class Predicts:
    """The part of a `Predictor` that an explainer asks for."""

    def __init__(self, card):
        self.card = card


def image_with_smile():
    image = np.full((320, 400, 3), 100, np.uint8)
    image[205:222, 178:222] = 255
    return image


def track(label="happy", probabilities=None, person=1, detected=True, points=POINTS):
    face = Face(Box(130, 80, 270, 260), 0.9, points)
    read = dict.fromkeys(LABELS, 1 / 7) if probabilities is None else probabilities
    return Track(person, face, {"emotion": ClassEstimate(read or None, label)}, detected)


class Harness:
    def __init__(self, card, network=None):
        self.sent, self.network, self.answered = [], network or BrightMouth(), threading.Event()
        self.explainer = Explainer([Predicts(card)], NeutralFaces(), self.send, lambda _: self.network)

    def send(self, message):
        self.sent.append(message)
        self.answered.set()

    def ask(self, tracks, attribute="emotion", person=1):
        self.answered.clear()
        self.explainer.request({"request": 7, "person": person, "attribute": attribute})
        self.explainer.update(image_with_smile(), tracks)

    def answer(self):
        assert self.answered.wait(5)
        return self.sent[-1]


def test_a_planted_smile_is_found_at_the_mouth(card):
    harness = Harness(card)
    harness.ask([track("surprise", person=2), track()])
    answer = harness.answer()
    body = answer.body
    assert (answer.type, body["request"], body["person"], body["attribute"]) == ("explanation", 7, 1, "emotion")
    assert (body["label"], body["unsure"], body["shape"]) == ("happy", False, [48, 48, 1])
    assert body.keys() - {"request"} == make_explanation()[0].keys()
    assert max(body["regions"], key=body["regions"].get) == "mouth"
    row, _ = np.unravel_index(np.argmax(body["falls"]), (8, 8))
    assert row >= 5
    patch = np.frombuffer(answer.parts[0], np.uint8).reshape(body["shape"])
    assert patch[36:].max() > 240 > 120 > patch[:30].max()


def test_the_work_of_a_request_is_bounded(card):
    harness = Harness(card)
    harness.ask([track()])
    harness.answer()
    assert harness.network.runs == [75]


def test_the_likeliest_label_stands_for_an_unsure_one(card):
    harness = Harness(card)
    harness.ask([track(UNSURE)])
    assert (harness.answer().body["label"], harness.answer().body["unsure"]) == ("happy", True)


def test_another_label_than_the_likeliest_is_explained_if_it_is_the_one_shown(card):
    harness = Harness(card)
    harness.ask([track("sad")])
    body = harness.answer().body
    assert (body["label"], body["likeliest"]) == ("sad", "happy")
    assert body["regions"]["mouth"] < 0 == body["regions"]["brows"], "the smile speaks against it"


def test_a_face_without_landmarks_has_no_regions(card):
    harness = Harness(card)
    harness.ask([track(points=None)])
    assert harness.answer().body["regions"] == {}


@pytest.mark.parametrize(
    ("tracks", "attribute", "reason"),
    [
        ([track(person=2)], "emotion", "person 1 is not in view any more"),
        ([track(probabilities={})], "emotion", NOT_READ),
        ([track()], "age", NOT_READ),
        ([track()], "nothing", NOT_READ),
    ],
)
def test_what_cannot_be_explained_is_refused_in_one_line(card, tracks, attribute, reason):
    harness = Harness(card)
    harness.ask(tracks, attribute)
    assert dict(harness.answer().body) == {"request": 7, "error": reason}


def test_a_face_at_a_predicted_position_waits_for_the_next_frame(card):
    harness = Harness(card)
    harness.ask([track(detected=False)])
    assert harness.sent == []
    harness.explainer.update(image_with_smile(), [track()])
    assert harness.answer().body["label"] == "happy"


def test_a_second_request_waits_until_the_network_is_free_and_frames_go_on(card):
    gate = threading.Event()
    harness = Harness(card, BrightMouth(gate))
    harness.ask([track()])
    harness.ask([track()])  # returns at once, although the network does not
    assert harness.network.runs == []
    gate.set()
    harness.answer()
    harness.explainer._thread.join(5)
    harness.answered.clear()
    harness.explainer.update(image_with_smile(), [track()])
    harness.answer()
    assert harness.network.runs == [75, 75]


def test_nothing_happens_without_a_request(card):
    harness = Harness(card)
    harness.explainer.update(image_with_smile(), [track()])
    assert harness.explainer._thread is None
