"""What became of each module of a package, and the imports that led there: recorded, or read from source."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from nequip_lint import api as lint
from nequip_pack.format import open_archive
from nequip_pack.format.closure import Way, read_closure, read_ways
from nequip_pack.format.consistency import read_consistent
from nequip_pack.format.copies import copied_source
from nequip_pack.format.manifest import check_content
from nequip_pack.format.metadata import extern_modules
from nequip_pack.scratch import Scratch
from nequip_pack.snapshot.check import roots_of

if TYPE_CHECKING:
    from nequip_pack.format import Metadata


class Recorded(NamedTuple):
    """The closure of a package.

    `actions` by module; `ways` to all modules but the roots and those of which nobody knows how they came;
    `members` are the files of the modules that it holds; `target` is the machine that it was built for, where
    the gate recorded that.
    """

    roots: tuple[str, ...]
    actions: Mapping[str, str]
    ways: Mapping[str, Way]
    members: Mapping[str, str]
    target: Mapping[str, object] | None


def recorded_closure(path: Path) -> Recorded:
    """The closure of a package; nothing of it runs.

    Args:
        path: of the package.

    Raises:
        InputError: if it is missing or no package.
        DamagedError: if it is damaged.
        FormatError: if a newer release wrote it.
    """
    archive = open_archive(path)
    check_content(archive)
    metadata, _ = read_consistent(archive)
    actions, ways = read_closure(archive), read_ways(archive)
    with Scratch() as place:
        code = lint.archived_code(copied_source(archive, place))
        roots = roots_of(archive, metadata, code)
        if not ways:
            found = lint.closure_in(code, roots).via
            ways = {
                name: Way(edge.importer.module, edge.item.span.line, edge.item.statement)
                for name, edge in found.items()
            }
        members = {
            name: Path(facts.path).relative_to(code.folder).as_posix() for name, facts in code.facts.items()
        }
    externals = dict.fromkeys(extern_modules(archive), "extern")
    known = actions or {**externals, **dict.fromkeys(members, "intern")}
    return Recorded(roots, known, ways, members, _target(metadata))


def _target(metadata: Metadata) -> Mapping[str, object] | None:
    gate = (metadata.nequip_pack or {}).get("lint")
    found = gate.get("target") if isinstance(gate, Mapping) else None
    return found if isinstance(found, Mapping) else None
