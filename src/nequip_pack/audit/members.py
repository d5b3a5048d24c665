"""The members of a package: only what a build writes."""

from __future__ import annotations

import re
import sys
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Final

from nequip_pack.audit.findings import Finding, eyes, refuse
from nequip_pack.audit.source import GENERATED, MOCK, SUFFIX, Source
from nequip_pack.audit.tables import endings
from nequip_pack.format import closure, manifest, references
from nequip_pack.format.layouts import PICKLE, VERSIONS
from nequip_pack.format.metadata import EXAMPLE, EXTERNS, PYTHON, TEXT, model_member
from nequip_pack.format.records import CONFIG

if TYPE_CHECKING:
    from nequip_pack.format import Metadata

_KIND: Final = "member"
_STORAGE: Final = ".storage"
_OWN: Final = frozenset(
    {
        *(EXTERNS, PYTHON, ".data/version", ".data/serialization_id", ".data/byteorder", "byteorder"),
        *(TEXT, EXAMPLE, CONFIG, PICKLE, VERSIONS),
        *(manifest.MEMBER, closure.MEMBER, references.MEMBER),
    }
)
_FOLDERS: Final = frozenset({"model", ".data", "torch_package_importer"})
_BUILTIN: Final = frozenset({"torch", "numpy", "functorch", "torchgen", "caffe2"})
_MODULE: Final = re.compile(r"(?:[^\W\d]\w*/)*[^\W\d]\w*\.py")


def unlike_a_build(source: Source, metadata: Metadata, storages: Collection[str]) -> Iterator[Finding]:
    """Members that no build writes, and source that hides what others import.

    Args:
        source: the source in the package.
        metadata: of the package.
        storages: the members that tensors are in.
    """
    models = {model_member(mode) for mode in metadata.available_models}
    for name in source.archive.members:
        if name.endswith(SUFFIX):
            yield from _of_source(source, name)
        elif name.startswith(".data/") and name.endswith(_STORAGE):
            if name not in storages:
                yield eyes(_KIND, name, "holds numbers that nothing in the package uses")
        elif name not in _OWN | models:
            yield _unknown(name)
    yield from _shadows(source, metadata)


def _of_source(source: Source, name: str) -> Iterator[Finding]:
    top = name.removesuffix(SUFFIX).partition("/")[0]
    if name == MOCK:
        if not source.has_known_mock:
            yield eyes(_KIND, name, "is not what the torch that we know writes there")
    elif top in _FOLDERS:
        yield refuse(_KIND, name, f"is code in the folder {top}, which runs when the package is loaded")
    elif not name.startswith(GENERATED) and not _MODULE.fullmatch(name):
        yield refuse(_KIND, name, "is source under a name that no module has")


def _unknown(name: str) -> Finding:
    ending = name.rpartition(".")[2].lower()
    if ending in endings():
        return refuse(_KIND, name, "is something to run or to unpickle that no build writes")
    if name.partition("/")[0] in _FOLDERS:
        return refuse(_KIND, name, "is nothing that a build writes")
    return eyes(_KIND, name, "is data that no build writes; source in the package may read it")


def _shadows(source: Source, metadata: Metadata) -> Iterator[Finding]:
    """Source under a name that is another's: its code would run in the place of that."""
    externs = set(source.externs)
    for module, name in source.members.items():
        top = module.partition(".")[0]
        if name == MOCK or module in source.stubs:
            continue
        if top in sys.stdlib_module_names:
            yield refuse(_KIND, name, f"takes the place of Python's own module {top}")
        elif top in _BUILTIN:
            yield refuse(_KIND, name, f"takes the place of the library {top}")
        elif hidden := next((extern for extern in _upwards(module) if extern in externs), None):
            yield refuse(_KIND, name, f"takes the place of {hidden}, which the package says to be outside")


def _upwards(module: str) -> Iterator[str]:
    while module:
        yield module
        module = module.rpartition(".")[0]
