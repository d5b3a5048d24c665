"""What a report shows, gathered from the package. Nothing of it runs, unless a verification is asked for."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from nequip_lint import api as lint
from nequip_pack.audit.run import audited
from nequip_pack.format.references import read_references
from nequip_pack.snapshot import check_package
from nequip_pack.snapshot.recorded import recorded_closure
from nequip_pack.verify.readiness import readiness
from nequip_pack.verify.summary import summary

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nequip_pack.audit import Audit
    from nequip_pack.format import Archive, Metadata
    from nequip_pack.format.references import Reference
    from nequip_pack.snapshot.check import Checked
    from nequip_pack.snapshot.recorded import Recorded
    from nequip_pack.verify.readiness import Readiness
    from nequip_pack.verify.report import Verdict

PYTHONS: Final = ((3, 10), (3, 11), (3, 12), (3, 13), (3, 14))


@dataclass(frozen=True, slots=True)
class Seen:
    """A machine that was asked about, in words, and what the linter says of a load there."""

    machine: str
    said: str
    loads: bool | None


@dataclass(frozen=True, slots=True)
class Content:
    """All that a report shows.

    Attributes:
        summary: what the package says of itself, as ``info --json``.
        readiness: what it needs, and what is here.
        audit: what a load would run.
        checked: the findings of the linter.
        machines: where it loads.
        closure: its modules, and how torch.package came to them.
        references: the stored predictions, by ``model.output``.
        sizes: of the members, in bytes.
        verdict: of a verification, if one was asked for.
    """

    summary: Mapping[str, Any]
    readiness: Readiness
    audit: Audit
    checked: Checked
    machines: tuple[Seen, ...]
    closure: Recorded
    references: Mapping[str, Reference]
    sizes: Mapping[str, int]
    verdict: Verdict | None


def gather(archive: Archive, metadata: Metadata, *, verified: bool) -> Content:
    """Look at a package.

    Args:
        archive: the package, sealed.
        metadata: its metadata.
        verified: load it in a fresh process, too, and compare its outputs with the stored ones.

    Raises:
        Refused: if it is to be verified and the audit refuses it.
        NequipPackError: if it is damaged, or does not load for the verification.
    """
    from nequip_pack.verify.run import verify

    verdict = verify(archive, metadata, physics=False) if verified else None
    return Content(
        summary(archive, metadata),
        readiness(archive, metadata),
        audited(archive, metadata),
        check_package(archive.path, lint.any_machine()),
        tuple(_machines(archive)),
        recorded_closure(archive.path),
        read_references(archive),
        {name: member.size for name, member in archive.members.items()},
        verdict,
    )


def _machines(archive: Archive) -> list[Seen]:
    """What happens on the Pythons that there are, without and with a GPU."""
    here = sys.version_info[:2]
    any_one = lint.any_machine()
    machines = {
        f"Python {major}.{minor}": any_one._replace(python=(major, minor)) for major, minor in PYTHONS
    }
    machines[f"Python {here[0]}.{here[1]} with a GPU"] = any_one._replace(python=here, gpu=True)
    checked = {name: check_package(archive.path, machine) for name, machine in machines.items()}
    return [Seen(name, one.verdict, one.loads) for name, one in checked.items()]
