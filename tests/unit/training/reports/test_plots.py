"""Plots as SVG that is part of a page, and the tables and images beside them."""

from __future__ import annotations

import base64

import cv2
import numpy as np
import pytest
from matplotlib.figure import Figure

from training.metrics.predictions import ConfidenceBin
from training.reports import plots
from training.reports.images import PIXEL_RATIO, data_uri, draw_dots, square_thumbnail
from training.reports.svg import AFTER, color, inline_svg, tooltip
from training.reports.tables import ERROR, confusion_table, shading


@inline_svg
def line_plot(name: str) -> tuple[Figure, str]:
    figure = Figure((4, 3))
    figure.add_subplot().plot([0, 1], [0, 1], "o", color=color(AFTER), gid=tooltip(name))
    figure.axes[0].set_xlabel(name)
    return figure, name


def test_a_plot_is_part_of_the_page() -> None:
    svg = line_plot('a "b" <c> $d$ & e')
    assert svg.startswith("<svg ")
    assert 'aria-label="a &quot;b&quot; &lt;c&gt; $d$ &amp; e"' in svg
    assert '<title>a "b" &lt;c&gt; $d$ &amp; e</title>' in svg
    assert svg.count("$d$") == 3, "description, tooltip and label; no formula"
    assert 'viewBox="0 0 288 216"' in svg
    assert "max-width:384px" in svg
    for part in ("xmlns", "http", "font-family", "<metadata", "<style", "#0101"):
        assert part not in svg
    assert "fill: var(--after)" in svg


def test_plots_of_a_page_have_their_own_ids_and_are_reproducible() -> None:
    one, other = line_plot("one"), line_plot("other")
    assert one == line_plot("one")
    ids = [{part.split('"')[0] for part in svg.split(' id="')[1:]} for svg in (one, other)]
    assert ids[0]
    assert not ids[0] & ids[1]


def test_bars_show_their_values_and_intervals() -> None:
    svg = plots.interval_bars({"happy": (1.0, 0.9, 1.1), "sad": (0.5, 0.4, 0.6)})
    assert ">1.000</text>" in svg
    assert "95 % interval: 0.400 to 0.600" in svg
    signed = plots.signed_bars({"young": 1.25, "old": -3.0}, "years")
    assert ">+1.2 years</text>" in signed
    assert ">-3.0 years</text>" in signed


def test_a_histogram_shows_all_and_kept_images() -> None:
    svg = plots.age_histogram({20: 5, 30: 7}, {20: 3})
    assert [text in svg for text in ("<title>20: 5<", "<title>30: 7<", "<title>20: 3<")] == [True] * 3
    assert ">7 at 30</text>" in svg


def test_ages_beyond_the_scale_count_to_the_last_cell() -> None:
    svg = plots.age_density(np.array([103.0, 99.0]), np.array([110.0, 96.0]))
    assert svg.count("<title>") == 1
    assert "2 faces of 96-99 years, predicted as 96-99" in svg


def test_nothing_to_plot_is_an_empty_plot() -> None:
    assert "Reliability" in plots.reliability_diagram([])
    assert "Precision" in plots.precision_recall({"own": []}, {"own": None}, {"own": "series-1"})


def test_a_gap_in_a_curve_is_no_value() -> None:
    svg = plots.learning_curves({"a": [1.0, float("nan"), 2.0]}, {"a": "series-2"}, "loss")
    assert "nan" not in svg.partition(">")[2]
    assert "var(--series-2)" in svg


def test_a_dot_covers_the_share_of_predictions() -> None:
    svg = plots.reliability_diagram([ConfidenceBin(0.5, 0.4, 10), ConfidenceBin(0.9, 0.95, 1000)])
    assert "confidence 90%, accuracy 95%, 1,000 predictions" in svg


def test_shading_and_confusions() -> None:
    assert shading(0.9, [0.1, 0.9], True) == shading(0.1, [0.1, 0.9], False) > shading(0.9, [0.1, 0.9], False)
    table = confusion_table(["a", "b"], np.array([[3, 1], [0, 0]]))
    assert list(table.rows) == ["a (4)", "b (0)"]
    right, wrong = table.rows["a (4)"]
    assert (right.text, wrong.text, wrong.kinds) == ("75%", "25%", ERROR)
    assert right.strength > wrong.strength
    assert [cell.text for cell in table.rows["b (0)"]] == ["0%", "0%"]


def test_images_are_part_of_the_page() -> None:
    image = np.zeros((40, 60, 3), np.uint8)
    image[..., 0] = 200
    draw_dots(image, [(30, 20), (np.nan, 3)], (0, 255, 0))
    assert image[20, 30].tolist() == [0, 255, 0]
    thumbnail = square_thumbnail(image, 24)
    assert thumbnail.shape == (24 * PIXEL_RATIO, 24 * PIXEL_RATIO, 3)
    encoded = base64.b64decode(data_uri(thumbnail).removeprefix("data:image/jpeg;base64,"))
    decoded = cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_COLOR)
    assert decoded[0, 0].tolist() == pytest.approx([0, 0, 200], abs=8), "BGR"
