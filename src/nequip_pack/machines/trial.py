"""Builds and loads in a new process that believes to be on another machine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nequip_pack.errors import InternalError
from nequip_pack.fresh import Machine, ask
from nequip_pack.machines.values import Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nequip_pack.machines.settings import Settings


def build(settings: Settings, machine: Machine) -> Outcome:
    """A rehearsal there, from its first check to its proof."""
    return _outcome({"settings": settings.plain()}, machine)


def load(package: Path, machine: Machine) -> Outcome:
    """Load a package of this machine there, and compare its predictions."""
    return _outcome({"package": str(package.absolute())}, machine)


def _outcome(request: Mapping[str, Any], machine: Machine) -> Outcome:
    """The process works in our folder, since a configuration may name files from there."""
    said = ask("nequip_pack.machines.child", frozenset(), request, machine=machine, folder=Path.cwd())
    if said.failure:
        return Outcome(InternalError.exit_code, said.failure, "\n".join(said.lacked))
    return Outcome(**json.loads(said.content))
