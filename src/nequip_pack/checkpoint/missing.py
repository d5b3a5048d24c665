"""What a checkpoint names and this process cannot import, said so that it can be helped."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from nequip_pack.checkpoint.configuration import mappings
from nequip_pack.errors import EnvironmentLacksError
from nequip_pack.installed import how_to_install, is_installed

_MAIN: Final = "__main__"
_SCRIPT: Final = (
    "the script or notebook that wrote the checkpoint (`__main__`), which no other process can import"
)
_MOVE: Final = "move it to a module that can be imported, and write the checkpoint again with its new name"


def is_of_script(name: str) -> bool:
    """Whether a dotted name means the script of another process."""
    top, _, rest = name.partition(".")
    return top == _MAIN and not hasattr(sys.modules[_MAIN], rest.partition(".")[0])


def of_script(path: Path, name: str) -> EnvironmentLacksError:
    """The error for what was defined in a script."""
    return EnvironmentLacksError(f"the checkpoint needs {name} from {_SCRIPT}", where=path, remedy=_MOVE)


def why_not_made(config: object) -> str | None:
    """Why something cannot be made from its configuration, if the names in it tell that."""
    for target in targets(config):
        if is_of_script(target):
            return f"{target} is from {_SCRIPT}"
        if not target.startswith(f"{_MAIN}.") and not is_installed(target):
            return f"it names {target}, and {target.partition('.')[0]} is not installed"
    return None


def check_target(path: Path, part: str, target: str) -> None:
    """Check that the package of a class or function is there, without importing it.

    Args:
        path: the checkpoint.
        part: what it is in the checkpoint, for the message.
        target: its dotted name.

    Raises:
        EnvironmentLacksError: if it is not.
    """
    if is_of_script(target):
        raise of_script(path, target)
    top = target.partition(".")[0]
    if top != _MAIN and not is_installed(top):
        what = f"the checkpoint needs the package {top}, which is not installed"
        why = f"its {part} is {target}"
        raise EnvironmentLacksError(what, where=path, why=why, remedy=how_to_install(top))


def targets(config: object) -> Iterator[str]:
    """Every ``_target_`` of a configuration, in its order."""
    found = (mapping.get("_target_") for mapping in mappings(config))
    return (target for target in found if isinstance(target, str) and "." in target)
