"""Modules of a package below others that it leaves to the target: torch.package loads no such package."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from nequip_lint.closure.packaged import Closure
from nequip_lint.machine.target import covering


class Clash(NamedTuple):
    """A module that is mocked or packaged, and the one above it that is external."""

    module: str
    action: str
    above: str


def clashes(closure: Closure) -> Iterator[Clash]:
    """Every such module; "inconsistent module structure" (`torch/package/package_importer.py`)."""
    external = frozenset(closure.of("extern"))
    for action in ("mock", "intern"):
        for module in closure.of(action):
            above = covering(external, module.rpartition(".")[0])
            if above:
                yield Clash(module, action, above)


def message(clash: Clash) -> str:
    """What happens to the model."""
    what = "mocked" if clash.action == "mock" else "packaged"
    return (
        f"the packaged model does not load (ImportError: inconsistent module structure): {clash.module} is "
        f"{what}, but {clash.above} above it is external, and packaged code imports both"
    )
