"""Average precision against cases worked out by hand."""

import numpy as np
import pytest

from training.metrics.average_precision import average_precision

A, B, C = (0, 0, 10, 10), (20, 0, 30, 10), (40, 0, 50, 10)
NOWHERE = (70, 70, 80, 80)


def rows(*found):
    """Detections as (box, score)."""
    return np.array([(*box, score) for box, score in found], float).reshape(-1, 5)


def boxes(*true):
    return np.array(true, np.float32).reshape(-1, 4)


def scored(found, true, counted=None, overlap=0.5):
    """The curve of one picture."""
    counted = np.ones(len(true), bool) if counted is None else np.array(counted)
    return average_precision([found], [true], [counted], overlap)


def test_every_face_found_and_nothing_else_is_perfect():
    curve = scored(rows((A, 0.9), (B, 0.8)), boxes(A, B))
    assert curve.value == 1
    assert curve.recall.tolist() == [0.5, 1]
    assert curve.scores.tolist() == [0.9, 0.8]


def test_a_false_detection_costs_what_comes_after_it():
    """Right, false, right of three faces: 1/3 at precision 1, 1/3 at 2/3, the last is never found."""
    curve = scored(rows((A, 0.9), (NOWHERE, 0.8), (B, 0.7)), boxes(A, B, C))
    np.testing.assert_allclose(curve.precision, [1, 1 / 2, 2 / 3])
    assert curve.value == pytest.approx(1 / 3 + 1 / 3 * 2 / 3)


def test_a_false_detection_below_all_right_ones_costs_nothing():
    assert scored(rows((A, 0.9), (NOWHERE, 0.1)), boxes(A)).value == 1


def test_precision_is_the_best_that_a_larger_recall_has():
    """False, right, right: raised to 2/3 from the first face on."""
    curve = scored(rows((NOWHERE, 0.9), (A, 0.8), (B, 0.7)), boxes(A, B))
    np.testing.assert_allclose(curve.precision, [0, 1 / 2, 2 / 3])
    assert curve.value == pytest.approx(2 / 3)


def test_the_order_of_the_rows_does_not_matter():
    found = rows((B, 0.7), (A, 0.9), (NOWHERE, 0.8))
    assert scored(found, boxes(A, B, C)).value == pytest.approx(5 / 9)


def test_a_second_detection_of_a_face_is_false():
    curve = scored(rows((A, 0.9), (A, 0.8)), boxes(A))
    assert curve.at(0) == (1.0, 1)


def test_the_overlap_decides():
    near = (0, 0, 10, 4.5)  # 0.45 of A
    assert [scored(rows((near, 0.9)), boxes(A), overlap=least).value for least in (0.4, 0.5)] == [1, 0]


def test_the_face_that_is_overlapped_most_is_taken():
    """The surer one lies between both faces but nearer to the second, so the other finds the first still free."""
    left, right = (0, 0, 10, 10), (2, 0, 12, 10)
    curve = scored(rows(((1.5, 0, 11.5, 10), 0.9), (left, 0.8)), boxes(left, right))
    assert curve.value == 1


def test_boxes_that_do_not_count_are_neither_for_nor_against():
    curve = scored(rows((B, 0.9), (B, 0.85), (A, 0.8)), boxes(A, B), [True, False])
    assert curve.value == 1
    assert curve.scores.tolist() == [0.8], "detections of the other are dropped"


def test_a_counted_box_comes_before_one_that_is_not():
    shifted = (1, 0, 11, 10)
    curve = scored(rows((shifted, 0.9)), boxes(A, shifted), [True, False])
    assert curve.value == 1


def test_scores_are_compared_across_pictures():
    """The false one of the second picture is surer than the face of the first."""
    found, true = [rows((A, 0.5)), rows((NOWHERE, 0.9))], [boxes(A), boxes()]
    curve = average_precision(found, true, [np.ones(1, bool), np.ones(0, bool)], 0.5)
    assert curve.value == pytest.approx(0.5)
    assert curve.at(0.8) == (0.0, 1)
    assert curve.at(0.5) == (1.0, 1)


def test_pictures_without_detections_lower_the_recall():
    found, true = [rows(), rows((B, 0.9))], [boxes(A), boxes(B)]
    curve = average_precision(found, true, [np.ones(1, bool)] * 2, 0.5)
    assert curve.value == 0.5
    assert curve.at(0.95) == (0.0, 0)


def test_where_no_face_counts_there_is_no_figure():
    curve = scored(rows((A, 0.9)), boxes())
    assert np.isnan(curve.value)
    assert curve.at(0.5) == (0.0, 1)
    assert np.isnan(average_precision([], [], [], 0.4).value)
