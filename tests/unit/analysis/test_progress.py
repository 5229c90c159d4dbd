"""The progress line and the summary."""

import io

import pytest

from app.analysis.batch.command import ProgressLine, parse_interval
from app.analysis.batch.manifest import Outcome
from app.analysis.batch.progress import Progress, duration_text, summarize


class Clock:
    now_s = 0.0

    def __call__(self):
        return self.now_s


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_the_line_has_count_rate_time_left_and_failures():
    clock = Clock()
    progress = Progress(345, 1_000_000, 3, clock, 0.0)
    assert progress.line() == "345 of 1,000,000, 3 unreadable"
    progress.done, progress.finished_now, clock.now_s = 12_345, 12_000, 56.07
    assert progress.line() == "12,345 of 1,000,000, 214/s, 1 h 16 min left, 3 unreadable"
    progress.count(Outcome(reason="missing"))
    assert progress.line().startswith("12,346 of ")
    assert progress.line().endswith("4 unreadable")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (59.4, "59 s"), (60, "1 min"), (3599, "59 min"), (4500, "1 h 15 min"), (273_600, "3 d 4 h")],
)
def test_durations(seconds, text):
    assert duration_text(seconds) == text


def test_the_summary_counts_faces_people_and_reasons():
    rows = [
        {"files": 2, "pictures": 2, "faces": 2, "people": {"happy": 1}, "reason": None},
        {"files": 1, "pictures": 90, "faces": 180, "people": {"sad": 3, "happy": 1}, "reason": None},
        {"files": 3, "pictures": 0, "faces": 0, "people": {}, "reason": "missing"},
    ]
    summary = summarize(rows, "emotion")
    assert summary.text() == (
        "6 files, 92 pictures and frames, 182 faces\nPeople by emotion: happy 3, sad 3\nUnreadable files: missing 3"
    )
    assert not summary.failed
    assert summarize(rows[2:], "emotion").failed


def test_a_terminal_gets_one_line_that_is_replaced_and_a_log_few_lines():
    for stream, period_s in ((Terminal(), 0.5), (io.StringIO(), 30.0)):
        clock = Clock()
        line = ProgressLine(stream, clock)
        progress = Progress(0, 9, 0, clock, 0.0)
        for _ in range(3):
            line.update(progress)
            clock.now_s += 0.6 * period_s
            progress.count(Outcome())
        line.finish("All done")
        shown = stream.getvalue()
        assert shown.count(" of 9") == 3, "at the start, after one period and at the end"
        assert shown.endswith("\nAll done\n")
        assert ("\r" in shown) == stream.isatty()


@pytest.mark.parametrize(("text", "seconds"), [("0.5s", 0.5), ("500ms", 0.5), ("2min", 120), ("3", 3)])
def test_intervals(text, seconds):
    assert parse_interval(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["", "0s", "-1s", "often", "5h", "1.2.3s"])
def test_what_is_no_interval_is_refused(text):
    with pytest.raises(ValueError, match="could not|is no interval"):
        parse_interval(text)
