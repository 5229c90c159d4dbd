"""What the tests of recording share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.recording.recorder_harness import RecorderHarness


@pytest.fixture
def harness(tmp_path: Path) -> Iterator[RecorderHarness]:
    harness = RecorderHarness(tmp_path)
    yield harness
    harness.worker.close()
