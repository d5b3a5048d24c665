"""``update``: replace or add files of a package, everything else byte for byte as it was."""

from __future__ import annotations

import math
import os
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import nequip_pack
from nequip_pack.errors import InputError, Refused, UsageError
from nequip_pack.format.closure import MEMBER as CLOSURE
from nequip_pack.format.closure import closure_text, counts, read_closure, read_ways, with_members
from nequip_pack.format.manifest import MEMBER as MANIFEST
from nequip_pack.format.manifest import add_manifest
from nequip_pack.format.metadata import EXTERNS, TEXT
from nequip_pack.format.records import records_gone
from nequip_pack.format.references import MEMBER as REFERENCES
from nequip_pack.format.version import PACK_FORMAT
from nequip_pack.load.numbers import Gap, gap, reduced
from nequip_pack.rewrite.predictions import predicted
from nequip_pack.rewrite.sources import new_externals
from nequip_pack.rewrite.target import target_of
from nequip_pack.units import in_bytes
from nequip_pack.verify.needs import present_version
from nequip_pack.verify.tolerance import SAME, floor, reached
from nequip_pack.writing.publication import publishing

if TYPE_CHECKING:
    from typing import BinaryIO

    from nequip_pack.format import Archive, Metadata
    from nequip_pack.load.outputs import Outputs
    from nequip_pack.writing.draft import Draft

_OURS: Final = (TEXT, MANIFEST, REFERENCES, EXTERNS, CLOSURE)


@dataclass(frozen=True, slots=True)
class Replacement:
    """A file for a package: the ``member`` it becomes, and the ``file`` that it is read from."""

    member: str
    file: Path


@dataclass(frozen=True, slots=True)
class Updated:
    """What an update did.

    Attributes:
        replaced: the members that were there before.
        added: those that were not.
        gap: the largest relative change of a prediction.
        left_out: why something that the models give shows nothing, by name.
    """

    replaced: tuple[str, ...]
    added: tuple[str, ...]
    gap: float
    left_out: Mapping[str, str]


def update(
    archive: Archive,
    metadata: Metadata,
    output: Path | None,
    replacements: Sequence[Replacement],
    progress: Callable[[str], None],
) -> Updated:
    """Write a package with other files, whose predictions are those of the one before.

    Args:
        archive: the package to start from, whose content was compared with its checksums.
        metadata: its metadata.
        output: ends in ``.nequip.zip``; ``None`` replaces the package itself. Untouched unless all succeeds.
        replacements: the files; the last one for a member counts.
        progress: is told each stage as it begins.

    Raises:
        UsageError: for a wrong output, or a member that no one may replace by hand.
        Refused: if a new source imports what is not there, or the predictions for the example data change by
            more than another machine of the same kind would.
        ModelError: if the package does not load, before or after.
    """
    with publishing(target_of(archive, output)) as publication:
        new = {item.member: _content(item) for item in replacements}
        if own := sorted(set(new) & set(_OURS) | {n for n in new if n.endswith((".pkl", ".storage"))}):
            raise UsageError(f"{own[0]} follows from the rest of the package; it cannot be replaced")
        changed = _changed(archive, metadata, new)
        progress("running the package in a fresh process")
        before = predicted(archive, archive.path)

        def write(draft: Draft) -> None:
            _write(draft.stream, archive, changed)
            add_manifest(draft.stream)

        def compare(draft: Path, size: int, content: None) -> tuple[float, Mapping[str, str]]:
            progress(f"verifying {in_bytes(size)} in a fresh process")
            after = predicted(archive, draft)
            return _compare(metadata, before, after, publication.output), after.without_numbers()

        gap, left_out = publication.publish(write, compare).proof
    names = set(archive.members)
    return Updated(tuple(sorted(set(new) & names)), tuple(sorted(set(new) - names)), gap, left_out)


def _changed(archive: Archive, metadata: Metadata, new: Mapping[str, bytes]) -> dict[str, bytes]:
    """All members that are not as they were: the files themselves, and what tells of them."""
    externals = new_externals(archive, metadata, new)
    closure = read_closure(archive)
    closure = with_members(closure, new, externals) if closure else {}
    changed = {**new, TEXT: _metadata(archive, metadata, new, externals, closure)}
    if closure:
        changed[CLOSURE] = closure_text(closure, read_ways(archive)).encode()
    if externals:
        changed[EXTERNS] = archive.read(EXTERNS).rstrip(b"\n") + "".join(f"\n{e}" for e in externals).encode()
    return changed


