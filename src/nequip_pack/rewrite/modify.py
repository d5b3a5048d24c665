"""``modify``: apply persistent modifiers to all models of a package and write it anew."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nequip_pack.load.outputs import same_bits
from nequip_pack.rewrite.modifiers import Wanted, apply_modifiers
from nequip_pack.rewrite.reload import reload
from nequip_pack.rewrite.target import target_of
from nequip_pack.rewrite.write import write_anew
from nequip_pack.writing.publication import publishing

if TYPE_CHECKING:
    from pathlib import Path

    from nequip_pack.format import Archive, Metadata
    from nequip_pack.load.outputs import Outputs


@dataclass(frozen=True, slots=True)
class Change:
    """One output before and after: its largest number each, and the largest difference; ``None`` if new."""

    name: str
    before: float | None
    after: float | None
    difference: float | None


def modify(
    archive: Archive,
    metadata: Metadata,
    output: Path | None,
    wanted: Sequence[Wanted],
    progress: Callable[[str], None],
) -> list[Change]:
    """Write a package whose models are modified, verified as a built one is.

    Args:
        archive: the package to start from, whose content was compared with its checksums.
        metadata: its metadata.
        output: ends in ``.nequip.zip``; ``None`` replaces the package itself. Untouched unless all succeeds.
        wanted: the modifiers, in this order.
        progress: is told each stage as it begins.

    Returns:
        The outputs for the example data that changed.

    Raises:
        UsageError: for a wrong output or modifier.
        NequipPackError: as a build does.
    """
    with publishing(target_of(archive, output)) as publication:
        progress("loading the models")
        loaded = reload(archive, metadata)
        before = _predict(loaded, archive.path)
        for models in loaded.models.values():
            apply_modifiers(models, wanted, archive.path)
        exported = write_anew(loaded, archive, metadata, publication, progress)
    return changes(before.tensors, exported.outputs.tensors)


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """The outputs that differ in at least one bit."""
    found = []
    for name in sorted({*before, *after}):
        old, new = before.get(name), after.get(name)
        if old is None or new is None or not same_bits(old, new):
            found.append(Change(name, _largest(old), _largest(new), _gap(old, new)))
    return found


def _predict(loaded: Any, where: Path) -> Outputs:
    from nequip_pack.export.references import predict

    return predict(loaded, where)


def _largest(value: Any) -> float | None:
    return None if value is None or not value.numel() else float(value.double().abs().max())


def _gap(old: Any, new: Any) -> float | None:
    if old is None or new is None or old.shape != new.shape or not old.numel():
        return None
    return float((old.double() - new.double()).abs().max())
