"""The order of a build (docs: the gate judges, the export writes, the proof opens what was written)."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from nequip_pack import start
from nequip_pack.checkpoint import LoadedModels, Source, open_source
from nequip_pack.errors import InputError
from nequip_pack.export.exported import Exported, export_into, interned_packages, objects
from nequip_pack.export.proof import Proof, prove
from nequip_pack.export.roots import Roots, pickle_roots
from nequip_pack.garbage import no_collection
from nequip_pack.gate.hooks import Allowance, BuildContext, Gate
from nequip_pack.writing.publication import publishing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

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
    """

    output: Path
    size: int
    models: tuple[str, ...]
    collected: dict[str, str]
    proof: Proof
    record: dict[str, object]


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
    """Build a package from a checkpoint, prove it, and put it at ``output``.

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
        return _write(prepared, judge, begun, publication, progress)


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
    source = _source(context, None if example_data is None else Path(example_data))
    context = replace(context, imports=source.imports())
    with no_collection():
        progress("judging what a load imports")
        gate.before_import(context)
        progress("loading the models")
        patterns = source.patterns()
        modes = source.modes(mode or source.default_mode)
    loaded = source.load(modes)
    progress("judging what will be packaged")
    roots = pickle_roots(objects(loaded), loaded.importers)
    return Prepared(replace(context, origin=_origin(loaded)), loaded, patterns, roots)


def _source(context: BuildContext, example_data: Path | None) -> Source:
    """Whatever can be known in milliseconds."""
    for folder in context.sources:
        if not folder.exists():
            raise InputError("there is no such source folder", where=folder, remedy="check --source")
    source = open_source(context.checkpoint, example_data, context.sources, context.given_origin)
    source.check()
    return source


def _lint_gate() -> Gate:
    from nequip_pack.gate import LintGate

    return LintGate()


def _origin(loaded: LoadedModels) -> Path | None:
    return Path(loaded.importers[0].filename) if len(loaded.importers) > 1 else None


def _write(
    prepared: Prepared,
    gate: Gate,
    begun: start.Moment,
    publication: Publication,
    progress: Callable[[str], None],
) -> BuildResult:
    context, loaded, patterns = prepared.context, prepared.loaded, prepared.patterns
    verdict = gate.before_export(context, prepared.roots.modules, patterns)

    def write(draft: Draft) -> Exported:
        progress("writing the archive")
        return export_into(draft, loaded, patterns, verdict, prepared.roots.generated, context.output)

    def check(draft: Path, size: int, exported: Exported) -> Proof:
        progress(f"proving {size} bytes in a fresh process")
        blocked = interned_packages(exported.modules, patterns)
        return prove(draft, context.output, loaded, exported.outputs, blocked, latest=begun)

    done = publication.publish(write, check)
    modules, record = done.content.modules, dict(verdict.record)
    return BuildResult(context.output, done.size, tuple(loaded.models), modules, done.proof, record)
