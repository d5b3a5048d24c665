"""The state of a packaging run of nequip, in which all models of one origin share an importer."""

from __future__ import annotations

import contextlib
import warnings
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextlib.contextmanager
def packaging_run() -> Iterator[None]:
    """Tell nequip that this is a packaging run, and leave its state as it was."""
    from nequip.model.saved_models import package
    from nequip.scripts._workflow_utils import get_workflow_state, set_workflow_state

    before = get_workflow_state(), package._PACKAGE_TIME_SHARED_IMPORTER
    set_workflow_state("package")
    package._PACKAGE_TIME_SHARED_IMPORTER = None
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="TypedStorage is deprecated")
            yield
    finally:
        set_workflow_state(before[0])
        package._PACKAGE_TIME_SHARED_IMPORTER = before[1]


def modes_in(origin: Any) -> tuple[str, ...]:
    """A model that came from a package can be packaged in the modes of that package only."""
    from nequip.model.saved_models.package import _get_package_metadata

    return tuple(_get_package_metadata(origin)["available_models"])
