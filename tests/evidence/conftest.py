"""The harness of the rule pages builds and loads the mutants as well."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "rules"))
