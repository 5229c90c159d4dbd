"""Limits of tests that measure times: the promised one where tests run one at a time, a wider one beside others."""

from __future__ import annotations

import os


def limit(promised: float, beside_others: float) -> float:
    """The promised limit (`docs/reliability.md`), or that for a worker of pytest-xdist, whose cores others use too."""
    return beside_others if "PYTEST_XDIST_WORKER" in os.environ else promised
