"""An audit as a whole."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from nequip_pack.audit import behaviour, externals, members, origins, pickles
from nequip_pack.audit.findings import Audit, Finding, Level, eyes
from nequip_pack.audit.source import MOCK, Source, module_of
from nequip_pack.compare.packages import compare_packages
from nequip_pack.compare.pickled import read_pickle
from nequip_pack.errors import Refused
from nequip_pack.format.consistency import read_consistent
from nequip_pack.format.manifest import check_content
from nequip_pack.format.sealed import open_sealed
from nequip_pack.scratch import Scratch

if TYPE_CHECKING:
    import os

    from nequip_pack.format import Archive, Metadata

Opened = tuple["Archive", "Metadata"]


def audit_package(
    package_path: str | os.PathLike[str],
    *,
    against: str | os.PathLike[str] | None = None,
    accepted: Collection[str] = (),
    wheels: Sequence[Path] = (),
) -> Audit:
    """Tell what loading a package would do that no build of ours or of nequip makes it do.

    Nothing of the package runs or is imported, and torch is not needed.

    Args:
        package_path: the package.
        against: another package, which is trusted: all differences are findings, and source that is in both
            is known.
        accepted: distributions whose source may differ from the release that it claims to be.
        wheels: wheels of releases, to compare source with.

    Raises:
        NequipPackError: if one of the packages, or a wheel, cannot be read, or if a distribution is accepted
            of which nothing is here.
    """
    archive = open_sealed(Path(package_path))
    check_content(archive)
    metadata, _ = read_consistent(archive)
    other = None if against is None else _opened(Path(against))
    return audited(archive, metadata, against=other, accepted=accepted, wheels=wheels)


def audited(
    archive: Archive,
    metadata: Metadata,
    *,
    against: Opened | None = None,
    accepted: Collection[str] = (),
    wheels: Sequence[Path] = (),
) -> Audit:
    """The same of an open package, whose content was compared with its checksums before."""
    with Scratch() as place:
        source = Source(archive, place)
        origin = origins.judge(source, metadata, accepted, wheels)
        libraries = {name.partition(".")[0] for name in metadata.external_modules}
        reached = pickles.reached(source, libraries)
        unknown = origin.unknown if against is None else origin.unknown - _in_both(source, against[0])
        unknown |= frozenset() if source.has_known_mock else {module_of(MOCK)}
        called = [name for name in reached.called if source.kind(*name) == "class"]
        findings = [
            *reached.findings,
            *pickles.graphs_apart(source, reached.graphs),
            *members.unlike_a_build(source, metadata, _storages(archive)),
            *externals.unneeded(source, metadata, {module for module, _ in reached.named}),
            *origin.findings,
            *(behaviour.deeds(source, unknown, called) if unknown else ()),
            *behaviour.reached_by_pickles(source, reached.called, _asked(reached, origin)),
            *(() if against is None else _differences((archive, metadata), against)),
        ]
    worst_first = sorted(dict.fromkeys(findings), key=lambda finding: -finding.level)
    return Audit(
        tuple(worst_first),
        origin.origins,
        len(reached.named),
        "" if archive.sealed is None else archive.sealed.digest,
    )


def _asked(reached: pickles.Reached, origin: origins.Judged) -> dict[tuple[str, str], str]:
    """What pickles name whose unpickling nobody has looked at, or that they call."""
    is_seen = {name for name in reached.named if name[0].partition(".")[0] in origin.summarised}
    is_seen -= {name for name in reached.named if name[0] in origin.unknown or name in reached.called}
    return {name: member for name, member in reached.named.items() if name not in is_seen}


def must_pass(found: Audit, where: Path) -> None:
    """Stop if an audit refuses.

    Raises:
        Refused: naming the worst that was found.
    """
    refused = [finding for finding in found.findings if finding.level is Level.REFUSE]
    if refused:
        first = refused[0]
        more = f", and {len(refused) - 1} more" if len(refused) > 1 else ""
        what = f"the audit refuses this package: {first.place}: {first.what}{more}"
        raise Refused(what, where=where, remedy="see `nequip-pack audit`; nothing of it was run")


def _opened(path: Path) -> Opened:
    archive = open_sealed(path)
    check_content(archive)
    return archive, read_consistent(archive)[0]


def _in_both(source: Source, other: Archive) -> set[str]:
    """The modules whose source another package has too, byte for byte."""
    shared = ((module, name) for module, name in source.members.items() if name in other.members)
    return {module for module, name in shared if source.archive.read(name) == other.read(name)}


def _storages(archive: Archive) -> set[str]:
    pickled = (read_pickle(archive, name) for name in archive.members if name.endswith(".pkl"))
    return {member for one in pickled for member in one.storages}


def _differences(package: Opened, other: Opened) -> Iterator[Finding]:
    for kind, lines in compare_packages(other, package).items():
        if lines:
            what = f"is not as in {other[0].path.name}: {kind}, {len(lines)} lines of differences"
            yield eyes("against", kind, what, details=tuple(lines[:20]))