def _content(item: Replacement) -> bytes:
    try:
        content = item.file.read_bytes()
    except OSError as error:
        why = os.strerror(error.errno or 0)
        raise InputError("the local file cannot be read", where=item.file, why=why) from error
    return content if not item.member.endswith(".py") or content.endswith(b"\n") else content + b"\n"


def _write(stream: BinaryIO, archive: Archive, changed: Mapping[str, bytes]) -> None:
    """All members in the order of the archive, new ones last; the manifest is left for later."""
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as target:
        for name in dict.fromkeys((*archive.members, *changed)):
            if name == MANIFEST:
                continue
            content = changed.get(name)
            if content is None:
                content = archive.read(name, archive.members[name].size)
            target.writestr(zipfile.ZipInfo(f"{archive.prefix}/{name}"), content)


def _metadata(
    archive: Archive,
    metadata: Metadata,
    new: Mapping[str, bytes],
    externals: Sequence[str],
    closure: Mapping[str, str],
) -> bytes:
    """The metadata with the libraries that came with new sources, true counts, and a record of the files."""
    import yaml

    content: dict[str, Any] = {**metadata.raw}
    tops = {name.partition(".")[0] for name in externals}
    known = {**metadata.external_modules}
    known.update({top: present_version(top) for top in tops if top in known and known[top] is None})
    if "external_modules" in content:
        content["external_modules"] = known
    ours: dict[str, Any] = {"format": PACK_FORMAT, **(metadata.nequip_pack or {})}
    ours.setdefault("writer", "nequip")
    if records_gone(archive, metadata):
        ours["writer"] = "nequip"  # what is said of the package that nequip-pack wrote holds no more
        ours = {key: value for key, value in ours.items() if key not in ("lint", "closure")}
    record = {
        "by": f"nequip-pack {nequip_pack.__version__}",
        "replaced": sorted(name for name in new if name in archive.members),
        "added": sorted(name for name in new if name not in archive.members),
        "versions": {top: present_version(top) for top in sorted(_tops(new)) if present_version(top)},
    }
    ours["updates"] = [*(ours.get("updates") or []), record]
    if closure and isinstance(ours.get("closure"), Mapping):
        ours["closure"] = {**ours["closure"], "modules": counts(closure)}
    content["nequip_pack"] = ours
    return yaml.safe_dump(content, default_flow_style=False).encode()


def _tops(new: Mapping[str, bytes]) -> set[str]:
    return {name.partition("/")[0] for name in new if name.endswith(".py")}


def _compare(metadata: Metadata, before: Outputs, after: Outputs, output: Path) -> float:
    """The largest relative change of an output; what is passed on beside the results may change.

    Raises:
        Refused: if an output changes by more than another machine of the same kind would change it.
    """
    dtype = str((metadata.nequip_pack or {}).get("model_dtype") or "float32")
    gaps = {name: _gap(before.tensors.get(name), after.tensors.get(name)) for name in _results(before, after)}
    least = floor(gaps, dtype)
    lines = [
        f"{name}: {_words(apart, least)}"
        for name, apart in gaps.items()
        if reached(apart, least, dtype) != SAME
    ]
    if lines:
        what = f"the update changes {len(lines)} predictions for the example data"
        raise Refused(what, where=output, remedy="nothing was written", details="\n".join(lines))
    return max((apart.relative(least) for apart in gaps.values()), default=0.0)


def _results(before: Outputs, after: Outputs) -> list[str]:
    names = {*before.tensors, *after.tensors} - (before.intermediates & after.intermediates)
    return sorted(names)


def _gap(old: Any, new: Any) -> Gap:
    if old is None or new is None or (old.dtype, old.shape) != (new.dtype, new.shape):
        return Gap(None, None, math.inf, 0.0)
    return gap(reduced(old, old.numel()), reduced(new, new.numel()))


def _words(apart: Gap, least: float) -> str:
    if apart.reference is None:
        return "only before or after the update, or of another type or shape"
    return f"relative change {apart.relative(least):.3g} (from {apart.reference:.6g} to {apart.value:.6g})"
