"""Scores in words and numbers, by kind of score: classes, ages or landmarks."""

from __future__ import annotations

from training.metrics.age_scores import CLOSE_YEARS
from training.metrics.scores import Scores

# Mean errors that are shaded fully; worse ones are shaded alike.
BAD_ERROR_YEARS, BAD_ERROR_RATE = 15, 0.5

# A figure that must be known, the name of the headline, and its text from all figures.
HEADLINES = (
    ("mae_years", "mean absolute error", "{mae_years:.2f} years"),
    ("rmse_years", "root mean square error", "{rmse_years:.2f}"),
    ("bias_years", "bias", "{bias_years:+.2f}"),
    ("mae_years", f"within {CLOSE_YEARS} years", f"{{share_within_{CLOSE_YEARS}_years:.1%}}"),
    ("rmse_px96", "RMSE at 96 px", "{rmse_px96:.2f} px"),
    ("nme", "error / eye distance", "{nme:.2%}"),
    ("accuracy", "accuracy", "{accuracy:.1%}"),
    ("accuracy", "95 % interval", "{accuracy_low:.1%} to {accuracy_high:.1%}"),
    ("balanced_accuracy", "balanced accuracy", "{balanced_accuracy:.1%}"),
    ("ece", "calibration error", "{ece:.3f}"),
    ("nll", "log loss (nats)", "{nll:.3f}"),
    ("brier", "Brier score", "{brier:.3f}"),
)


def headline_figures(scores: Scores) -> dict[str, str]:
    """Return the figures of an attribute that stand at the top of a report, by name."""
    prefix = getattr(scores, "prefix", "")
    figures = {name.removeprefix(prefix): value for name, value in scores.figures.items()}
    named = {name: text.format(**figures) for figure, name, text in HEADLINES if figure in figures}
    return {(f"{scores.attribute}: {name}" if prefix else name): text for name, text in named.items()}


def format_figure(scores: Scores, value: float) -> str:
    """Return an accuracy as per cent, or a mean error in years."""
    return f"{value:.1f} years" if _in_years(scores) else f"{value:.0%}"


def format_error(scores: Scores, error: float) -> str:
    """Return a mean error in years, or a share of wrong predictions as the accuracy it leaves."""
    return f"{error:.2f} years" if _in_years(scores) else f"{1 - error:.1%}"


def format_error_change(scores: Scores, change: float) -> str:
    """Return a difference of errors in words: "worse by 0.12 years", "better by 0.3 points"."""
    if change == 0:
        return "no difference"
    amount = signed_error(scores, abs(change)).removeprefix("+")
    return f"{'worse' if change > 0 else 'better'} by {amount}"


def signed_error(scores: Scores, change: float) -> str:
    """Return a difference of errors in years or in percentage points, with its sign."""
    return f"{change:+.2f} years" if _in_years(scores) else f"{100 * change:+.1f} points"


def error_shading(scores: Scores, value: float) -> float:
    """Return how strongly to shade an accuracy, or a mean error in years: 0 is perfect, 1 is bad."""
    return min(1.0, value / BAD_ERROR_YEARS if _in_years(scores) else (1 - value) / BAD_ERROR_RATE)


def _in_years(scores: Scores) -> bool:
    return scores.attribute == "age"
