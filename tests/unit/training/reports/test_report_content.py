"""What each report shows, read from its HTML."""

from __future__ import annotations

import pytest

from tests.support import reports
from tests.support.report_page import ReportPage
from training.reports.comparison import comparison_context, run_names
from training.reports.detectors import detectors_context
from training.reports.explore import explore_context
from training.reports.faces import faces_context
from training.reports.geometry import geometry_context
from training.reports.pipeline import pipeline_context
from training.reports.render import render


@pytest.fixture(scope="module")
def faces() -> ReportPage:
    return ReportPage(render("faces", faces_context(reports.faces_report(), "utkface test")))


def test_faces_show_headlines_confusions_and_classes(faces: ReportPage) -> None:
    assert "Scored on utkface test." in faces.text
    for heading in ("Age: predicted and true", "Perceived sex: confusion matrix", "Landmarks: error by landmark"):
        assert heading in faces.headings
    assert "sex: accuracy75.0%" in faces.text
    assert "mean absolute error5.00 years" in faces.text
    # Of 40 faces labelled male, the last 10 are predicted as female.
    assert faces.row("male (40)") == ["75% 30", "25% 10"]
    by_class = next(table for table in faces.tables if "precision" in table[0])
    assert by_class[1] == ["male", "75.0%", "75.0%", "75.0%", "40"]
    assert "10 of male predicted as female" not in faces.text, "a tooltip"


def test_faces_show_whether_confidence_is_reliable(faces: ReportPage) -> None:
    assert "Perceived sex: is its confidence reliable?" in faces.headings
    # Each prediction has a probability of 90 %, and 75 % of them are right.
    assert "confidence exceeds accuracy by 15.0 points" in " ".join(faces.text.split())
    assert "confidence 90%, accuracy 75%, 80 predictions" in faces.tooltips
    assert any("90%: 75%" in text for text in faces.plots)


def test_faces_show_ages_groups_and_sources(faces: ReportPage) -> None:
    assert "20-29 years (40 faces): +1.0 years; 60-69 years (40 faces): -9.0 years" in faces.plots
    assert any(text.startswith("40 faces of 24-27 years, predicted as 24-27") for text in faces.tooltips)
    assert faces.row("everybody")[:2] == ["1.0 years 40", "9.0 years 40"]
    assert "accuracy by source" in " ".join(faces.headings)
    assert faces.row("studio") == ["100.0%", "40"]
    assert faces.row("street") == ["0.0%", "40"]


def test_faces_show_the_largest_errors(faces: ReportPage) -> None:
    # 24 of 40 wrong ages, 20 wrong sexes, 24 of 40 wrong masks and 24 of 80 landmarks.
    assert faces.images.count("a face with a wrong prediction") == 24 + 20 + 24 + 24
    assert faces.images.count("a face chosen at random") == 4 * 12
    assert "56 years, labelled 65" in faces.text
    assert "On the split" not in faces.text


def test_a_note_is_repeated_at_the_figures_it_limits() -> None:
    page = ReportPage(render("faces", faces_context(reports.faces_report("valid is the split"), "utkface valid")))
    assert "valid is the split." in page.text
    assert page.text.count("On the validation split") == 4 + 4 + 1


def test_explore_shows_counts_balance_and_duplicates() -> None:
    page = ReportPage(render("explore", explore_context(reports.findings())))
    text = " ".join(page.text.split())
    assert "8 → 4" in text
    rows = [row for table in page.tables for row in table]
    assert ["", "training", "validation", "test"] in rows
    assert ["white", "5", "0", "1"] in rows
    assert ["white", "4", "2", "33.3%"] in rows
    assert ["male", "8", "4", "0.750"] in rows
    assert ["female", "4", "4", "1.500"] in rows
    assert "drops 4." in text
    assert "Age in years: 20 to 42, median 31" in page.headings
    assert page.row("age 20 or 22") == ["0 = 1"]
    assert "1 group of identical images has different labels: age." in text
    assert "1 group of identical images has the same labels." in text
    assert page.images.count("a face that occurs more than once") == 2
    assert [text for text in page.tooltips if text.startswith("20: ")] == ["20: 1", "20: 1"], "all and kept"


def test_geometry_shows_distances_shapes_and_findings() -> None:
    page = ReportPage(render("geometry", geometry_context(reports.geometry())))
    assert page.images == [], "no image of the set"
    assert page.tooltips.count("nose tip") == 2
    raw_eyes_nose, raw_nose_lip, eyes_to_nose, nose_to_mouth = page.plots[:4]
    assert "happy: 0.9" in raw_eyes_nose, "0.71 and 0.78 eye distances"
    assert "happy: 1.000" in raw_nose_lip
    assert "happy: 0.8" in eyes_to_nose
    assert "happy: 1.000" in nose_to_mouth
    assert "eyes to nose is largest for neutral and smallest for happy." in page.text
    assert "the mean neutral face" in page.text
    assert page.headings.count("Published results and this set") == 1


def test_detectors_show_figures_curves_and_mistakes() -> None:
    page = ReportPage(render("detectors", detectors_context(reports.detector_comparison(), "scenes")))
    assert page.row("average precision") == ["0.500", "0.000"]
    assert page.row("false detections per image, at the app's threshold") == ["0.500", "0.000"]
    assert page.row("milliseconds per image") == ["2.0", "2.0"]
    assert "own, as used by the app" in page.tooltips
    assert any("own as used by the app: recall 50%, precision 50%" in text for text in page.plots)
    assert page.images == ["an image with a mistake"] * 2
    assert "1 of 2: a.jpg" in page.text
    assert "0.80: <script" in page.text


def test_pipeline_shows_added_error_in_words() -> None:
    page = ReportPage(render("pipeline", pipeline_context(reports.pipeline_report(), "utkface")))
    text = " ".join(page.text.split())
    assert "Error added by the full pipeline" in page.headings
    assert "Full pipeline compared with the original images: better by 1.00 years" in text
    assert "Effect of the pasting alone: better by 0.67 years." in text
    assert "Full pipeline compared with the original images: worse by 33.3 points" in text
    assert "Effect of the pasting alone: no difference." in text
    assert page.row("original image") == ["4.00 years"]
    assert "detected75.0%" in text
    assert "60-120 px: 0.000 (0.000 to 0.793)" in page.plots[0]
    assert "Missed: 1 face" in page.headings
    assert page.images == ["a frame with a pasted face"] * (1 + 1 + 1)
    assert "45 years, labelled 40; original image: 44 years, labelled 40" in text


def test_comparison_shades_the_better_run_and_draws_curves() -> None:
    runs = reports.run_summaries()
    assert run_names(runs)[:2] == ["run (1)", "run (2)"]
    page = ReportPage(render("comparison", comparison_context(runs)))
    assert page.row("accuracy") == ["50.0% 40.0% to 60.0%", "75.0% 40.0% to 60.0%", ""]
    assert page.row("sex: accuracy") == ["", "", "90.0%"]
    assert page.row("run (1)") == ["emotion-cnn", "20", "2", "2", "bfloat16", ""]
    assert page.images == [], "no image of a set"
    assert "emotion-cnn: validation loss by epoch: run (1) from 1.5 to 1.25; run (2) from 1.5 to 1.5" in page.plots
    assert page.text.count("valid was used to choose the epoch.") == 1
