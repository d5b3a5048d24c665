"""Lets the tests here run the command, and read the trees of the rule pages."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path += [str(Path(__file__).parents[1] / folder) for folder in ("lint", "rules")]
