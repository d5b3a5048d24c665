"""The modules that a package takes from where it is loaded: only those that something in it asks for."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Final

from nequip_pack.audit.findings import Finding, eyes, refuse
from nequip_pack.audit.source import Source
from nequip_pack.format.closure import read_closure
from nequip_pack.format.metadata import EXTERNS

if TYPE_CHECKING:
    from nequip_pack.format import Metadata

_KIND: Final = "external"
_ALWAYS: Final = frozenset({"torch", "numpy"})


def unneeded(source: Source, metadata: Metadata, named: Collection[str]) -> Iterator[Finding]:
    """Externals that the recorded closure, the source and the pickles do not account for.

    Args:
        source: the source in the package.
        metadata: of the package.
        named: the modules that pickles name.
    """
    recorded = read_closure(source.archive)
    externs = set(source.externs)
    if recorded:
        yield from _unlike_record(source, recorded, externs)
    asked = {*named, *_imported(source)}
    for name in sorted(externs - asked):
        if not any(other.startswith(f"{name}.") for other in asked):
            yield eyes(_KIND, EXTERNS, f"names {name}, which nothing in the package imports")
    declared = {name.partition(".")[0] for name in metadata.external_modules}
    tops = {name.partition(".")[0] for name in externs} - declared - _ALWAYS - sys.stdlib_module_names
    for top in sorted(tops):
        yield eyes(_KIND, EXTERNS, f"the library {top} is taken from where the package is loaded, undeclared")


def _unlike_record(source: Source, recorded: dict[str, str], externs: set[str]) -> Iterator[Finding]:
    known = {name for name, action in recorded.items() if action == "extern"}
    for name in sorted(externs - known):
        yield refuse(_KIND, EXTERNS, f"names {name}, which is not in the record of the build")
    inside = {name for name, action in recorded.items() if action in ("intern", "mock")}
    for module in sorted(source.members.keys() - inside - {"_mock"}):
        yield refuse(_KIND, source.members[module], "is source that is not in the record of the build")


def _imported(source: Source) -> Iterator[str]:
    """Every module that source imports, and every name that may be one."""
    for facts in source.code.facts.values():
        for item in facts.imports:
            if item.module:
                yield item.module
                yield from (f"{item.module}.{name}" for name, _ in item.names)
