"""The vision process on a computer that is busy: `python -m tests.support.processes.slow_process COST_FILE FD`.

COST_FILE holds the seconds that the work on each picture takes longer. The time over which the load is judged is
shorter than usual, so that no test waits long.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path

WINDOW_S = 0.3


def main(cost: Path, descriptor: int) -> None:
    from app.domain import Frame, ViewOptions
    from app.vision.worker import adaptive_quality
    from app.vision.worker.__main__ import main as serve
    from app.vision.worker.pipeline import Pipeline
    from app.vision.worker.view_rendering import AnalyzedFrame

    analyze = Pipeline.analyze_for_views

    def slow_analyze(self: Pipeline, frame: Frame, views: Sequence[ViewOptions]) -> AnalyzedFrame:
        time.sleep(float(cost.read_text()))
        return analyze(self, frame, views)

    Pipeline.analyze_for_views = slow_analyze  # type: ignore[method-assign]
    adaptive_quality.WINDOW_S = WINDOW_S
    serve(descriptor)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
