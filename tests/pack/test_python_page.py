"""`docs/reference/python.md` has every public name."""

from __future__ import annotations

import re
from pathlib import Path

import nequip_pack

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "python.md"
APART = {"ase.PackageCalculator", "train.Rehearsal", "pytest_plugin.rehearse"}
"""What needs other libraries, so that `nequip_pack` itself does not give it."""


def test_every_public_name_is_on_the_page() -> None:
    shown = re.findall(r"auto(?:class|function):: nequip_pack\.([\w.]+)", PAGE.read_text(encoding="utf-8"))
    apart = set(shown) & APART
    assert apart == APART
    names = {name.rpartition(".")[2] for name in set(shown) - APART}
    assert names == set(nequip_pack.__all__) - {"__version__"}
