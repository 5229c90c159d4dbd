"""The loop to beat finds faces, asks every network once a face, and reports its speed."""

import numpy as np
import pytest

from app.errors import CameraUnavailable
from app.vision.inference.face_crop import PatchSpec
from tests.support.training import encoded
from training.evaluation.baseline_loop import LEAST_FRAMES, WARM_UP_FRAMES, Network, classic_networks, measure, report

GRAY, COLOUR = PatchSpec(48, "gray", 1.14), PatchSpec(48, "rgb", 1.0)


class CountingNetworks:
    """Networks that count their calls."""

    def __init__(self):
        self.calls = {"emotion": [], "age": [], "sex": []}

    def networks(self):
        answers = {"emotion": np.eye(7)[:1], "age": np.array([[30.0]]), "sex": np.array([[0.9]])}

        def network(name, patch):
            def predict(patches):
                self.calls[name].append(patches.shape)
                return answers[name]

            return Network(patch, predict)

        return {"emotion": network("emotion", GRAY), "age": network("age", COLOUR), "sex": network("sex", COLOUR)}


@pytest.fixture
def portrait(tmp_path, astronaut):
    """A folder with one portrait that Haar finds once."""
    (tmp_path / "a.png").write_bytes(encoded(astronaut[:256, 80:400]))
    return str(tmp_path)


def test_every_face_asks_every_network_by_itself(portrait):
    counted = CountingNetworks()
    figures = measure(portrait, 0.01, counted.networks())
    assert figures["faces"] == 1
    assert (figures["width"], figures["height"]) == (320, 256)
    assert figures["fps"] > 0
    assert {len(calls) for calls in counted.calls.values()} == {len(counted.calls["age"])}
    assert len(counted.calls["age"]) >= LEAST_FRAMES + WARM_UP_FRAMES + 1
    assert set(counted.calls["emotion"]) == {(1, 48, 48, 1)}
    assert set(counted.calls["sex"]) == {(1, 48, 48, 3)}
    assert "320x256, 1.0 faces a frame" in report(figures, portrait)


def test_the_time_asked_for_is_kept(portrait):
    import time

    started_s = time.monotonic()
    measure(portrait, 0.5, CountingNetworks().networks())
    assert 0.5 <= time.monotonic() - started_s < 10


@pytest.mark.soak
def test_the_networks_are_the_classic_recipes():
    networks = classic_networks()
    said = {name: one.predict(np.zeros((1, *one.patch.shape), np.uint8)).shape for name, one in networks.items()}
    assert said == {"emotion": (1, 7), "age": (1, 1), "sex": (1, 1)}


def test_a_source_that_is_not_there_is_one_line(tmp_path):
    with pytest.raises((CameraUnavailable, ValueError)) as caught:
        measure(str(tmp_path / "none.mp4"), 0.1, CountingNetworks().networks())
    assert "\n" not in str(caught.value)
