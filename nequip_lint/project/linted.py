"""What a linted project is given and declares: files, entry points, what is internal."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

from nequip_lint.declared.metadata import Metadata
from nequip_lint.facts.values import Facts
from nequip_lint.machine.target import Patterns
from nequip_lint.project.about import is_shipped
from nequip_lint.project.named import Named
from nequip_lint.project.registrations import CORE
from nequip_lint.project.sources import Sources


class Linted:
    """The files of one project, and what it declares.

    Args:
        metadata: what the project declares.
        files: the facts of every linted file.
        sources: all source at hand.
        required: import names that every installation of the project has.
        extensions: internal packages besides nequip, e3nn and the project's own.
        settings: registrations that the configuration adds, by action.
        roots: exact roots, modules or what is named in them; None to infer them.
        in_force: the registrations in force, where they are known; None to work them out from source.
        unread: distributions of which it is not known what they require, that of the project perhaps.
    """

    def __init__(
        self,
        metadata: Metadata,
        files: tuple[Facts, ...],
        sources: Sources,
        required: frozenset[str] = frozenset(),
        extensions: Iterable[str] = (),
        settings: Patterns = Patterns(),  # noqa: B008  an immutable value
        roots: tuple[str | Named, ...] | None = None,
        in_force: Patterns | None = None,
        unread: frozenset[str] = frozenset(),
    ) -> None:
        self.metadata = metadata
        self.files = files
        self.sources = sources
        self.required = required
        self.extensions = frozenset(extensions)
        self.settings = settings
        self._exact_roots = roots
        self._in_force = in_force
        self.unread = unread
        self.owned = {facts.module: facts for facts in files}

    @property
    def uses_nequip(self) -> bool:
        """Whether the project is, or requires, nequip, which brings registrations of its own."""
        return "nequip" in self.required or any(top in CORE for top in self.tops)

    @cached_property
    def tops(self) -> frozenset[str]:
        """The top-level names of the linted modules."""
        return frozenset(module.partition(".")[0] for module in self.owned)

    @cached_property
    def entry_points(self) -> tuple[str, ...]:
        """The modules that the project's own entry points name."""
        return tuple(value.partition(":")[0].strip() for value in self.metadata.extensions)

    @cached_property
    def internal(self) -> frozenset[str]:
        """What is interned when this project's models are packaged."""
        core = CORE if self.uses_nequip else ()
        return frozenset((*core, *self.entry_points, *self.extensions)) | self.settings.intern

    @property
    def internal_tops(self) -> frozenset[str]:
        """The top-level names of what is interned."""
        return frozenset(name.partition(".")[0] for name in self.internal)

    @cached_property
    def packaged_tops(self) -> frozenset[str]:
        """The top-level names of what is linted or interned: nothing else defines a model's classes."""
        return self.tops | self.internal_tops

    def is_shipped(self, module: str) -> bool:
        """Whether a module is part of what is installed: tests, examples and scripts define models too."""
        covered = Patterns(intern=self.internal).action(module) is not None
        return covered or is_shipped(self.owned[module], self.metadata.root)

    def folder(self) -> Path:
        """The project's root folder."""
        return self.metadata.root
