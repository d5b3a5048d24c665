"""The order of a build (docs: the gate judges, the export writes, the proof opens what was written)."""

from __future__ import annotations

import os
import warnings
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from nequip_pack import start
from nequip_pack.checkpoint import LoadedModels, Source, open_source
from nequip_pack.checkpoint.loaded import check_cutoff
from nequip_pack.errors import InputError
from nequip_pack.export.exported import Exported, export_into, interned_packages, objects
from nequip_pack.export.proof import BUILD, Proof, prove
from nequip_pack.export.roots import Roots, pickle_roots
from nequip_pack.format import open_archive
from nequip_pack.format.archive import SOURCE_LIMIT
from nequip_pack.format.copies import too_long
from nequip_pack.garbage import no_collection
from nequip_pack.gate.hooks import Allowance, BuildContext, Gate
from nequip_pack.units import in_bytes
from nequip_pack.writing.publication import publishing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from nequip_pack.life.values import Extent
    from nequip_pack.registry import Patterns
    from nequip_pack.writing.draft import Draft
    from nequip_pack.writing.publication import Publication


@dataclass(frozen=True, slots=True)
class BuildResult:
    """A finished build.

    Attributes:
        output: the package.
        size: in bytes.
        models: the compile modes in it.
        collected: module name to action.
        proof: what the fresh process was compared in.
        record: the gate's verdict.
        absent: the modules that are reached and not installed here.
    """

    output: Path
    size: int
    models: tuple[str, ...]
    collected: dict[str, str]
    proof: Proof
    record: dict[str, object]
    absent: frozenset[str]


def _silent(stage: str) -> None:
    """Say nothing."""


