"""The card of the example in docs/attributes.md."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

ATTRIBUTES_DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "attributes.md"


def documented_card() -> dict[str, Any]:
    (text,) = re.findall(r"```json card\n(.*?)```", ATTRIBUTES_DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    return dict(json.loads(text))
