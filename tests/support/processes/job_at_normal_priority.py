"""The process of a job without its low priority: beside other tests it would hardly get any processor time."""

from __future__ import annotations

import sys
from pathlib import Path

from app.analysis.service import job_process

if __name__ == "__main__":
    job_process.NICENESS = 0
    job_process.main(int(sys.argv[1]), Path(sys.argv[2]))
