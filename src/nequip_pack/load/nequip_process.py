"""What a running nequip process wants of a load. Looks only at modules that are imported already."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def compile_mode(requested: str) -> str:
    """The mode that nequip imposes while it loads a fine-tuned checkpoint, else ``requested``."""
    utils = sys.modules.get("nequip.model.utils")
    if utils is None:
        return requested
    mode, overridden = utils.get_current_compile_mode(return_override=True)
    return str(mode) if overridden else requested


def workflow() -> str | None:
    """``"train"``, ``"package"`` or ``"compile"`` inside one of nequip's commands."""
    state = sys.modules.get("nequip.scripts._workflow_utils")
    return None if state is None else state.get_workflow_state()


def restores_checkpoint() -> bool:
    """Whether nequip is loading a checkpoint, whose state the model that is loaded now will get."""
    utils = sys.modules.get("nequip.model.utils")
    return utils is not None and bool(utils.get_current_compile_mode(return_override=True)[1])


def shared_importer(path: Path, make: Callable[[Path], Any]) -> Any:
    """The importer of a packaging run, where all models must come from one; else a new one.

    Args:
        path: the package.
        make: makes an importer for it.
    """
    package: Any = sys.modules.get("nequip.model.saved_models.package")
    if package is None or workflow() != "package":
        return make(path)
    if package._PACKAGE_TIME_SHARED_IMPORTER is None:
        package._PACKAGE_TIME_SHARED_IMPORTER = make(path)
    return package._PACKAGE_TIME_SHARED_IMPORTER
