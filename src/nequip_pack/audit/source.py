"""The Python source in a package, as text, and what the names in it are."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from nequip_lint import api as lint
from nequip_pack.audit.tables import mocks
from nequip_pack.format.copies import copied_source
from nequip_pack.format.metadata import extern_modules

if TYPE_CHECKING:
    from nequip_pack.format import Archive

SUFFIX: Final = ".py"
GENERATED: Final = "fx-generated/"
"""Where torch.package puts the source of a ``torch.fx.GraphModule`` (2.13, ``torch/fx/graph_module.py``)."""
STUB: Final = (
    b"from _mock import MockedObject\n"
    b"def __getattr__(attr: str):\n"
    b"    return MockedObject(__name__ + '.' + attr, _suppress_err=True)\n"
)
"""What torch.package writes in place of a mocked module (2.13, ``torch/package/package_exporter.py``)."""
MOCK: Final = "_mock.py"


def module_of(member: str) -> str:
    """The module that a member is the source of."""
    return member.removesuffix(SUFFIX).removesuffix("/__init__").replace("/", ".")


@dataclass(frozen=True)
class Source:
    """The source in a package.

    Attributes:
        archive: the package.
        place: a folder for copies of it.
    """

    archive: Archive
    place: Path

    @cached_property
    def code(self) -> lint.ArchivedCode:
        """The facts of it."""
        return lint.archived_code(copied_source(self.archive, self.place))

    @cached_property
    def uses(self) -> lint.Uses:
        """What it names."""
        return lint.uses(self.code)

    @cached_property
    def members(self) -> Mapping[str, str]:
        """The member of each module."""
        found = {module_of(name): name for name in self.archive.members if name.endswith(SUFFIX)}
        return {module: name for module, name in found.items() if not name.startswith(GENERATED)}

    @cached_property
    def externs(self) -> tuple[str, ...]:
        """The modules that the package takes from where it is loaded."""
        return extern_modules(self.archive)

    @cached_property
    def has_known_mock(self) -> bool:
        """Whether what torch.package writes for mocked modules, if it is there, is as we know it."""
        if MOCK not in self.archive.members:
            return True
        text = self.archive.read(MOCK).replace(b"\r\n", b"\n")
        return hashlib.sha256(text).hexdigest() in mocks()

    @cached_property
    def stubs(self) -> frozenset[str]:
        """The modules that are mocked, each exactly as torch.package writes it."""
        small = (m for m, name in self.members.items() if self.archive.members[name].size < 2 * len(STUB))
        return frozenset(m for m in small if self.archive.read(self.members[m]).strip() == STUB.strip())

    def has(self, module: str) -> bool:
        """Whether the package has a module, or something below it."""
        return module in self.members or module in self._parents

    def problem(self, module: str) -> str:
        """Why the source of a module cannot be read; '' where it can."""
        facts = self.code.facts.get(module)
        return facts.problem if facts is not None else ""

    def kind(self, module: str, name: str) -> str:
        """What a name in a module is: ``class``, ``function`` or ``value``; '' for what is not made there."""
        facts = self.code.facts.get(module)
        if facts is None or facts.problem:
            return ""
        imported = {bound for item in facts.imports for _, bound in item.names}
        imported |= {item.bound for item in facts.imports if item.bound}
        kinds = {binding.kind for binding in facts.bindings if binding.name == name}
        if name in imported or len(kinds) != 1:
            return ""
        (kind,) = kinds
        return kind if kind in ("class", "function") else "value"

    def imported(self, module: str) -> frozenset[str]:
        """The top-level names of the modules that a module imports, its own package's too."""
        named = (item.module for item in self.code.facts[module].imports)
        return frozenset(name.partition(".")[0] for name in named if name)

    @cached_property
    def _parents(self) -> frozenset[str]:
        return frozenset(parent for module in self.members for parent in _parents(module))


def _parents(module: str) -> Iterator[str]:
    while module := module.rpartition(".")[0]:
        yield module
