"""What a project is about: whether its files are shipped, and whether it is one of nequip's world."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from nequip_lint import disk
from nequip_lint.declared.installed import mandatory
from nequip_lint.declared.metadata import Metadata
from nequip_lint.facts.values import Facts, Import
from nequip_lint.machine.evaluate import catches
from nequip_lint.machine.libraries import normalized
from nequip_lint.machine.target import Patterns
from nequip_lint.project.registrations import FUNCTION

_NEQUIP = "nequip"
_UNSHIPPED = frozenset({"benchmarks", "conftest", "docs", "examples", "scripts", "setup", "test", "tests"})
_OF_EXTENSIONS = frozenset({"GraphModuleMixin", "model_builder", "model_modifier", FUNCTION})
"""What nobody imports but who makes models for nequip."""


def is_shipped(facts: Facts, root: Path) -> bool:
    """Whether a file is part of what is installed: tests, examples and scripts define models too.

    Args:
        facts: of the file.
        root: of its project.
    """
    *folders, name = facts.path.removeprefix(f"{root}/").split("/")
    return not (name.startswith("test_") or _UNSHIPPED.intersection((*folders, name[:-3])))


def is_of_pytest(module: str) -> bool:
    """Whether only pytest runs a module.

    Args:
        module: its dotted name.
    """
    name = module.rpartition(".")[2]
    return name == "conftest" or name.startswith("test_")


def with_nequip(metadata: Metadata, files: Iterable[Facts], configured: Patterns) -> Metadata:
    """What a project declares, nequip among its requirements where its entry point or imports show that.

    Args:
        metadata: what is declared.
        files: the facts of the linted files.
        configured: the registrations of the configuration; one that names internal packages is for code that
            is packaged without nequip, whatever some file imports.
    """
    is_required = any(normalized(mandatory(item)) == _NEQUIP for item in metadata.requirements)
    if is_required or not (metadata.extensions or _is_imported(metadata, files, configured)):
        return metadata
    return metadata._replace(requirements=(*metadata.requirements, _NEQUIP))


def _is_imported(metadata: Metadata, files: Iterable[Facts], configured: Patterns) -> bool:
    listed = list(files)
    if configured.intern or any(facts.module.partition(".")[0] == _NEQUIP for facts in listed):
        return False
    is_bare = not disk.is_file(metadata.path)
    shipped = (facts for facts in listed if is_bare or is_shipped(facts, metadata.root))
    return any(_shows(item) for facts in shipped for item in facts.imports)


def _shows(item: Import) -> bool:
    """Whether an import is of nequip, and no attempt for the case that it is there."""
    if (item.module or "").partition(".")[0] != _NEQUIP:
        return False
    is_tried = not item.place.at_import or catches(item.place.caught, "ModuleNotFoundError")
    return not is_tried or not _OF_EXTENSIONS.isdisjoint(name for name, _ in item.names)
