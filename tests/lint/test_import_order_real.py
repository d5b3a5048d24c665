"""What an extension may import while nequip loads it: said by NQ212, and by `import nequip` beside it."""

from __future__ import annotations

import importlib.util
import os
import random
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from lint_support import write
from warm import warm_python

from nequip_lint.engine.run import check
from nequip_lint.engine.selection import Selection
from nequip_lint.project.assemble import Request

if TYPE_CHECKING:
    from collections.abc import Iterator

pytest.importorskip("nequip", reason="nequip is not installed")

EXTENSION = {
    "pyproject.toml": '[project]\nname = "ext"\nversion = "1"\ndependencies = ["nequip", "nequip-allegro"]\n'
    '[project.entry-points."nequip.extension"]\ninit_always = "ext"\n',
    "ext-1.dist-info/METADATA": "Metadata-Version: 2.1\nName: ext\nVersion: 1\n",
    "ext-1.dist-info/entry_points.txt": "[nequip.extension]\ninit_always = ext\n",
}
SAMPLE = 12


def modules() -> Iterator[str]:
    """All modules of nequip and allegro, none of which is imported for it."""
    for top in ("nequip", "allegro"):
        spec = importlib.util.find_spec(top)
        for place in spec.submodule_search_locations or () if spec is not None else ():
            for path in sorted(Path(place).rglob("*.py")):
                parts = path.relative_to(Path(place).parent).with_suffix("").parts
                yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def wrong(module: str, folder: Path) -> str:
    """What is said wrongly of an extension that imports a module; '' where nothing is.

    An import that ends for want of a library does not show what it would come to beyond that.
    """
    write(folder, {**EXTENSION, "ext/__init__.py": f"import {module}\n"})
    request = Request((folder,), Path(sys.prefix), cache=False)
    said = bool(check(request, Selection(("NQ212",))).findings)
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    done = warm_python("-c", "import nequip", cwd=folder.parent, env=environment)
    lines = done.stderr.strip().splitlines() or [""]
    if lines[-1].startswith("ModuleNotFoundError"):
        return ""
    return "" if said == ("partially initialized module" in lines[-1]) else f"{module}: {said}, {lines[-1]}"


@pytest.mark.real
def test_some_modules(tmp_path: Path, seed: int) -> None:
    for module in random.Random(seed).sample([*modules()], SAMPLE):
        assert not wrong(module, tmp_path / module)


@pytest.mark.real
@pytest.mark.matrix
def test_every_module(tmp_path: Path) -> None:
    found = [wrong(module, tmp_path / module) for module in modules()]
    assert len(found) > 150
    assert [*filter(None, found)] == []
