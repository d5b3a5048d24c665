"""A rehearsal: the build that a training will end in, made before it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from nequip_pack import start
from nequip_pack.checkpoint.nequip_source import NequIPSource
from nequip_pack.checkpoint.source import open_source
from nequip_pack.errors import UsageError
from nequip_pack.export.pipeline import BuildResult, check_folders, prepare_from, write_package
from nequip_pack.format import open_archive, read_metadata
from nequip_pack.format.added import REHEARSED
from nequip_pack.gate import LintGate
from nequip_pack.gate.hooks import Allowance, BuildContext
from nequip_pack.gate.machine import has_gpu
from nequip_pack.rehearsal.composition import Composition, of_mapping, overridden
from nequip_pack.rehearsal.source import ConfigurationSource
from nequip_pack.rehearsal.structure import made_structure
from nequip_pack.rewrite.again import whole_life
from nequip_pack.scratch import Scratch
from nequip_pack.verify.needs import Need, needs_anywhere
from nequip_pack.writing.publication import publishing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from nequip_pack.checkpoint import Source
    from nequip_pack.export.proof import Proof
    from nequip_pack.gate.hooks import Gate

SUFFIX: Final = ".rehearsed.nequip.zip"
_YAML: Final = ".yaml"
"""Hydra reads no file with another ending."""
_PATH = str | os.PathLike[str]


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """A rehearsal that went through.

    Attributes:
        path: the configuration, or the checkpoint that it names.
        closure: module name to action of everything that was packaged.
        absent: the modules that are reached and not installed here.
        models: the compile modes.
        versions: of torch, nequip and the extensions whose code was packaged.
        needs: what the package needs where it is loaded, with what this machine has of it.
        statistics: of the training data, by name, where numbers stood in for them.
        proof: what the fresh process was compared in.
        record: the gate's verdict.
        size: of the package, in bytes.
        kept: where the package is, if it was kept.
    """

    path: Path
    closure: Mapping[str, str]
    absent: frozenset[str]
    models: tuple[str, ...]
    versions: Mapping[str, str | None]
    needs: tuple[Need, ...]
    statistics: Mapping[str, Any]
    proof: Proof
    record: Mapping[str, object]
    size: int
    kept: Path | None


@dataclass(frozen=True, slots=True)
class Options:
    """How a rehearsal is done; see :func:`rehearse`."""

    data: bool
    example_data: Path | None
    mode: str | None
    sources: tuple[Path, ...]
    allow: tuple[Allowance, ...]
    lint: bool
    compiled: bool
    keep: Path | None
    gate: Gate
    progress: Callable[[str], None]


def _silent(stage: str) -> None:
    """Say nothing."""


def rehearse(
    config: _PATH | Mapping[str, Any] | Composition,
    overrides: Iterable[str] = (),
    *,
    data: bool = False,
    example_data: _PATH | None = None,
    mode: str | None = None,
    sources: Iterable[_PATH] = (),
    allow: Iterable[str] = (),
    lint: bool = True,
    compiled: bool = False,
    keep: _PATH | None = None,
    gate: Gate | None = None,
    progress: Callable[[str], None] = _silent,
) -> Rehearsed:
    """Package the model of a training configuration with untrained weights, verify that, and throw it away.

    No data is read, nothing is downloaded, and no folder, log or callback is made. The model of a checkpoint
    is rehearsed as it is, also where it is the ``ckpt_path`` of a configuration.

    Args:
        config: a YAML file for ``nequip-train``, what Hydra made of one, or a checkpoint.
        overrides: of a YAML file, as ``nequip-train`` takes them: ``"a.b=3"``, ``"++a=b"``, ``"~a"``.
        data: whether statistics and example come from the training data; else they are made up.
        example_data: a file with one structure for the example.
        mode: the packaging mode, a named set of compile modes.
        sources: folders of code that belongs to the user, whatever way it is installed.
        allow: accepted losses, each ``CODE:MODULE``.
        lint: whether the gate judges; without it the closures are compared all the same.
        compiled: whether models of other compile modes than eager are run too, which compiles them.
        keep: where to keep the package; ends in ``.rehearsed.nequip.zip``.
        gate: judges the build; by default :class:`nequip_pack.gate.LintGate`.
        progress: is told each stage as it begins.

    Raises:
        UsageError: if the configuration does not compose, or no training could start from it.
        EnvironmentLacksError: if this machine lacks something that it names.
        NequipPackError: as :func:`nequip_pack.build_package`.
    """
    if isinstance(overrides, str):
        raise UsageError(f"overrides={overrides!r} is a bare string", remedy=f"write [{overrides!r}]")
    options = _options(data, example_data, mode, sources, allow, lint, compiled, keep, gate, progress)
    begun = start.now()
    with Scratch() as folder:
        source = _source(config, tuple(overrides), folder, options)
        return _rehearsed(source, folder, options, begun)


def _options(
    data: bool,
    example_data: _PATH | None,
    mode: str | None,
    sources: Iterable[_PATH],
    allow: Iterable[str],
    lint: bool,
    compiled: bool,
    keep: _PATH | None,
    gate: Gate | None,
    progress: Callable[[str], None],
) -> Options:
    kept = None if keep is None else Path(keep)
    if kept is not None and not kept.name.endswith(SUFFIX):
        what = f"the name of a package of a rehearsal must end in {SUFFIX}"
        raise UsageError(what, where=kept, remedy="its weights are not trained, and the name says so")
    return Options(
        data,
        None if example_data is None else Path(example_data),
        mode,
        tuple(map(Path, sources)),
        tuple(map(Allowance.parse, allow)),
        lint,
        compiled,
        kept,
        gate or LintGate(),
        progress,
    )


def _source(
    config: _PATH | Mapping[str, Any] | Composition,
    overrides: tuple[str, ...],
    folder: Path,
    options: Options,
) -> Source:
    """The source of the model; ``folder`` takes what it writes."""
    if isinstance(config, (str, os.PathLike)) and Path(config).suffix == _YAML:
        composition = overridden(Path(config), overrides)
    elif overrides:
        raise UsageError("overrides belong to a YAML file, and this is none")
    elif isinstance(config, (str, os.PathLike)):
        return _of_checkpoint(Path(config), options)
    else:
        composition = config if isinstance(config, Composition) else of_mapping(config)
    if (checkpoint := composition.checkpoint()) is not None:
        return _of_checkpoint(checkpoint, options)
    return ConfigurationSource(composition, folder, options.data, options.example_data)


def _of_checkpoint(checkpoint: Path, options: Options) -> Source:
    source = open_source(checkpoint, options.example_data, options.sources)
    if isinstance(source, NequIPSource) and not options.data:
        return replace(source, made=made_structure)
    return source


def _rehearsed(source: Source, folder: Path, options: Options, begun: start.Moment) -> Rehearsed:
    """Go through a build; messages name the configuration in place of an output."""
    of = "configuration" if isinstance(source, ConfigurationSource) else "checkpoint"
    context = BuildContext(source.path, source.path, options.sources, options.allow, options.lint)
    check_folders(context)
    with publishing(options.keep or folder / f"model{SUFFIX}") as publication:
        prepared = prepare_from(source, context, options.mode, options.gate, options.progress)
        records = {REHEARSED: {"statistics": {}}, **prepared.loaded.records}
        prepared = replace(prepared, loaded=replace(prepared.loaded, records=records))
        progress = options.progress
        extent = whole_life(compiled=options.compiled, gpu=has_gpu())
        built = write_package(prepared, options.gate, begun, publication, progress, of=of, extent=extent)
        return _result(source.path, publication.output, built, options.keep)


def _result(path: Path, package: Path, built: BuildResult, kept: Path | None) -> Rehearsed:
    archive = open_archive(package)
    metadata = read_metadata(archive)
    ours: Any = metadata.nequip_pack
    return Rehearsed(
        path=path,
        closure=built.collected,
        absent=built.absent,
        models=built.models,
        versions=metadata.versions,
        needs=tuple(needs_anywhere(archive, metadata)),
        statistics=ours[REHEARSED]["statistics"],
        proof=built.proof,
        record=built.record,
        size=built.size,
        kept=kept,
    )
