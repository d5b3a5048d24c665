"""Verify a package: statically here, and by loading it in a fresh process."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from nequip_pack.audit import Level
from nequip_pack.audit.run import audited, must_pass
from nequip_pack.errors import DamagedError, EnvironmentLacksError, FormatError, InputError, ModelError
from nequip_pack.format.manifest import read_manifest
from nequip_pack.format.metadata import extern_modules
from nequip_pack.format.records import GONE, records_gone
from nequip_pack.fresh import ask
from nequip_pack.verify.needs import MISSING, needs
from nequip_pack.verify.report import FAILED, NOT_ASKED, PASSED, UNCHECKED, Check, OutputCheck, Verdict
from nequip_pack.verify.whole import check_whole

if TYPE_CHECKING:
    from nequip_pack.audit import Audit
    from nequip_pack.errors import NequipPackError
    from nequip_pack.format import Archive, Metadata

_ERRORS: Final = {3: InputError, 4: DamagedError, 5: FormatError, 6: EnvironmentLacksError, 8: ModelError}
CPU: Final = "cpu"
_CUDA: Final = re.compile(rb"cuda:\d")
_STUB: Final = b"MockedObject"


def verify(
    archive: Archive, metadata: Metadata, *, physics: bool, device: str = CPU, run_refused: bool = False
) -> Verdict:
    """Everything that can be known of a package, whose content was compared with its checksums before.

    Args:
        archive: the package, sealed: what is loaded is what was audited.
        metadata: its metadata.
        physics: check symmetries, and forces against the energy, too.
        device: where the models run.
        run_refused: load it even if the audit refuses it.

    Raises:
        Refused: if the audit refuses it; nothing of it has run then.
        DamagedError: if it refers to members that it lacks.
        EnvironmentLacksError: if something that it needs is not here.
        ModelError: if it does not load or run.
    """
    check_whole(archive, metadata)
    if missing := [need for need in needs(archive, metadata) if need.state == MISSING]:
        names, remedy = (", ".join(n.name for n in missing), "; ".join(n.note for n in missing))
        raise EnvironmentLacksError(f"it cannot be loaded here: {names}", where=archive.path, remedy=remedy)
    audit = audited(archive, metadata)
    if not run_refused:
        must_pass(audit, archive.path)
    found = _loaded(archive, metadata, physics, device)
    gone = [Check("records", UNCHECKED, GONE)] if records_gone(archive, metadata) else []
    own = [] if physics else [Check("physics", UNCHECKED, NOT_ASKED)]
    checks = (_content(archive), _audited(audit), *gone, _locations(archive), *found.checks, *own)
    return replace(found, checks=checks)


def _content(archive: Archive) -> Check:
    count = len(archive.members)
    if read_manifest(archive) is None:
        return Check("content", PASSED, f"{count} members match their CRC-32; there is no manifest")
    return Check("content", PASSED, f"{count} members match their CRC-32 and the manifest's SHA-256")


def _audited(audit: Audit) -> Check:
    """What the audit says; of a refused package somebody wanted to see it run all the same."""
    if not audit.findings:
        return Check("audit", PASSED, audit.level.words)
    status = UNCHECKED if audit.level is Level.REFUSE else PASSED
    count = f"{len(audit.findings)} finding{'s' * (len(audit.findings) > 1)}"
    return Check("audit", status, f"{audit.level.words}: {count}, see `nequip-pack audit`")


def _locations(archive: Archive) -> Check:
    """Whether a pickle, or a pickle inside one, says that its numbers were on a GPU."""
    pickles = [name for name in archive.members if name.startswith("model/") and name.endswith(".pkl")]
    tagged = [name for name in pickles if _CUDA.search(archive.read(name, archive.members[name].size))]
    if tagged:
        return Check("storages", FAILED, f"stored as on CUDA in {', '.join(tagged)}")
    return Check("storages", PASSED, "none is stored as on CUDA")


def _loaded(archive: Archive, metadata: Metadata, physics: bool, device: str) -> Verdict:
    request = {
        "package": str(archive.path.resolve()),
        "digest": None if archive.sealed is None else archive.sealed.digest,
        "physics": physics,
        "device": device,
        "dtype": (metadata.nequip_pack or {}).get("model_dtype"),
    }
    answer = ask("nequip_pack.verify.child", frozenset(internal_packages(archive)), request)
    if answer.failure:
        what = "the package ended the process that loaded it"
        raise ModelError(what, where=archive.path, why=answer.failure, details="\n".join(answer.lacked))
    found = json.loads(answer.content)
    if "checks" not in found:
        raise _failure(archive, found)
    outputs = (OutputCheck(**{**item, "shape": tuple(item["shape"])}) for item in found["outputs"])
    return Verdict(tuple(Check(**check) for check in found["checks"]), tuple(outputs))


def internal_packages(archive: Archive) -> set[str]:
    """Top-level packages whose code the package brings along; stubs of mocked libraries do not count."""
    externals = {name.partition(".")[0] for name in extern_modules(archive)}
    found: set[str] = set()
    for name in archive.members:
        top, _, rest = name.partition("/")
        is_new = rest.endswith(".py") and top not in externals and top not in found
        if is_new and _STUB not in archive.read(name):
            found.add(top)
    return found


def _failure(archive: Archive, found: dict[str, Any]) -> NequipPackError:
    kind = _ERRORS.get(found["code"], ModelError)
    return kind(found["what"], where=archive.path, why=found["why"], remedy=found["remedy"])
