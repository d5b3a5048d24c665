"""The exact roots of a package: every module that one of its pickles names."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nequip_pack.errors import ModelError
from nequip_pack.writing.sink import NullSink
from nequip_pack.writing.storages import reproducible_pickles, without_content
from nequip_pack.writing.unpicklable import culprit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True, slots=True)
class Roots:
    """What the pickles of a build lead to.

    Attributes:
        modules: modules that a pickle names, and modules that generated code imports.
        generated: modules that exist in memory only, which torch.package writes for ``torch.fx.GraphModule``.
    """

    modules: frozenset[str]
    generated: frozenset[str]


def pickle_roots(objects: Mapping[str, Any], importers: Sequence[Any] = ()) -> Roots:
    """Pickle objects as ``PackageExporter.save_pickle`` does, keep nothing, and return what the pickles name.

    Bytes inside a pickle are not looked into, as torch.package does not: e3nn's ``CodeGenMixin`` keeps
    pickles of its own there.

    Args:
        objects: by name, which is used in messages only.
        importers: where classes are looked up; the Python environment if empty.

    Raises:
        ModelError: if an object cannot be pickled.
    """
    from torch.package import PackageExporter, sys_importer

    with warnings.catch_warnings(), reproducible_pickles():
        warnings.filterwarnings("ignore", message="TypedStorage is deprecated")
        probe = PackageExporter(NullSink(), importer=tuple(importers) or sys_importer)
        probe.extern("**")
        without_content(probe)
        for name, obj in objects.items():
            try:
                probe.save_pickle("probe", f"{name}.pkl", obj)
            except Exception as error:
                raise not_pickled(name, error) from error
    generated = frozenset(probe.interned_modules())
    return Roots(frozenset(probe.externed_modules()) - generated, generated)


def not_pickled(name: str, error: BaseException) -> ModelError:
    """The error for an object that could not be pickled: which of its attributes is to blame."""
    found = culprit(error, "model" if name.endswith("_model") else name)
    why = f"{type(error).__name__}: {error}"
    return ModelError(f"the {name} cannot be pickled", why=why, remedy=found.advice if found else "")
