"""Two hundred broken pictures and videos: no crash, and of each it is said what became of it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

from app.paths import PROJECT
from tests.support.mutated_files import make_mutated

COUNT = 200
MOST_MEGABYTES = 1500
# The command itself, and then the most memory that it used.
PROGRAM = """
import atexit, resource, sys
atexit.register(lambda: print("kilobytes", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr))
from app.cli import cli
cli()
"""


def test_every_broken_file_is_reported_and_none_crashes_or_fills_the_memory(tmp_path: Path, models_dir: Path):
    folder = tmp_path / "broken"
    folder.mkdir()
    files = make_mutated(folder, COUNT)
    assert len(files) == COUNT
    told = tmp_path / "told.json"
    options = ["--json", str(told), "--detector", "haar", "--models", str(models_dir)]
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, "analyze", str(folder), *options],
        capture_output=True,
        text=True,
        cwd=PROJECT,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert "Traceback" not in done.stderr
    megabytes = int(done.stderr.rpartition("kilobytes ")[2]) / 1024
    assert megabytes < MOST_MEGABYTES

    records = defaultdict(list)
    for record in json.loads(told.read_text()):
        records[Path(record["path"])].append(record)
    assert set(records) == set(files)
    errors = [record["error"] for entries in records.values() for record in entries if "error" in record]
    assert all("\n" not in error and "; " in error for error in errors)
    print(f"measured: {len(errors)} of {COUNT} refused or broken off, {megabytes:.0f} MB at most")
    assert len(errors) > COUNT / 3
    for file in [*folder.glob("empty.*"), *folder.glob("huge.*")]:
        assert "error" in records[file][0], f"{file.name} is empty or claims more than 10 GB"
