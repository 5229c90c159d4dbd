"""`make bench-batch` on a few pictures."""

import re

from click.testing import CliRunner

from app.bench.batch_rates import main


def test_speed_and_memory_are_measured():
    result = CliRunner().invoke(main, ["--pictures", "4", "--memory-pictures", "30"])
    assert result.exit_code == 0, result.output
    *speeds, memory = result.output.splitlines()
    rates = [float(re.search(r"([0-9.]+) pictures/s +[0-9]+ ms of a core each", line)[1]) for line in speeds]
    assert len(rates) == 4
    assert all(rate > 0 for rate in rates)
    assert re.search(r"memory over 30 pictures, 2 workers: [0-9]+ MB after a tenth, [0-9]+ MB at most", memory)
