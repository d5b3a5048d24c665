"""Small projects to fix, and the harness of the rule pages for their examples."""

from __future__ import annotations

import sys
from pathlib import Path

for name in ("rules", "lint"):
    sys.path.append(str(Path(__file__).parents[1] / name))
