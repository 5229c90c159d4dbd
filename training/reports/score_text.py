"""Scores in words and numbers, by kind of score: classes, ages or landmarks."""

from __future__ import annotations

from functools import singledispatch

from training.metrics.results import CLOSE_YEARS, AgeScores, ClassScores, LandmarkScores, Scores

# Mean errors that are shaded fully; worse ones are shaded alike.
BAD_ERROR_YEARS, BAD_ERROR_RATE = 15, 0.5
ATTRIBUTE_NAMES = {"sex": "Perceived sex", "race": "Race label"}


def attribute_name(attribute: str) -> str:
    """Return the name of an attribute for a heading."""
    return ATTRIBUTE_NAMES.get(attribute, attribute.capitalize())


@singledispatch
def headline_figures(scores: Scores) -> dict[str, str]:
    """The figures of an attribute at the top of a report."""
    raise TypeError(type(scores))


@headline_figures.register
def _(scores: AgeScores) -> dict[str, str]:
    figures = scores.figures
    return {
        "mean absolute error": f"{figures['mae_years']:.2f} years",
        "root mean square error": f"{figures['rmse_years']:.2f}",
        "bias": f"{figures['bias_years']:+.2f}",
        f"within {CLOSE_YEARS} years": f"{figures[f'share_within_{CLOSE_YEARS}_years']:.1%}",
    }


@headline_figures.register
def _(scores: LandmarkScores) -> dict[str, str]:
    figures = scores.figures
    return {"RMSE at 96 px": f"{figures['rmse_px96']:.2f} px", "error / eye distance": f"{figures['nme']:.2%}"}


@headline_figures.register
def _(scores: ClassScores) -> dict[str, str]:
    of = {name.removeprefix(scores.prefix): value for name, value in scores.figures.items()}
    figures = {
        "accuracy": f"{of['accuracy']:.1%}",
        "95 % interval": f"{of['accuracy_low']:.1%} to {of['accuracy_high']:.1%}",
        "balanced accuracy": f"{of['balanced_accuracy']:.1%}",
        "calibration error": f"{of['ece']:.3f}",
        "log loss (nats)": f"{of['nll']:.3f}",
        "Brier score": f"{of['brier']:.3f}",
    }
    return {(f"{scores.attribute}: {name}" if scores.prefix else name): text for name, text in figures.items()}


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
