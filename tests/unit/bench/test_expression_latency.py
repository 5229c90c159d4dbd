from app.bench.expression_latency import measure_expression_latency
from app.bench.scenes.synthetic_scenes import crowd, expressions
from app.domain import Box, FaceResult
from tests.support.fakes import make_face, make_result

SCENE = expressions(2, every_s=1.0)


def results(*runs):
    """One for each label, as often as it is told."""
    labels = [label for label, times in runs for _ in range(times)]
    return [make_result(index, [make_face(1, label)] if label else []) for index, label in enumerate(labels)]


def test_the_time_to_the_label_that_stays_is_told():
    onset = measure_expression_latency(SCENE, results(("happy", 36), ("neutral", 27), ("sad", 3), ("happy", 24)))
    assert onset == {"changes": 2, "left_out": 0, "shown": 2, "p50_s": 0.2, "slowest_s": 0.2}


def test_a_change_to_the_same_label_to_doubt_or_to_nobody_counts_as_not_shown():
    for last in ("neutral", "unsure", None):
        onset = measure_expression_latency(SCENE, results(("happy", 39), ("neutral", 21), (last, 30)))
        assert onset == {"changes": 2, "left_out": 0, "shown": 1, "p50_s": 0.3, "slowest_s": 0.3}


def test_a_change_that_the_model_does_not_see_in_still_pictures_is_left_out():
    told = results(("happy", 36), ("neutral", 24), ("neutral", 30))
    for after in ({"neutral": 0.9}, {"sad": 0.5, "neutral": 0.4}, {}):
        onset = measure_expression_latency(
            SCENE, told, lambda after=after: [{"happy": 0.5, "sad": 0.3}, {"neutral": 0.7}, after]
        )
        assert onset == {"changes": 1, "left_out": 1, "shown": 1, "p50_s": 0.2, "slowest_s": 0.2}


def test_nothing_is_told_where_nothing_changes_or_is_read():
    assert measure_expression_latency(crowd(1), results(("happy", 90))) is None
    assert measure_expression_latency(crowd(4), results(("happy", 90))) is None
    without_emotion = FaceResult(1, Box(0, 0, 9, 9), 0.9)
    assert measure_expression_latency(SCENE, [make_result(index, [without_emotion]) for index in range(90)]) is None
