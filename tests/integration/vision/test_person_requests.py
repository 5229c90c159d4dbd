"""Requests about single people, answered by the real vision process with the served networks, on the still demo."""

import numpy as np
import pytest

from app.settings import Settings
from tests.support.vision import Watched

SERVED_SOURCE = "demo:still"


@pytest.fixture(scope="module")
def watched():
    one = Watched(Settings(source=SERVED_SOURCE, fps=15.0))
    yield one
    one.link.close()


def emotion(face):
    return face.estimates["emotion"].probabilities


def of_person(result, person):
    return next((face for face in result.faces if face.id == person), None)


def test_the_network_reacts_to_a_part_of_the_face_and_frames_go_on(watched):
    person = watched.frame(lambda result: any(emotion(face) for face in result.faces)).faces[0].id
    watched.link.send("explain", {"request": 1, "person": person, "attribute": "emotion"})
    answer = watched.until("explanation")
    body, falls = answer.body, np.array(answer.body["falls"])
    assert (body["request"], body["person"], body["shape"]) == (1, person, [48, 48, 1])
    patch = np.frombuffer(answer.parts[0], np.uint8)
    assert len(patch) == 48 * 48
    assert patch.std() > 20
    assert falls.shape == (8, 8)
    assert np.abs(falls).max() > 0.005
    assert set(body["regions"]) == {"brows", "eyes", "nose", "mouth"}
    assert watched.frame().faces

    watched.link.send("explain", {"request": 2, "person": 999, "attribute": "emotion"})
    assert watched.until("explanation").body == {"request": 2, "error": "person 999 is not in view any more"}


def test_a_neutral_face_corrects_the_person_and_nobody_else_until_it_is_forgotten(watched):
    before = watched.frame(lambda result: len(result.faces) > 1 and all(map(emotion, result.faces)))
    person, other = before.faces[0].id, before.faces[1].id
    watched.link.send("measure_neutral_face", {"person": person})
    watched.frame(lambda result: of_person(result, person).neutral_face == "measuring")
    applied = watched.frame(lambda result: of_person(result, person).neutral_face == "applied")
    corrected = watched.frame(lambda result: result.time_s > applied.time_s + 1.5)
    label = max(emotion(before.faces[0]), key=emotion(before.faces[0]).get)
    assert emotion(of_person(corrected, person))[label] < emotion(before.faces[0])[label] - 0.02
    assert of_person(corrected, other).neutral_face is None
    assert emotion(of_person(corrected, other)) == pytest.approx(emotion(before.faces[1]), abs=0.05)

    watched.link.send("forget_neutral_face", {"person": person})
    forgotten = watched.frame(lambda result: of_person(result, person).neutral_face is None)
    again = watched.frame(lambda result: result.time_s > forgotten.time_s + 1.5)
    assert emotion(of_person(again, person)) == pytest.approx(emotion(before.faces[0]), abs=0.05)
