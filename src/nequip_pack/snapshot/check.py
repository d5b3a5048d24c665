"""``nequip-lint check`` of packages."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nequip_lint import api as lint
from nequip_pack.compare.pickled import read_pickle
from nequip_pack.errors import DamagedError
from nequip_pack.format import open_archive
from nequip_pack.format.consistency import read_consistent
from nequip_pack.format.copies import copied_source
from nequip_pack.format.manifest import check_content
from nequip_pack.format.metadata import extern_modules, model_member, python_version
from nequip_pack.format.records import GONE, records_gone
from nequip_pack.scratch import Scratch

if TYPE_CHECKING:
    from nequip_pack.format import Archive, Metadata

_PYTHON = re.compile(r"([0-9]{1,3})\.([0-9]{1,3})(?![0-9])")


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found in a package.

    Attributes:
        findings: of all rules.
        files: the number of its source files.
        loads: whether it loads on the machine; None where findings leave that open.
        verdict: the same in words.
        notes: what to say besides, the verdict first.
    """

    findings: tuple[lint.Finding, ...]
    files: int
    loads: bool | None
    verdict: str
    notes: tuple[str, ...]


def check_package(path: Path, machine: lint.Machine) -> Checked:
    """Lint the source inside a package; nothing of it runs.

    Args:
        path: of the package.
        machine: where it is to be loaded.

    Raises:
        InputError: if it is missing or no package.
        DamagedError: if it is damaged.
        FormatError: if a newer release wrote it.
    """
    archive = open_archive(path)
    check_content(archive)
    metadata, oddities = read_consistent(archive)
    externals = frozenset(extern_modules(archive))
    with Scratch() as place:
        copies = copied_source(archive, place)
        code = lint.archived_code(copies)
        judged = lint.judge_package(
            code,
            machine,
            roots=roots_of(archive, metadata, code),
            externals=externals,
            versions=metadata.external_modules,
            python=_built_with(archive),
            mocks=_absent_mocks(metadata),
        )
    findings = tuple(_in_package(finding, path, copies.folder) for finding in judged.findings)
    said = [*oddities, GONE] if records_gone(archive, metadata) else oddities
    unknown = (machine.present | machine.absent) - lint.libraries_named(code, externals)
    told = [judged.verdict, *map(lint.escaped, said)]
    told += [f"nothing in it imports {name}" for name in sorted(unknown)]
    notes = tuple(f"{path}: {line}" for line in told)
    return Checked(findings, len(code.facts), judged.loads, judged.verdict, notes)


def _built_with(archive: Archive) -> tuple[int, int]:
    found = _PYTHON.match(python_version(archive) or "")
    return (int(found[1]), int(found[2])) if found else (sys.version_info[0], sys.version_info[1])


def _absent_mocks(metadata: Metadata) -> frozenset[str]:
    closure: Any = (metadata.nequip_pack or {}).get("closure")
    names = closure.get("absent_mocks") if isinstance(closure, Mapping) else None
    return frozenset(map(str, names if isinstance(names, list) else ()))


def roots_of(archive: Archive, metadata: Metadata, code: lint.ArchivedCode) -> tuple[str, ...]:
    """The modules of the package that the models' pickles name.

    Raises:
        DamagedError: if the package does not have one of them.
    """
    pickles = (read_pickle(archive, model_member(mode)) for mode in metadata.available_models)
    modules = {module for pickled in pickles for module in pickled.modules}
    tops = {module.partition(".")[0] for module in code.facts}
    for module in sorted(modules - code.facts.keys()):
        if module.partition(".")[0] in tops:
            what = f"the package has no source of {module}, of which its model is made"
            raise DamagedError(what, where=archive.path, remedy="build the package again")
    return tuple(sorted(modules & code.facts.keys()))


def _in_package(finding: lint.Finding, path: Path, folder: Path) -> lint.Finding:
    """The same with paths below the package instead of the copy of its source."""
    copy, package = f"{folder}", f"{path.resolve()}"

    def renamed(text: str) -> str:
        return f"{package}{text.removeprefix(copy)}" if text.startswith(copy) else text

    chain = tuple(step._replace(path=renamed(step.path)) for step in finding.chain)
    return finding._replace(path=renamed(finding.path), chain=chain)
