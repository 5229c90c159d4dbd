"""`make bench-batch` on a few pictures."""

import re

import pytest
from click.testing import CliRunner

from app.bench.batch.__main__ import main


@pytest.mark.soak
def test_speed_memory_and_live_view_are_measured():
    amounts = ["--pictures", "4", "--memory-pictures", "30", "--seconds", "3", "--rounds", "1"]
    result = CliRunner().invoke(main, [*amounts, "--part", "speed", "--part", "memory", "--part", "live"])
    assert result.exit_code == 0, result.output
    *speeds, memory, live, share = result.output.splitlines()
    rates = [float(re.search(r"([0-9.]+) pictures/s +[0-9]+ ms of a core each", line)[1]) for line in speeds]
    assert len(rates) == 4
    assert all(rate > 0 for rate in rates)
    assert re.search(r"memory over 30 pictures, 2 workers: [0-9]+ MB in the first tenth, [0-9]+ MB at most", memory)
    alone, beside = re.search(r"live view ([0-9.]+) frames/s alone, ([0-9.]+) beside a job", live).groups()
    assert min(float(alone), float(beside)) > 1
    assert "mean of 1 rounds" in share
