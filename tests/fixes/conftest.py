"""Small projects to fix, and the harnesses that build the examples of the pages and the mutants."""

from __future__ import annotations

import sys
from pathlib import Path

for name in ("rules", "lint", "evidence"):
    sys.path.append(str(Path(__file__).parents[1] / name))
