"""The process that loads a package where the source that it was built from is installed and imported."""

from __future__ import annotations

import contextlib
import importlib
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from nequip_pack.fresh import answer, tensors

if TYPE_CHECKING:
    from collections.abc import Mapping


def examine(request: Mapping[str, Any]) -> bytes:
    """What the package does there, as a :class:`nequip_pack.life.values.Seen` that expects no outputs."""
    import torch

    from nequip_pack.life.seen import run, seen
    from nequip_pack.life.values import Seen
    from nequip_pack.load import load_package

    torch.set_num_threads(request["threads"])
    package = Path(request["package"])
    inside = [name for name in _modules(package) if name.partition(".")[0] in request["packages"]]
    if missing := _not_here(inside):
        return tensors(asdict(Seen(skipped=f"{', '.join(missing)} cannot be imported here")))

    def loaded() -> Mapping[str, Any]:
        made = load_package(package)
        return run(made.models, made.example_data)

    return tensors(asdict(seen(loaded, {}, again=True)))


def _modules(package: Path) -> list[str]:
    """The modules whose source the package has."""
    from nequip_pack.format import open_archive

    members = [name for name in sorted(open_archive(package).members) if name.endswith(".py")]
    return [name.removesuffix(".py").removesuffix("/__init__").replace("/", ".") for name in members]


def _not_here(modules: list[str]) -> list[str]:
    """Import modules from this environment; gives the top-level packages that it does not have."""
    for module in modules:
        with contextlib.suppress(Exception, SystemExit):
            importlib.import_module(module)
    return sorted({module.partition(".")[0] for module in modules} - sys.modules.keys())


def main() -> NoReturn:
    """Answer the one request of this process."""
    sys.exit(answer(examine))