def build_package(
    checkpoint: str | os.PathLike[str],
    output: str | os.PathLike[str],
    *,
    mode: str | None = None,
    sources: Iterable[str | os.PathLike[str]] = (),
    example_data: str | os.PathLike[str] | None = None,
    origin: str | os.PathLike[str] | None = None,
    allow: Iterable[str] = (),
    lint: bool = True,
    gate: Gate | None = None,
    progress: Callable[[str], None] = _silent,
) -> BuildResult:
    """Build a package from a checkpoint, verify it, and put it at ``output``.

    Whatever goes wrong, and whenever: a file that was at ``output`` is untouched and nothing is left beside
    it (only SIGKILL or a power cut can leave a hidden ``.partial`` file).

    Args:
        checkpoint: written by ``nequip-train`` or :func:`nequip_pack.save_checkpoint`.
        output: ends in ``.nequip.zip``.
        mode: the packaging mode, a named set of compile modes; by default ``"nequip"``, and ``"eager"`` for a
            plain checkpoint.
        sources: folders of code that belongs to the user, whatever way it is installed.
        example_data: a file with one structure, instead of the checkpoint's own data.
        origin: where the package (or checkpoint) lies now that a fine-tuned model started from; compared with
            the hash that the checkpoint keeps of it, if it keeps one.
        allow: accepted losses, each ``CODE:MODULE``.
        lint: whether the gate judges; without it the closures are compared all the same.
        gate: judges the build; by default :class:`nequip_pack.gate.LintGate`.
        progress: is told each stage as it begins.

    Raises:
        NequipPackError: one subclass per exit code, see :mod:`nequip_pack.errors`.
    """
    judge = gate or _lint_gate()
    context = BuildContext(
        checkpoint=Path(checkpoint),
        output=Path(output),
        sources=tuple(Path(source) for source in sources),
        allow=tuple(Allowance.parse(text) for text in allow),
        lint=lint,
        given_origin=None if origin is None else Path(origin),
    )
    begun = start.now()
    with publishing(context.output) as publication:
        prepared = prepare(context, mode, example_data, judge, progress)
        return write_package(prepared, judge, begun, publication, progress)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A build up to the second verdict of its gate.

    Attributes:
        context: with what the source told.
        loaded: the models.
        patterns: the registrations in force.
        roots: of the pickles.
    """

    context: BuildContext
    loaded: LoadedModels
    patterns: Patterns
    roots: Roots


def prepare(
    context: BuildContext,
    mode: str | None,
    example_data: str | os.PathLike[str] | None,
    gate: Gate,
    progress: Callable[[str], None],
) -> Prepared:
    """Check what a build needs, let the gate judge what a load imports, load the models and find their roots.

    Raises:
        NequipPackError: as the build.
    """
    check_folders(context)
    file = None if example_data is None else Path(example_data)
    source = open_source(context.checkpoint, file, context.sources, context.given_origin)
    return prepare_from(source, context, mode, gate, progress)


def prepare_from(
    source: Source,
    context: BuildContext,
    mode: str | None,
    gate: Gate,
    progress: Callable[[str], None],
) -> Prepared:
    """The same for a source that is open.

    Raises:
        NequipPackError: as the build.
    """
    source.check()
    context = replace(context, imports=source.imports())
    with no_collection():
        progress("judging what a load imports")
        gate.before_import(context)
        progress("loading the models")
        patterns = source.patterns()
        modes = source.modes(mode or source.default_mode)
    loaded = source.load(modes)
    check_cutoff(loaded, source.path)
    progress("judging what will be packaged")
    roots = pickle_roots(objects(loaded), loaded.importers)
    return Prepared(replace(context, origin=_origin(loaded)), loaded, patterns, roots)


def check_folders(context: BuildContext) -> None:
    """Check that the folders of owned code exist.

    Raises:
        InputError: naming the first that does not.
    """
    for folder in context.sources:
        if not folder.exists():
            raise InputError("there is no such source folder", where=folder, remedy="check --source")


def _lint_gate() -> Gate:
    from nequip_pack.gate import LintGate

    return LintGate()


def _origin(loaded: LoadedModels) -> Path | None:
    return Path(loaded.importers[0].filename) if len(loaded.importers) > 1 else None


def write_package(
    prepared: Prepared,
    gate: Gate,
    begun: start.Moment,
    publication: Publication,
    progress: Callable[[str], None],
    *,
    of: str = "checkpoint",
    extent: Extent = BUILD,
) -> BuildResult:
    """Let the gate judge what will be packaged, then write, prove and publish it.

    Args:
        prepared: the models and what is known of them.
        gate: judges.
        begun: the moment to prove from.
        publication: of the output.
        progress: is told each stage as it begins.
        of: what the models come from, for messages.
        extent: how far the proof goes.

    Raises:
        NequipPackError: as the build.
    """
    context, loaded, patterns = prepared.context, prepared.loaded, prepared.patterns
    verdict = gate.before_export(context, prepared.roots.modules, patterns)

    def write(draft: Draft) -> Exported:
        progress("writing the archive")
        return export_into(draft, loaded, patterns, verdict, prepared.roots.generated, context.output)

    def check(draft: Path, size: int, exported: Exported) -> Proof:
        _warn_of_long_files(draft)
        progress(f"verifying {in_bytes(size)} in a fresh process")
        blocked = interned_packages(exported.modules, patterns)
        expected = exported.outputs
        return prove(draft, context.output, loaded, expected, blocked, latest=begun, of=of, extent=extent)

    done = publication.publish(write, check)
    modules, record = done.content.modules, dict(verdict.record)
    forgotten = (name for name, action in (verdict.predicted or {}).items() if action == "absent")
    absent = verdict.absent_externals.union(forgotten)
    return BuildResult(context.output, done.size, tuple(loaded.models), modules, done.proof, record, absent)


def _warn_of_long_files(draft: Path) -> None:
    for member in too_long(open_archive(draft)):
        warnings.warn(
            f"{member.path} has {in_bytes(member.size)}, more than the {in_bytes(SOURCE_LIMIT)} of one file "
            "that audit and verify read: they refuse this package; split it, or keep its numbers in buffers",
            stacklevel=2,
        )
